// Sine and cosine of an angle.
#pragma once

#include <strata/core/config.hpp>

namespace strata::detail {

struct Turn {
  double sine, cosine;
};

/// Of `degrees` from -180 to 180, within 1e-14, by one text for CPUs and GPUs. The library's functions of a device
/// keep tables in memory for arguments that never come here.
STRATA_HD inline Turn turn(double degrees) {
  // Quarters of a turn apart, within 45 degrees the series are short: powers up to 15.
  const double quarters = degrees / 90;
  const int nearest = static_cast<int>(quarters + (quarters < 0 ? -0.5 : 0.5));
  const double x = (quarters - nearest) * 1.57079632679489661923, square = x * x;
  double s = 1, c = 1;
  for (int k = 14; k >= 2; k -= 2) {
    s = 1 - s * square / (k * (k + 1));
    c = 1 - c * square / (k * (k - 1));
  }
  s *= x;
  switch (nearest & 3) {
    case 0:
      return {s, c};
    case 1:
      return {c, -s};
    case 2:
      return {-s, -c};
    default:
      return {-c, s};
  }
}

}  // namespace strata::detail
