// batch: the sizes of the rows that a training step draws.

struct BatchDims {
  rows: u32,         // B
  joint: u32,        // N
  x_width: u32,      // Dx
  y_width: u32,      // Dy
}
