// rows: the sizes of a fetch of named rows from the table.

struct RowDims {
  rows: u32,         // B
  x_width: u32,      // Dx
  y_width: u32,      // Dy
  columns: u32,      // C
}
