// gaussian: x ~ N(0, I), y = rho x + sqrt(1 - rho^2) e, fresh every step. I(X;Y) = -(d / 2) log(1 - rho^2) nats.
// With several levels rho climbs a staircase: one level per source_dims.level_steps steps, then it stays.
//
//   source_dims  GaussianDims  uniform
//   rho          (R, L)        read    correlation at each level of the staircase
import package::lib::draws::{row_bits};
import package::lib::random::{normal_pair};
import package::lib::staircase::{GaussianDims, level_at};

@group(0) @binding(5) var<uniform> source_dims: GaussianDims;
@group(0) @binding(6) var<storage, read> rho: array<f32>;

struct Draw { replica: u32, row: u32, is_joint: bool, rho: f32 }

fn source_draw(replica: u32, row: u32, is_joint: bool) -> Draw {
  let level = level_at(source_dims, clock[replica].step);
  return Draw(replica, row, is_joint, rho[replica * source_dims.levels + level]);
}

fn source_x(draw: Draw, d: u32) -> f32 {
  return normal_pair(row_bits(draw.replica, draw.row, d).xy).x;
}

fn source_y(draw: Draw, d: u32) -> f32 {
  let bits = row_bits(draw.replica, draw.row, d);
  if (!draw.is_joint) {
    return normal_pair(bits.zw).x;
  }
  let pair = normal_pair(bits.xy);
  return draw.rho * pair.x + sqrt(1.0 - draw.rho * draw.rho) * pair.y;
}
