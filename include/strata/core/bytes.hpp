// Amounts of memory as people read them.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>

namespace strata::detail {

/// "1.5 MiB".
[[gnu::cold]] inline std::string readable_bytes(std::size_t bytes) {
  const char* units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  double amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; amount >= 1024 && unit < 4; ++unit) amount /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", amount, units[unit]);
  return text;
}

}  // namespace strata::detail
