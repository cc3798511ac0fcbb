// What an optimizer remembers of a weight.
#pragma once

#include <strata/core/config.hpp>

namespace strata {

/// What an optimizer remembers of one weight, or of one vector of them: N numbers.
template <class T, int N>
struct WeightMoments {
  static constexpr int count = N;
  T each[N > 0 ? N : 1];

  STRATA_HD STRATA_INLINE constexpr T& operator[](int i) { return each[i]; }
};

}  // namespace strata
