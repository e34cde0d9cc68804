// columns: how threads share the 1 + K pairs of a row of x. On a CPU one thread makes all of them, and loads x once; a GPU
// waits for its memory unless many threads do.

override COLUMNS_EACH: u32 = 65536u;  // columns of a thread, 1 + K at most unless it is set

struct Columns {
  replica: u32,
  first: u32,
  after: u32,        // the last one
}

// Threads that share a row's columns.
fn sharing(columns: u32) -> u32 { return (columns + COLUMNS_EACH - 1u) / COLUMNS_EACH; }

// What thread z of those of all replicas makes.
fn columns_of(z: u32, columns: u32) -> Columns {
  let threads = sharing(columns);
  let first = (z % threads) * COLUMNS_EACH;
  return Columns(z / threads, first, min(first + COLUMNS_EACH, columns));
}
