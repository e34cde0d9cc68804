/** Convolution, pooling and their gradients by their definition, in float64: a loop over windows, forward and backward. */
import type { Sum } from "./linear.ts";

/** As the WGSL's ImageDims; images are (height, width, channels). */
export interface Image {
  images: number;
  height: number;
  width: number;
  channels: number;
  out_height: number;
  out_width: number;
  out_channels: number;
  size: number;
  pixel_stride: number;
  pad_top: number;
  pad_left: number;
}

/** Calls `visit` with every pixel of the input that a window of the output covers: flat pixels of all images, and the tap. */
export function windows(s: Image, visit: (outPixel: number, pixel: number, tap: number) => void): void {
  for (let image = 0; image < s.images; image++) {
    for (let oy = 0; oy < s.out_height; oy++) {
      for (let ox = 0; ox < s.out_width; ox++) {
        for (let ky = 0; ky < s.size; ky++) {
          for (let kx = 0; kx < s.size; kx++) {
            const y = oy * s.pixel_stride + ky - s.pad_top;
            const x = ox * s.pixel_stride + kx - s.pad_left;
            if (y < 0 || x < 0 || y >= s.height || x >= s.width) continue;
            const outPixel = (image * s.out_height + oy) * s.out_width + ox;
            visit(outPixel, (image * s.height + y) * s.width + x, ky * s.size + kx);
          }
        }
      }
    }
  }
}

const sums = (count: number): Sum => ({ value: new Float64Array(count), magnitude: new Float64Array(count) });

function add({ value, magnitude }: Sum, at: number, term: number): void {
  value[at]! += term;
  magnitude[at]! += Math.abs(term);
}

/** z of one replica. `weights` is W (size, size, channels, out_channels), then b if there is one. */
export function convolve(s: Image, input: ArrayLike<number>, weights: ArrayLike<number>, bias: boolean): Sum {
  const z = sums(s.images * s.out_height * s.out_width * s.out_channels);
  windows(s, (outPixel, pixel, tap) => {
    for (let c = 0; c < s.channels; c++) {
      for (let o = 0; o < s.out_channels; o++) {
        const weight = weights[(tap * s.channels + c) * s.out_channels + o]!;
        add(z, outPixel * s.out_channels + o, input[pixel * s.channels + c]! * weight);
      }
    }
  });
  const first = s.size * s.size * s.channels * s.out_channels;
  if (bias) for (let i = 0; i < z.value.length; i++) add(z, i, weights[first + (i % s.out_channels)]!);
  return z;
}

/** Gradient by the input, from that by z. */
export function convolveBack(s: Image, d_output: ArrayLike<number>, weights: ArrayLike<number>): Sum {
  const d_input = sums(s.images * s.height * s.width * s.channels);
  windows(s, (outPixel, pixel, tap) => {
    for (let c = 0; c < s.channels; c++) {
      for (let o = 0; o < s.out_channels; o++) {
        const weight = weights[(tap * s.channels + c) * s.out_channels + o]!;
        add(d_input, pixel * s.channels + c, d_output[outPixel * s.out_channels + o]! * weight);
      }
    }
  });
  return d_input;
}

/** Gradient by W and b, from that by z. */
export function convolveWeights(s: Image, input: ArrayLike<number>, d_output: ArrayLike<number>, bias: boolean): Sum {
  const first = s.size * s.size * s.channels * s.out_channels;
  const d_params = sums(first + (bias ? s.out_channels : 0));
  windows(s, (outPixel, pixel, tap) => {
    for (let c = 0; c < s.channels; c++) {
      for (let o = 0; o < s.out_channels; o++) {
        const at = (tap * s.channels + c) * s.out_channels + o;
        add(d_params, at, input[pixel * s.channels + c]! * d_output[outPixel * s.out_channels + o]!);
      }
    }
  });
  if (bias) for (let i = 0; i < d_output.length; i++) add(d_params, first + (i % s.out_channels), d_output[i]!);
  return d_params;
}

/** The largest of every window and its flat pixel among all images; the first of equal ones. */
export function pool(s: Image, input: ArrayLike<number>): { value: Float64Array; pixel: Int32Array } {
  const count = s.images * s.out_height * s.out_width * s.channels;
  const value = new Float64Array(count);
  const pixel = new Int32Array(count).fill(-1);
  windows(s, (outPixel, at) => {
    for (let c = 0; c < s.channels; c++) {
      const out = outPixel * s.channels + c;
      const x = input[at * s.channels + c]!;
      if (pixel[out] === -1 || x > value[out]!) {
        value[out] = x;
        pixel[out] = at;
      }
    }
  });
  return { value, pixel };
}
