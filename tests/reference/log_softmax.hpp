// LogSoftmax from its formula.
#pragma once

#include <reference/tensor.hpp>

#include <algorithm>

namespace reference {

/// y[n, u] = x[n, u] - log(sum over v of exp(x[n, v])).
///
/// An error of x[v] moves the logarithm by v's probability times it, and x is taken relative to the largest one. The
/// sum is right relative to itself, so its logarithm has a term of 1.
struct LogSoftmax : Layer {
  Tensor forward(const Tensor& x) override {
    Tensor y = x.like();
    const auto classes = static_cast<std::size_t>(x.channels());
    for (std::size_t first = 0; first < x.size(); first += classes) {
      double largest = x.value[first];
      for (std::size_t i = first; i < first + classes; ++i) largest = std::max(largest, x.value[i]);
      double sum = 0, terms = 0;
      for (std::size_t i = first; i < first + classes; ++i) {
        const double e = std::exp(x.value[i] - largest);
        sum += e;
        terms += e * x.terms[i];
      }
      for (std::size_t i = first; i < first + classes; ++i) {
        y.value[i] = x.value[i] - largest - std::log(sum);
        y.terms[i] = x.terms[i] + std::abs(largest) + std::log(sum) + terms / sum + 1;
      }
    }
    output = y;
    return y;
  }

  /// dx[u] = dy[u] - exp(y[u]) * sum over v of dy[v].
  Tensor backward(const Tensor& dy) override {
    Tensor dx = dy.like();
    const auto classes = static_cast<std::size_t>(dy.channels());
    for (std::size_t first = 0; first < dy.size(); first += classes) {
      double sum = 0, terms = 0;
      for (std::size_t i = first; i < first + classes; ++i) {
        sum += dy.value[i];
        terms += dy.terms[i];
      }
      for (std::size_t i = first; i < first + classes; ++i) {
        const double p = std::exp(output.value[i]);
        dx.value[i] = dy.value[i] - p * sum;
        dx.terms[i] = dy.terms[i] + p * output.terms[i] * terms;
      }
    }
    return dx;
  }

 private:
  Tensor output;
};

}  // namespace reference
