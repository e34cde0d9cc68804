/** Options of the command line that say how a file is written. */
export const readingOptions = [
  "--missing",
  "--missing-only",
  "--categorical",
  "--ordered",
  "--decimal",
  "--thousands",
  "--dates",
  "--delimiter",
  "--header",
  "--no-header",
];
