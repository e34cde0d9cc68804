export function stepLine(name: string, step: object): string;
export function kernelTable(result: { kernels: Record<string, object[]>; peaks: object }): string;
