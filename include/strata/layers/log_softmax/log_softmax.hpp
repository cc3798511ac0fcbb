// LogSoftmax: scores to the logarithms of probabilities; with a number, a Dense layer in front.
#pragma once

#include <strata/layers/dense/dense.hpp>
#include <strata/layers/layer.hpp>

namespace strata {

/// `LogSoftmax<>`: y[u] = x[u] - log(sum over v of exp(x[v])), over a vector; computed with the largest x subtracted.
/// `LogSoftmax<N>` is `Dense<N>` and then `LogSoftmax<>`. What a network that ends in it predicts are logarithms of
/// probabilities, as PyTorch's log_softmax gives them.
///
/// A loss that takes logits (CrossEntropy) reads the values in front of it, so that in training it does not run at all.
template <int... Units>
struct LogSoftmax : LayerDefaults {
  static constexpr const char* name = "log_softmax";
  enum class error { none, takes_one_number_or_none };
  static constexpr Role role(Mode) { return Role::normaliser; }
  static constexpr Verdict output(Shape) { return error::takes_one_number_or_none; }
};

template <int Units>
struct LogSoftmax<Units> {
  using expansion = Seq<Dense<Units>, LogSoftmax<>>;
};

template <>
struct LogSoftmax<> : LayerDefaults {
  static constexpr const char* name = "log_softmax";
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

#include <strata/layers/log_softmax/cpu.hpp>
#if defined(__CUDACC__)
#include <strata/layers/log_softmax/cuda.cuh>
#endif
