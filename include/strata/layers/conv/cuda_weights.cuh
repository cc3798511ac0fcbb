// The weight gradient of Conv, and the bias gradient with it.
//
//     dkernel[i, j, c, f] = sum over n, h, w of x[n, h s + i - top, w s + j - left, c] dz[n, h, w, f]
//     dbias[f] = sum over n, h, w of dz[n, h, w, f]
//
// A product with few rows (taps) and columns (filters) and a depth of all pixels of the batch: tiles of it alone would
// keep few multiprocessors busy. So the depth is split into parts. How many follows from the shape alone; they leave
// their sums in scratch, 4 (taps + 1) filters bytes each, and a second launch adds them in their order. The bias
// gradient is the sum of dz's columns, which pass through shared memory anyway.
#pragma once

#include <strata/cuda/produced.hpp>
#include <strata/cuda/product.cuh>
#include <strata/layers/conv/cuda_patches.hpp>

#include <algorithm>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// dz, a line for each filter, as deep as all pixels of the batch.
template <class C>
struct GradientColumns {
  static constexpr Along along = Along::lines;
  static constexpr int width = copy_width<C::filters>;

  /// Floats from the first one, -1 outside.
  using Line = int;
  using Depth = std::int64_t;

  const float* gradient;
  int samples;

  STRATA_DEVICE Line line(int /*part*/, int filter) const { return filter < C::filters ? filter : -1; }
  STRATA_DEVICE Depth depth(int /*part*/, int m) const {
    const int sample = m / C::pixels;
    return sample < samples ? sample * C::out_stride + m % C::pixels * C::filters : -1;
  }
  STRATA_DEVICE const float* at(Line line, Depth depth) const {
    return line >= 0 && depth >= 0 ? gradient + (line + depth) : nullptr;
  }
};

/// The weight and bias gradients of the convolution C in precision P.
template <class C, class P, bool HasBias>
struct conv_weight_gradient {
  using tiles = product_tiles<C::taps, C::filters>;
  using gradients = ParameterGradients<C::taps, C::filters>;

  /// Two blocks for each of 132 multiprocessors, but no part so small that its sums outweigh what it reads: at least 8
  /// tiles of depth with 32 samples.
  static constexpr int blocks =
      ((C::taps + tiles::rows - 1) / tiles::rows) * ((C::filters + tiles::columns - 1) / tiles::columns);
  static constexpr int parts = std::clamp((264 + blocks - 1) / blocks, 1, std::max(1, C::pixels * 4 / tiles::depth));
  static constexpr std::int64_t floats = std::int64_t{C::taps + HasBias} * C::filters;
  static constexpr std::int64_t pitch = strata::detail::round_up(floats, 16);  ///< from part to part
  static constexpr std::int64_t bytes = parts > 1 ? parts* pitch * 4 : 0;      ///< of scratch

  static void run(Stream stream, const float* x, const float* dz, float* kernel, float* bias, float* scratch,
                  int samples) {
    if constexpr (parts == 1) {
      multiply<spec<gradients>>(stream, {{x, samples}}, {dz, samples}, {kernel, bias}, C::taps, samples * C::pixels);
    } else {
      using partial_sums = PartialSums<C::filters>;
      const partial_sums partial{scratch, pitch};
      multiply<spec<partial_sums>>(stream, {{x, samples}}, {dz, samples}, partial, C::taps, samples * C::pixels, parts);
      add_parts<AddPartsSpec<parts, C::filters, gradients>>(stream, partial, floats, {kernel, bias});
    }
  }

 private:
  template <class Epilogue>
  using spec = ProductSpec<TapLines<C>, GradientColumns<C>, C::filters, Epilogue, P, tiles, Parts::of_depth, HasBias>;
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
