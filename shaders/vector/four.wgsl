// four: one.wgsl for widths and offsets that are multiples of four. One memory access brings four elements: it costs a
// software adapter half as much as four accesses, and of a GPU a quarter of the instructions that wait for memory.

alias Cell = vec4f;
const CELL_SIZE = 4u;
const CELL_THREADS = 16u;         // of a workgroup, for 64 elements of a row
const CELL_ROWS = 4u;             // rows of a workgroup that takes several

fn four_of(cell: Cell) -> vec4f { return cell; }
fn cell_of(four: vec4f) -> Cell { return four; }
fn sum_of(cell: Cell) -> f32 { return (cell.x + cell.y) + (cell.z + cell.w); }
fn with_first(cell: Cell, first: f32) -> Cell { return vec4f(first, cell.yzw); }
