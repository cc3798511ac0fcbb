// AvgPool on the CPU.
#pragma once

#include <strata/cpu/kernel.hpp>
#include <strata/layers/avg_pool/avg_pool.hpp>

#include <algorithm>

namespace strata::cpu {
inline namespace STRATA_ISA {

template <auto P, class... Options>
struct kernel<AvgPool<P, Options...>> {
  using layer = AvgPool<P, Options...>;

  template <Shape In>
  static constexpr std::int64_t kept_bytes() {
    return 0;
  }

  /// Calls f(index, top, bottom, left, right) for every window: the first of its outputs, and the part of the image it
  /// covers.
  template <Shape In, class F>
  STRATA_INLINE static void for_windows(F f) {
    constexpr Shape out = layer::output(In).shape;
    constexpr strata::detail::Window w = layer::window(In);
    for (int row = 0; row < out.height; ++row)
      for (int column = 0; column < out.width; ++column) {
        const int top = row * w.stride - w.vertical.padding, left = column * w.stride - w.horizontal.padding;
        f((row * out.width + column) * In.channels, std::max(0, top), std::min(In.height, top + w.kernel.height),
          std::max(0, left), std::min(In.width, left + w.kernel.width));
      }
  }

  template <Shape In, class Emit>
  static void forward(const float* in, std::byte*, Emit emit) {
    for_windows<In>([&](int to, int top, int bottom, int left, int right) STRATA_INLINE {
      const float scale = 1.0f / static_cast<float>((bottom - top) * (right - left));
      for_vectors<In.channels>([&](int c, auto count) STRATA_INLINE {
        V sum{};
        for (int h = top; h < bottom; ++h)
          for (int w = left; w < right; ++w) sum += load<count>(in + (h * In.width + w) * In.channels + c);
        emit(to + c, sum * scale, count);
      });
    });
  }

  template <Shape In>
  static void backward(const float* dy, const std::byte*, float* dx) {
    std::memset(dx, 0, sizeof(float) * static_cast<std::size_t>(In.size()));
    for_windows<In>([&](int from, int top, int bottom, int left, int right) STRATA_INLINE {
      const float scale = 1.0f / static_cast<float>((bottom - top) * (right - left));
      for_vectors<In.channels>([&](int c, auto count) STRATA_INLINE {
        const V share = load<count>(dy + from + c) * scale;
        for (int h = top; h < bottom; ++h)
          for (int w = left; w < right; ++w) {
            float* to = dx + (h * In.width + w) * In.channels + c;
            store<count>(to, load<count>(to) + share);
          }
      });
    });
  }
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
