// Dropout: random zeros in training.
#pragma once

#include <strata/layers/dropout/rate.hpp>
#include <strata/layers/layer.hpp>

namespace strata {

/// In training each value becomes 0 with probability `Percent` / 100, and the others are scaled by 1 / (1 - rate), so
/// that the expectation stays (Srivastava et al. 2014, inverted, as Keras and PyTorch do). In inference it does
/// nothing.
///
/// The mask is a function of the seed, the step, the layer's place, the sample and the element (core/philox.hpp), so
/// backward computes it again and nothing is stored. A value survives when its word is at least rate * 2^32.
template <int Percent>
struct Dropout : ElementwiseLayer {
  static constexpr const char* name = "dropout";
  static constexpr bool is_positional = true;
  static constexpr bool is_activation = false;

  enum class error { none, rate_is_outside_0_to_99_percent };

  static constexpr Role role(Mode mode) {
    return mode == Mode::training && Percent != 0 ? Role::elementwise : Role::identity;
  }

  static constexpr Verdict output(Shape in) {
    if (!Rate::is_valid) return error::rate_is_outside_0_to_99_percent;
    return in;
  }

  static constexpr auto attributes() { return std::array{Attribute{"percent", Percent}}; }

  template <class T, class At>
  STRATA_HD STRATA_INLINE static T forward(const T& x, const At& at) {
    return select(at.words() >= Rate::threshold, x * Rate::scale, T{});
  }

  template <class T, class At>
  STRATA_HD STRATA_INLINE static T backward(const T& dy, const At& at) {
    return forward(dy, at);
  }

 private:
  using Rate = detail::DropoutRate<Percent>;
};

}  // namespace strata
