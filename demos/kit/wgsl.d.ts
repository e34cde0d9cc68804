/** esbuild gives the text of the file. */
declare module "*.wgsl" {
  const code: string;
  export default code;
}
