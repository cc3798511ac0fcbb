// The shape of one sample: height, width, channels, or a plain vector.
#pragma once

#include <strata/core/text.hpp>

#include <cstdint>
#include <string>

namespace strata {

/// The shape of one sample at an edge of a network. The batch is a run-time number and not part of it.
///
/// Axes are height, width, channels, and memory is laid out in that order, channels fastest (NHWC, Keras' default). A
/// vector of n features has rank 1 and is stored as 1 x 1 x n, so that flattening an image never moves a byte.
/// Sizes are at most 2^31 - 1 elements; a network with a larger edge is refused when it compiles.
struct Shape {
  int rank = 1;  ///< 3 for an image, 1 for a vector
  int height = 1;
  int width = 1;
  int channels = 0;

  /// An image of `h` x `w` pixels with `c` channels.
  static constexpr Shape image(int h, int w, int c) { return {3, h, w, c}; }

  /// A vector of `n` features.
  static constexpr Shape vector(int n) { return {1, 1, 1, n}; }

  /// Number of elements of one sample.
  constexpr std::int64_t size() const { return std::int64_t{height} * width * channels; }

  /// The same elements as a vector. Meaningful only for shapes whose size fits an int, as every edge of a network does.
  constexpr Shape flat() const { return vector(static_cast<int>(size())); }

  friend constexpr bool operator==(const Shape&, const Shape&) = default;
};

/// "26 x 26 x 32" for an image, "5408" for a vector.
[[gnu::cold]] inline std::string to_string(const Shape& s) {
  if (s.rank == 1) return joined({s.channels});
  return joined({s.height, " x ", s.width, " x ", s.channels});
}

}  // namespace strata
