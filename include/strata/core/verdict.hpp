// What a layer's shape rule answers: the shape that comes out, or why none does.
#pragma once

#include <strata/core/shape.hpp>

#include <type_traits>

namespace strata {

/// The answer of a layer's shape rule, and the one way in which a wrong network is told.
///
/// A rule returns either a Shape or one of the layer's own reasons (an enumerator of its `error` enum, whose value 0
/// means `none`). Errors stay values until `Network` reports the first of them, so one mistake is one message:
///
///     static constexpr Verdict output(Shape in) {
///       if (in.rank != 3) return error::needs_an_image_but_is_given_a_vector;
///       return Shape::image(in.height / 2, in.width / 2, in.channels);
///     }
struct Verdict {
  Shape shape{};
  int reason = 0;  ///< 0 when the shape is good; else the value of an enumerator of the layer's `error`

  constexpr Verdict(Shape s) : shape(s) {}

  template <class Error>
  requires std::is_enum_v<Error>
  constexpr Verdict(Error e) : reason(static_cast<int>(e)) {}

  /// True when there is a shape.
  constexpr explicit operator bool() const { return reason == 0; }
};

/// A shape as a type, for diagnostics and for the specifications of kernels: compilers print it readably, and it is
/// made of integers alone (nvcc accepts no richer template argument on its kernels).
template <int Height, int Width, int Channels>
struct Image {
  static constexpr Shape shape = Shape::image(Height, Width, Channels);
};

/// The type form of a vector's shape, see Image.
template <int Features>
struct Vector {
  static constexpr Shape shape = Shape::vector(Features);
};

namespace detail {

template <int Rank, int H, int W, int C>
struct shape_type {
  using type = Image<H, W, C>;
};
template <int H, int W, int C>
struct shape_type<1, H, W, C> {
  using type = Vector<C>;
};

/// The Image or Vector of a Shape.
template <Shape S>
struct shape_type_of : shape_type<S.rank, S.height, S.width, S.channels> {};

template <Shape S>
using shape_type_t = typename shape_type_of<S>::type;

}  // namespace detail
}  // namespace strata
