// Forward of a convolution over one channel: the first layer of nets for grey images. Its patches are so small, 9 or 25
// floats, that tensor cores would mostly multiply zeros, and the time goes into writing the output.
//
//     z[m, f] = sum over k of patch[m, k] kernel[k, f]
//
// A thread keeps the kernel of one filter in registers and makes some pixels of it. Neighbouring threads make
// neighbouring filters, then neighbouring pixels, as the output lies; they read the same float of the image at once, or
// neighbouring ones. A pixel costs 4 bytes read, from then on in the caches, and 4 written for each filter. The
// products are those of plain floats, in any precision.
#pragma once

#include <strata/cuda/launch.hpp>
#include <strata/layers/conv/cuda_patches.hpp>

#include <algorithm>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The policy: the convolution and its epilogue, as in ProductSpec; 8 pixels a thread pay for the kernel's loading.
template <class C, class Epilogue>
struct FirstConvSpec {
  using conv = C;
  using epilogue = Epilogue;
  static constexpr unsigned threads = 256;
  static constexpr int filters = std::min<int>(C::filters, threads);  ///< of a block
  static constexpr int pixels_together = static_cast<int>(threads) / filters;
  static constexpr int pixels_of_thread = 8, pixels = pixels_together * pixels_of_thread;
};

/// Makes some pixels of some filters.
template <class S>
__global__ void __launch_bounds__(S::threads)
    first_conv_kernel(Patches<typename S::conv> image, const float* __restrict__ kernel, typename S::epilogue epilogue,
                      int pixels) {
  using C = typename S::conv;
  const int thread = static_cast<int>(thread_index().x);
  const int filter = static_cast<int>(block_index().y) * S::filters + thread % S::filters;
  const int group = thread / S::filters;
  if (filter >= C::filters || group >= S::pixels_together) return;
  float weights[C::taps];
  STRATA_UNROLL
  for (int k = 0; k < C::taps; ++k) weights[k] = kernel[k * C::filters + filter];
  for (int i = 0; i < S::pixels_of_thread; ++i) {
    const int m = (static_cast<int>(block_index().x) * S::pixels_of_thread + i) * S::pixels_together + group;
    if (m >= pixels) return;
    const auto patch = image.pixel(m);
    float sum = 0;
    STRATA_UNROLL
    for (int k = 0; k < C::taps; ++k)
      if (const float* x = image.at(patch, image.tap(k)); x != nullptr) sum += *x * weights[k];
    epilogue(0, m, filter, sum);
  }
}

/// The convolution C, where it is a first one.
template <class C>
struct first_conv {
  static constexpr bool applies = C::channels == 1 && C::taps <= 25;

  template <class Epilogue>
  static void forward(Stream stream, const float* x, const float* kernel, const Epilogue& epilogue, int samples) {
    using S = FirstConvSpec<C, Epilogue>;
    const int pixels = samples * C::pixels;
    launch<first_conv_kernel<S>>({.grid = {static_cast<unsigned>((pixels + S::pixels - 1) / S::pixels),
                                           static_cast<unsigned>((C::filters + S::filters - 1) / S::filters)},
                                  .block = {S::threads},
                                  .stream = stream},
                                 Patches<C>{x, samples}, kernel, epilogue, pixels);
  }
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
