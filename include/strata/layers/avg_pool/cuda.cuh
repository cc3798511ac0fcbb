// AvgPool on a GPU. The mean is over the pixels of a window that lie inside the image.
#pragma once

#include <strata/cuda/pooling.cuh>
#include <strata/layers/avg_pool/avg_pool.hpp>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// How windows fold to averages.
struct average_kernel {
  struct Kept {};

  class Fold {
   public:
    Fold() = default;
    STRATA_DEVICE explicit Fold(int) : sum_(0) {}

    STRATA_DEVICE void add(float x, int) { sum_ += x; }
    STRATA_DEVICE float result(int members) const { return sum_ * (1.0f / static_cast<float>(members)); }

   private:
    float sum_;
  };

  /// The gradient of a window goes to all its pixels in equal shares.
  static STRATA_DEVICE float share(float dy, Kept, int, int members) {
    return dy * (1.0f / static_cast<float>(members));
  }
};

template <auto P, class... Options>
struct kernel<AvgPool<P, Options...>> : average_kernel {};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
