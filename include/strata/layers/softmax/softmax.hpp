// Softmax: scores to probabilities; with a number, a Dense layer in front.
#pragma once

#include <strata/layers/dense/dense.hpp>
#include <strata/layers/layer.hpp>

namespace strata {

/// `Softmax<>`: y[u] = exp(x[u]) / sum over v of exp(x[v]), over a vector; computed with the largest x subtracted.
/// `Softmax<N>` is `Dense<N>` and then `Softmax<>`: the usual end of a classifier.
///
/// A loss that takes logits (CrossEntropy) reads the values in front of it, so that in training it does not run at all.
template <int... Units>
struct Softmax : LayerDefaults {
  static constexpr const char* name = "softmax";
  enum class error { none, takes_one_number_or_none };
  static constexpr Role role(Mode) { return Role::normaliser; }
  static constexpr Verdict output(Shape) { return error::takes_one_number_or_none; }
};

template <int Units>
struct Softmax<Units> {
  using expansion = Seq<Dense<Units>, Softmax<>>;
};

template <>
struct Softmax<> : LayerDefaults {
  static constexpr const char* name = "softmax";
  static constexpr Saves saves = Saves::output;
  static constexpr bool is_activation = true;

  enum class error { none, vector_expected_but_an_image_is_given };

  static constexpr Role role(Mode) { return Role::normaliser; }

  static constexpr Verdict output(Shape in) {
    if (in.rank != 1) return error::vector_expected_but_an_image_is_given;
    return in;
  }
};

}  // namespace strata

#include <strata/layers/softmax/cpu.hpp>
#if defined(__CUDACC__)
#include <strata/layers/softmax/cuda.cuh>
#endif
