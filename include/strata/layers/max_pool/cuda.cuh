// MaxPool on a GPU. Training keeps, for each output, which pixel of its window won.
#pragma once

#include <strata/cuda/pooling.cuh>
#include <strata/layers/max_pool/max_pool.hpp>

#include <cstdint>
#include <type_traits>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// How windows fold to maxima. Index holds the winner's number in its window, row by row.
template <class Index>
struct maximum_kernel {
  using Kept = Index;

  /// The largest value so far and its place: of equal ones the first. A NaN wins, so that it is seen.
  class Fold {
   public:
    Fold() = default;
    STRATA_DEVICE explicit Fold(int place) : best_(-__builtin_inff()), place_(place) {}

    STRATA_DEVICE void add(float x, int place) {
      const bool wins = x > best_ || x != x;
      best_ = wins ? x : best_;
      place_ = wins ? place : place_;
    }
    STRATA_DEVICE float result(int) const { return best_; }
    STRATA_DEVICE Kept kept() const { return static_cast<Kept>(place_); }

   private:
    float best_;
    int place_;
  };

  /// The gradient of a window goes to the pixel that won.
  static STRATA_DEVICE float share(float dy, Kept winner, int place, int) { return winner == place ? dy : 0.0f; }
};

template <auto P, class... Options>
struct kernel<MaxPool<P, Options...>> : maximum_kernel<typename MaxPool<P, Options...>::Index> {};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
