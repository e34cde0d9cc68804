/** What a command wrote on a stderr that is no terminal, without the lines of progress that a slow machine gets. */
export const withoutProgress = (stderr: string): string => stderr.replace(/^(?:\d+%(?: .*)?|.*: .* so far)\n/gm, "");
