// A short name for a data set.
#pragma once

#include <strata/core/hash.hpp>
#include <strata/data/dataset.hpp>

#include <cstdint>
#include <span>
#include <string>

namespace strata {

/// A short name for a data set's samples and labels: 16 hexadecimal digits, the same on every machine of the same byte
/// order.
[[gnu::cold]] inline std::string fingerprint(const Dataset& data) {
  const std::int64_t sizes[] = {data.size(),         data.classes(),     data.holds_bytes(),
                                data.shape().height, data.shape().width, data.shape().channels};
  return detail::Hash()
      .add(std::span<const std::int64_t>(sizes))
      .add(data.bytes())
      .add(data.floats())
      .add(data.labels())
      .add(data.targets())
      .text();
}

}  // namespace strata
