// MaxPool on the CPU. Training keeps, for each output, which pixel of its window won.
#pragma once

#include <strata/cpu/kernel.hpp>
#include <strata/layers/max_pool/max_pool.hpp>

#include <algorithm>

namespace strata::cpu {
inline namespace STRATA_ISA {

template <auto P, class... Options>
struct kernel<MaxPool<P, Options...>> {
  using layer = MaxPool<P, Options...>;

  /// The winner's number in its window, row by row, in the narrowest integer that holds it.
  using Index = std::conditional_t<layer::size.height * layer::size.width <= 256, std::uint8_t, std::uint16_t>;

  static constexpr int height = layer::size.height, width = layer::size.width;

  template <Shape In>
  static constexpr std::int64_t kept_bytes() {
    return layer::output(In).shape.size() * static_cast<std::int64_t>(sizeof(Index));
  }

  /// Calls f(index, top, left) for every window: the first of its outputs, and where it begins in the image.
  template <Shape In, class F>
  STRATA_INLINE static void for_windows(F f) {
    constexpr Shape out = layer::output(In).shape;
    constexpr strata::detail::Window w = layer::window(In);
    for (int row = 0; row < out.height; ++row)
      for (int column = 0; column < out.width; ++column)
        f((row * out.width + column) * In.channels, row * w.stride - w.vertical.padding,
          column * w.stride - w.horizontal.padding);
  }

  template <Shape In, class Emit>
  static void forward(const float* in, std::byte* kept, Emit emit) {
    Index* won = reinterpret_cast<Index*>(kept);
    for_windows<In>([&](int to, int top, int left) STRATA_INLINE {
      const int i0 = std::max(0, -top), i1 = std::min(height, In.height - top);
      const int j0 = std::max(0, -left), j1 = std::min(width, In.width - left);
      for_vectors<In.channels>([&](int c, auto count) STRATA_INLINE {
        auto at = [&](int i, int j)
                      STRATA_INLINE { return load<count>(in + ((top + i) * In.width + left + j) * In.channels + c); };
        V best = at(i0, j0);
        VI index = VI{} + (i0 * width + j0);
        for (int i = i0; i < i1; ++i)
          for (int j = j0; j < j1; ++j) {
            const V x = at(i, j);
            const VI better = (x > best) | (x != x);  // a NaN wins, so that it is seen
            best = select(better, x, best);
            index = select(better, VI{} + (i * width + j), index);
          }
        emit(to + c, best, count);
        if (won)
          for (int lane = 0; lane < count; ++lane) won[to + c + lane] = static_cast<Index>(index[lane]);
      });
    });
  }

  template <Shape In>
  static void backward(const float* dy, const std::byte* kept, float* dx) {
    const Index* won = reinterpret_cast<const Index*>(kept);
    std::memset(dx, 0, sizeof(float) * static_cast<std::size_t>(In.size()));
    for_windows<In>([&](int from, int top, int left) STRATA_INLINE {
      for (int c = 0; c < In.channels; ++c) {
        const int index = won[from + c];
        dx[((top + index / width) * In.width + left + index % width) * In.channels + c] += dy[from + c];
      }
    });
  }
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
