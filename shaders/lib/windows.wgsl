// windows: where a convolution's window lies on its input. An implicit matrix product over windows asks for the input under
// tap (window row, window column, channel) of output pixel (image, row, column), both as flat indices.
import package::lib::image::{ImageDims, Divisor, divisor, divide, divide_large};

// Found once per thread: a software adapter would load them again for every element.
var<private> first_image: u32;
var<private> height: u32;
var<private> width: u32;
var<private> pixel_stride: u32;
var<private> pad: vec2u;
var<private> out_plane: Divisor;
var<private> out_width: Divisor;
var<private> channels: Divisor;
var<private> size: Divisor;

struct WindowPlace {
  at: u32,          // in the input; 0 outside
  inside: bool,     // false: the window hangs over the edge there
}

fn begin_windows(dims: ImageDims, replica: u32) {
  first_image = replica * dims.images;
  height = dims.height;
  width = dims.width;
  pixel_stride = dims.pixel_stride;
  pad = vec2u(dims.pad_top, dims.pad_left);
  out_plane = divisor(dims.out_height * dims.out_width);
  out_width = divisor(dims.out_width);
  channels = divisor(dims.channels);
  size = divisor(dims.size);
}

fn place_of(output_pixel: u32, tap: u32) -> WindowPlace {
  let image = divide_large(output_pixel, out_plane);
  let pixel = divide(image.y, out_width);
  let channel = divide(tap, channels);
  let window = divide(channel.x, size);
  // Above and to the left of the input this wraps to a number far beyond its size.
  let y = pixel.x * pixel_stride + window.x - pad.x;
  let x = pixel.y * pixel_stride + window.y - pad.y;
  // & and not &&: a branch here, copied for every row of a tile, takes a software adapter minutes to compile.
  let inside = (y < height) & (x < width);
  let at = (((first_image + image.x) * height + y) * width + x) * channels.value + channel.y;
  return WindowPlace(select(0u, at, inside), inside);
}
