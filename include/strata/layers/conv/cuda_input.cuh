// The input gradient of Conv: a convolution of the output's gradient with the kernel turned over.
//
//     dx[n, h, w, c] = sum over i, j, f of dz[n, (h + top - i) / s, (w + left - j) / s, f] kernel[i, j, c, f]
//
// over those i and j for which the divisions by the stride s leave no rest. Which ones they are follows from the rests
// of h + top and w + left. So pixels with equal rests are a part of the product by themselves, and each part is a
// convolution of stride 1 with every s-th row and column of the kernel:
//
//     h = s a + p,  (p + top) mod s = i0,  i = i0 + s u:    dz row (h + top - i0) / s - u
//
// The s * s parts read what they need and multiply no zeros but those of the frame and of kernels that s does not
// divide. The kernel is read where it lies: its filters are the depth's fastest axis.
#pragma once

#include <strata/cuda/product.cuh>
#include <strata/layers/conv/cuda_patches.hpp>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The parts of the input gradient.
template <class C>
struct ConvPhases {
  static constexpr int s = C::stride, parts = s * s;
  static constexpr int height = (C::height + s - 1) / s, width = (C::width + s - 1) / s;  ///< pixels of a part
  static constexpr int pixels = height * width;
  static constexpr int steps_down = (C::kernel_height + s - 1) / s, steps_across = (C::kernel_width + s - 1) / s;
  static constexpr int depth = steps_down * steps_across * C::filters;

  /// A step of the kernel: u down, v across, and the filter; its row and column in the kernel.
  struct Step {
    int down, across, filter, row, column;
    bool inside;
  };
  static STRATA_DEVICE Step step(int part, int k) {
    const int filter = k % C::filters, u = k / C::filters / steps_across, v = k / C::filters % steps_across;
    const int row = (part / s + C::top) % s + s * u, column = (part % s + C::left) % s + s * v;
    return {u, v, filter, row, column, row < C::kernel_height && column < C::kernel_width};
  }

  /// A pixel of the input.
  struct Pixel {
    int sample, row, column;
  };
  static STRATA_DEVICE Pixel pixel(int part, int m) {
    const int in_part = m % pixels;
    return {m / pixels, in_part / width * s + part / s, in_part % width * s + part % s};
  }
};

/// dz, a line for each pixel of the input.
template <class C>
struct GradientPatches {
  using Phases = ConvPhases<C>;
  static constexpr Along along = Along::depth;
  static constexpr int width = copy_width<C::filters>;

  struct Line {
    std::int64_t offset;
    int row, column;  ///< of the output, before a step back
  };
  struct Depth {
    int offset, row, column;
  };

  const float* gradient;
  int samples;

  STRATA_DEVICE Line line(int part, int m) const {
    const auto pixel = Phases::pixel(part, m);
    if (pixel.sample >= samples) return {0, outside, outside};
    const int row = (pixel.row + C::top) / C::stride, column = (pixel.column + C::left) / C::stride;
    return {pixel.sample * C::out_stride + (row * C::out_width + column) * C::filters, row, column};
  }

  STRATA_DEVICE Depth depth(int part, int k) const {
    const auto step = Phases::step(part, k);
    return {step.filter - (step.down * C::out_width + step.across) * C::filters, step.inside ? -step.down : outside,
            -step.across};
  }

  STRATA_DEVICE const float* at(const Line& line, const Depth& depth) const {
    const auto row = static_cast<unsigned>(line.row + depth.row);
    const auto column = static_cast<unsigned>(line.column + depth.column);
    return row < C::out_height && column < C::out_width ? gradient + (line.offset + depth.offset) : nullptr;
  }
};

/// The kernel, a line for each channel of the input.
template <class C>
struct TurnedKernel {
  using Phases = ConvPhases<C>;
  static constexpr Along along = Along::depth;
  static constexpr int width = copy_width<C::filters>;

  /// Floats from the first one, -1 outside.
  using Line = int;
  using Depth = int;

  const float* kernel;

  STRATA_DEVICE Line line(int /*part*/, int channel) const { return channel < C::channels ? channel * C::filters : -1; }
  STRATA_DEVICE Depth depth(int part, int k) const {
    const auto step = Phases::step(part, k);
    return step.inside ? (step.row * C::kernel_width + step.column) * C::channels * C::filters + step.filter : -1;
  }
  STRATA_DEVICE const float* at(Line line, Depth depth) const {
    return line >= 0 && depth >= 0 ? kernel + (line + depth) : nullptr;
  }
};

/// The epilogue: every pixel where it belongs.
template <class C>
struct InputPixels {
  using Phases = ConvPhases<C>;

  float* gradient;

  STRATA_DEVICE void operator()(int part, int row, int column, float sum) const {
    const auto pixel = Phases::pixel(part, row);
    if (pixel.row < C::height && pixel.column < C::width)
      gradient[pixel.sample * C::in_stride + (pixel.row * C::width + pixel.column) * C::channels + column] = sum;
  }
};

/// The input gradient of the convolution C in precision P.
template <class C, class P>
struct conv_input_gradient {
  using Phases = ConvPhases<C>;
  using tiles = product_tiles<std::int64_t{Phases::pixels} * 8, C::channels>;
  using spec = ProductSpec<GradientPatches<C>, TurnedKernel<C>, C::channels, InputPixels<C>, P, tiles, Parts::of_rows>;

  static void run(Stream stream, const float* dz, const float* kernel, float* dx, int samples) {
    multiply<spec>(stream, {dz, samples}, {kernel}, {dx}, samples * Phases::pixels, Phases::depth, Phases::parts);
  }
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
