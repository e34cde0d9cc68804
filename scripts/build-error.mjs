/** A defect in shaders/, by file and line. */
export class BuildError extends Error {}
