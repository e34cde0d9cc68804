// image: feature maps in memory, and the way from a flat index back to a pixel.
// An image is (height, width, channels), row-major: the channels of a pixel lie side by side. So a layer on flattened
// images is a plain matrix product, and neighbouring columns of a convolution's product have neighbouring addresses.

// What a window moves over: a convolution's or a pooling's, the same forward and backward.
struct ImageDims {
  images: u32,         // S, or B for the first layer
  height: u32,         // of the input
  width: u32,
  channels: u32,
  out_height: u32,     // of the output
  out_width: u32,
  out_channels: u32,   // = channels where a window is pooled
  size: u32,           // side of the square window
  pixel_stride: u32,   // from one window to the next
  pad_top: u32,        // rows of zeros above the input; whatever else is outside is zero too
  pad_left: u32,
  offset: u32,         // of W (size, size, channels, out_channels) in a replica's parameters; b follows
  stride: u32,         // P
  bias: u32,           // 1: the layer has a bias
}

struct Divisor { value: u32, reciprocal: f32 }

fn divisor(value: u32) -> Divisor { return Divisor(value, 1.0 / f32(value)); }

// (n / d, n % d). An integer division costs a software adapter more than the memory access that it is for; a product
// with the reciprocal costs less. WGSL lets 1 / d be off by 2.5 ulp, so the product is off by 3 * 2^-23 of itself, which
// is below the half that was added as long as n < 2^20: a place within an image or a window.
fn divide(n: u32, d: Divisor) -> vec2u {
  let quotient = u32(i32((f32(i32(n)) + 0.5) * d.reciprocal));
  return vec2u(quotient, n - quotient * d.value);
}

// The same for n < 2^31 and a quotient below 2^20, the place of a pixel among all images: the quotient may be off by 1.
fn divide_large(n: u32, d: Divisor) -> vec2u {
  let quotient = i32(f32(i32(n)) * d.reciprocal);
  let value = i32(d.value);
  let rest = i32(n) - quotient * value;
  let step = select(0, 1, rest >= value) - select(0, 1, rest < 0);
  return vec2u(u32(quotient + step), u32(rest - step * value));
}
