// Softmax from its formula.
#pragma once

#include <reference/tensor.hpp>

#include <algorithm>

namespace reference {

/// y[n, u] = exp(x[n, u]) / sum over v of exp(x[n, v]).
///
/// An error e of x[u] is a relative error e of exp(x[u]), and x is taken relative to the largest one, so the terms of x
/// and of that one are relative terms of y.
struct Softmax : Layer {
  Tensor forward(const Tensor& x) override {
    Tensor y = x.like();
    const auto classes = static_cast<std::size_t>(x.channels());
    for (std::size_t first = 0; first < x.size(); first += classes) {
      const std::size_t largest =
          static_cast<std::size_t>(std::max_element(x.value.begin() + static_cast<std::ptrdiff_t>(first),
                                                    x.value.begin() + static_cast<std::ptrdiff_t>(first + classes)) -
                                   x.value.begin());
      double sum = 0, sum_terms = 0;
      for (std::size_t i = first; i < first + classes; ++i) {
        y.value[i] = std::exp(x.value[i] - x.value[largest]);
        y.terms[i] = y.value[i] * (1 + x.terms[i] + x.terms[largest]);
        sum += y.value[i];
        sum_terms += y.terms[i];
      }
      for (std::size_t i = first; i < first + classes; ++i) {
        y.value[i] /= sum;
        y.terms[i] = y.terms[i] / sum + y.value[i] * sum_terms / sum;
      }
    }
    output = y;
    return y;
  }

  /// dx[u] = y[u] (dy[u] - sum over v of dy[v] y[v]).
  Tensor backward(const Tensor& dy) override {
    Tensor dx = dy.like();
    const auto classes = static_cast<std::size_t>(dy.channels());
    for (std::size_t first = 0; first < dy.size(); first += classes) {
      double dot = 0, dot_terms = 0;
      for (std::size_t i = first; i < first + classes; ++i) {
        dot += dy.value[i] * output.value[i];
        dot_terms += dy.terms[i] * output.terms[i];
      }
      for (std::size_t i = first; i < first + classes; ++i) {
        dx.value[i] = output.value[i] * (dy.value[i] - dot);
        dx.terms[i] = output.terms[i] * (dy.terms[i] + dot_terms);
      }
    }
    return dx;
  }

 private:
  Tensor output;
};

}  // namespace reference
