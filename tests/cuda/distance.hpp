// How far the numbers of two backends lie apart.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>

namespace cuda_test {

/// |a - b| / |b|, in double. Both have as many numbers.
inline double distance(std::span<const float> a, std::span<const float> b) {
  double difference = 0, size = 1e-30;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2);
    size += std::pow(static_cast<double>(b[i]), 2);
  }
  return std::sqrt(difference / size);
}

}  // namespace cuda_test
