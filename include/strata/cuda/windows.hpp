// Where the windows of a group's pooling lie, and what of them is kept for backward.
//
// A layer says how its windows fold (its cuda.cuh):
//
//     template <> struct kernel<L> {
//       using Kept = ...;  // of an output, from forward to backward; an empty type where nothing is
//
//       struct Fold {
//         Fold(int place);                  // the number of the window's first pixel in the image, row by row
//         void add(float x, int place);
//         float result(int members) const;  // of `members` pixels
//         Kept kept() const;
//       };
//
//       // What the window's pixel `place` gets of the output's gradient.
//       static float share(float dy, Kept, int place, int members);
//     };
#pragma once

#include <strata/cuda/kernel.hpp>
#include <strata/cuda/primitives.hpp>

#include <cstdint>
#include <type_traits>

namespace strata::cuda {
inline namespace STRATA_SIDE {
namespace detail {

// By value: device code may read a type's constants, and not refer to them.
STRATA_DEVICE int larger_of(int a, int b) { return a > b ? a : b; }
STRATA_DEVICE int smaller_of(int a, int b) { return a < b ? a : b; }

}  // namespace detail

/// Where the windows of a group's pooling lie.
template <class G>
struct Windows {
  using layer = typename G::template operation<(G::reduction < 0 ? 0 : G::reduction)>;
  using kernel = cuda::kernel<layer>;
  using Kept = typename kernel::Kept;
  static constexpr Shape image = G::reduced_from, pooled = G::reduced;
  static constexpr int channels = image.channels, image_height = image.height, image_width = image.width;
  static constexpr int rows = pooled.height, columns = pooled.width;
  static constexpr auto window = layer::window(image);
  static constexpr int height = window.kernel.height, width = window.kernel.width, stride = window.stride;
  static constexpr int top = window.vertical.padding, left = window.horizontal.padding;

  /// True where no window reaches over the border.
  static constexpr bool are_inside = top == 0 && left == 0 && (rows - 1) * stride + height <= image_height &&
                                     (columns - 1) * stride + width <= image_width;
  static constexpr bool overlap = stride < height || stride < width;

  static constexpr bool keep = !std::is_empty_v<Kept> && G::mode == Mode::training;
  static constexpr std::int64_t kept_of_sample =
      keep ? strata::detail::round_up(pooled.size() * static_cast<std::int64_t>(sizeof(Kept)),
                                      strata::detail::line_bytes)
           : 0;
  static constexpr std::int64_t kept_stride = kept_of_sample / static_cast<std::int64_t>(sizeof(Kept));

  /// The first channel of a window's first pixel in the image, of which the frame's pixels lie in front.
  static STRATA_DEVICE int corner(int row, int column) {
    return ((row * stride - top) * image_width + column * stride - left) * channels;
  }

  /// The part of a window that lies in the image, in places of the window.
  struct Clip {
    int row, last_row, column, last_column;
    STRATA_DEVICE int members() const { return (last_row - row) * (last_column - column); }
  };
  static STRATA_DEVICE Clip clip(int row, int column) {
    if constexpr (are_inside) {
      return {0, height, 0, width};
    } else {
      const int y = row * stride - top, x = column * stride - left;
      return {detail::larger_of(0, -y), detail::smaller_of(height, image_height - y), detail::larger_of(0, -x),
              detail::smaller_of(width, image_width - x)};
    }
  }
};

namespace detail {

/// What the pooling keeps of N neighbouring outputs.
template <int N, class Kept>
STRATA_DEVICE Packet<Kept, N> load_kept([[maybe_unused]] const Kept* from) {
  if constexpr (std::is_empty_v<Kept>)
    return {};
  else
    return load<N>(from);
}

}  // namespace detail

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
