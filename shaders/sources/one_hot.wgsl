// one_hot: x is one of Dx categories, uniform, as a one-hot vector, and y = x. I(X;Y) = log Dx nats.

import package::lib::draws::{row_bits};
import package::lib::random::{uniform_index};

struct Draw { x_category: u32, y_category: u32 }

fn source_draw(replica: u32, row: u32, is_joint: bool) -> Draw {
  let bits = row_bits(replica, row, 0u);
  let of_x = uniform_index(bits.x, dims.x_width);
  let of_y = select(uniform_index(bits.y, dims.y_width), of_x, is_joint);
  return Draw(of_x, of_y);
}

fn source_x(draw: Draw, d: u32) -> f32 {
  return select(0.0, 1.0, d == draw.x_category);
}

fn source_y(draw: Draw, d: u32) -> f32 {
  return select(0.0, 1.0, d == draw.y_category);
}
