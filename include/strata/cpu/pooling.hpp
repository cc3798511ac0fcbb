// Pooling over windows, for every layer that folds the values of a window into one.
#pragma once

#include <strata/cpu/kernel.hpp>

#include <algorithm>
#include <cstring>

namespace strata::cpu {
inline namespace STRATA_ISA {

/// True where the windows of pooling layer L tile an image of shape In: all of them whole, none overlapping.
template <class L, Shape In>
inline constexpr bool windows_tile = [] {
  constexpr auto w = L::window(In);
  return w.stride == w.kernel.height && w.stride == w.kernel.width && w.vertical.padding == 0 &&
         w.horizontal.padding == 0 && w.vertical.windows * w.stride <= In.height &&
         w.horizontal.windows * w.stride <= In.width;
}();

/// The rows of In that rows [begin, end) of the pooled image look at.
struct RowRange {
  int begin, end;
};

template <class L, Shape In>
constexpr RowRange rows_under(int begin, int end) {
  constexpr auto w = L::window(In);
  const int first = begin * w.stride - w.vertical.padding;
  const int last = (end - 1) * w.stride - w.vertical.padding + w.kernel.height;
  return {std::max(0, std::min(first, In.height)), std::max(0, std::min(last, In.height))};
}

/// True where a window looks at row `row` of the image. Rows between windows and behind the last one need not be made.
template <class L, Shape In>
constexpr bool is_seen(int row) {
  constexpr auto w = L::window(In);
  const int at = row + w.vertical.padding;                             // in the padded image
  const int window = std::min(at / w.stride, w.vertical.windows - 1);  // the last one that begins before it
  return at - window * w.stride < w.kernel.height;
}

/// Calls f(index, top, left) for the windows of the pooled rows [begin, end): the first of its outputs, and where it
/// begins in the image.
template <class L, Shape In, class F>
STRATA_INLINE inline void for_windows(int begin, int end, F f) {
  constexpr Shape out = L::output(In).shape;
  constexpr auto w = L::window(In);
  for (int row = begin; row < end; ++row)
    for (int column = 0; column < out.width; ++column)
      f((row * out.width + column) * In.channels, row * w.stride - w.vertical.padding,
        column * w.stride - w.horizontal.padding);
}

/// Pools rows [begin, end) of one sample. `in` points to row `in_row` of the image. `kept` is null where backward will
/// not come.
template <class L, Shape In, bool Training, class Emit>
void pool_rows(const float* in, int in_row, std::byte* kept, int begin, int end, Emit emit) {
  using Pooling = kernel<L>;
  constexpr int height = L::window(In).kernel.height, width = L::window(In).kernel.width;
  for_windows<L, In>(begin, end, [&](int to, int top, int left) STRATA_INLINE {
    const int i0 = std::max(0, -top), i1 = std::min(height, In.height - top);
    const int j0 = std::max(0, -left), j1 = std::min(width, In.width - left);
    const float* from = in + ((top - in_row) * In.width + left) * In.channels;
    for_vectors<In.channels>([&](int c, auto count) STRATA_INLINE {
      auto pixel = [&](int i, int j) STRATA_INLINE { return load<count>(from + (i * In.width + j) * In.channels + c); };
      typename Pooling::template Fold<Training> fold;
      fold.begin({pixel(i0, j0)}, i0 * width + j0);
      for (int i = i0; i < i1; ++i)
        for (int j = i == i0 ? j0 + 1 : j0; j < j1; ++j) fold.add({pixel(i, j)}, i * width + j);
      if (Training && kept != nullptr) fold.template keep<count>(kept, to + c);
      emit(to + c, fold.result((i1 - i0) * (j1 - j0)), count);
    });
  });
}

}  // namespace STRATA_ISA
}  // namespace strata::cpu
