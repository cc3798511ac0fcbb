// A fully connected layer from its formula.
#pragma once

#include <reference/tensor.hpp>

namespace reference {

/// y[n, u] = bias[u] + sum over i of x[n, i] kernel[i, u], i along height, width, channels. Parameters: kernel, and
/// bias unless there is none.
struct Dense : Layer {
  Dense(int inputs, int units, bool has_bias) {
    parameters.emplace_back(1, 1, inputs, units);
    if (has_bias) parameters.emplace_back(1, 1, 1, units);
  }

  Tensor forward(const Tensor& x) override {
    input = x;
    const Tensor& kernel = parameters[0];
    Tensor y(x.batch(), 1, 1, kernel.extents[3]);
    for_each([&](std::size_t out, std::size_t in, std::size_t weight) { y.add_product(out, x, in, kernel, weight); });
    for (std::size_t i = 0; parameters.size() > 1 && i < y.size(); ++i)
      y.add(i, parameters[1], i % parameters[1].size());
    return y;
  }

  Tensor backward(const Tensor& dy) override {
    Tensor dx = input.like();
    gradients.clear();
    for (const Tensor& p : parameters) gradients.push_back(p.like());
    for_each([&](std::size_t out, std::size_t in, std::size_t weight) {
      dx.add_product(in, dy, out, parameters[0], weight);
      gradients[0].add_product(weight, dy, out, input, in);
    });
    for (std::size_t i = 0; parameters.size() > 1 && i < dy.size(); ++i)
      gradients[1].add(i % parameters[1].size(), dy, i);
    return dx;
  }

 private:
  Tensor input;

  /// Calls f(output, input, weight) for every product.
  template <class F>
  void for_each(F f) const {
    const auto batch = static_cast<std::size_t>(input.batch());
    const auto inputs = static_cast<std::size_t>(parameters[0].extents[2]);
    const auto units = static_cast<std::size_t>(parameters[0].extents[3]);
    for (std::size_t n = 0; n < batch; ++n)
      for (std::size_t i = 0; i < inputs; ++i)
        for (std::size_t u = 0; u < units; ++u) f(n * units + u, n * inputs + i, i * units + u);
  }
};

}  // namespace reference
