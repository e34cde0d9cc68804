// outer: the inner step of every matrix product, a rank-1 update of a 4 x 4 block.

// c + a b^T, rows of the result in the columns of a WGSL matrix.
fn add_outer(c: mat4x4f, a: vec4f, b: vec4f) -> mat4x4f {
  return mat4x4f(fma(vec4f(a.x), b, c[0]), fma(vec4f(a.y), b, c[1]), fma(vec4f(a.z), b, c[2]), fma(vec4f(a.w), b, c[3]));
}
