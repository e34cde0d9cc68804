// parts: the gradient as the backward pass leaves it, in the parts that sums over pairs were cut into. A kernel that adds them
// binds `d_params`, (M, R, P). Part 0 holds their sum then.

struct PartDims {
  count: u32,        // parameters of one replica
  stride: u32,       // P
  replicas: u32,     // R
  parts: u32,        // M
}

// The sum over all parts of the vector at `at` of part 0, always in one order. Four loads are on their way at a time.
fn sum_of_parts(at: u32, dims: PartDims) -> vec4f {
  let apart = dims.replicas * dims.stride / 4u;
  var sum = vec4f();
  var part = 0u;
  while (part + 4u <= dims.parts) {
    let place = at + part * apart;
    let a = d_params[place];
    let b = d_params[place + apart];
    let c = d_params[place + 2u * apart];
    let d = d_params[place + 3u * apart];
    sum += (a + b) + (c + d);
    part += 4u;
  }
  while (part < dims.parts) {
    sum += d_params[at + part * apart];
    part++;
  }
  return sum;
}
