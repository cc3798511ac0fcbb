// A share of few pictures, with how far it can be trusted.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>

namespace example {

/// "71 of 86, 0.826 (0.732 to 0.892)": a share and its 95 % interval (Wilson 1927).
inline std::string share(std::int64_t right, std::int64_t all) {
  const double n = static_cast<double>(all), p = static_cast<double>(right) / n, z = 1.959964;
  const double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double reach = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  char text[100];
  std::snprintf(text, sizeof text, "%lld of %lld, %.3f (%.3f to %.3f)", static_cast<long long>(right),
                static_cast<long long>(all), p, middle - reach, middle + reach);
  return text;
}

}  // namespace example
