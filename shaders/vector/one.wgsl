// one: rows of any width. One memory access brings one element.

alias Cell = f32;
const CELL_SIZE = 1u;
const CELL_THREADS = 64u;         // of a workgroup, for 64 elements of a row
const CELL_ROWS = 1u;             // rows of a workgroup that takes several

fn four_of(cell: Cell) -> vec4f { return vec4f(cell); }
fn cell_of(four: vec4f) -> Cell { return four.x; }
fn sum_of(cell: Cell) -> f32 { return cell; }
fn with_first(cell: Cell, first: f32) -> Cell { return first; }
