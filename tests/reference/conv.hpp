// Convolution from its formula.
#pragma once

#include <reference/tensor.hpp>
#include <reference/window.hpp>

namespace reference {

/// y[n, h, w, f] = bias[f] + sum over i, j, c of x[n, h stride + i - top, w stride + j - left, c] kernel[i, j, c, f].
/// Parameters: kernel, and bias unless there is none.
struct Conv : Layer {
  Window window;

  Conv(const Window& over, int in, int filters, bool has_bias) : window(over) {
    parameters.emplace_back(window.height, window.width, in, filters);
    if (has_bias) parameters.emplace_back(1, 1, 1, filters);
  }

  Tensor forward(const Tensor& x) override {
    input = x;
    const Tensor& kernel = parameters[0];
    const int filters = kernel.extents[3];
    Tensor y(x.batch(), window.rows(x.height()), window.columns(x.width()), filters);
    for (std::size_t i = 0; parameters.size() > 1 && i < y.size(); ++i)
      y.add(i, parameters[1], i % static_cast<std::size_t>(filters));
    for (int n = 0; n < x.batch(); ++n)
      window.for_each(x.height(), x.width(), [&](int h, int w, int i, int j, int row, int column) {
        for (int c = 0; c < x.channels(); ++c)
          for (int f = 0; f < filters; ++f)
            y.add_product(y.at(n, h, w, f), x, x.at(n, row, column, c), kernel, kernel.at(i, j, c, f));
      });
    return y;
  }

  Tensor backward(const Tensor& dy) override {
    const Tensor& kernel = parameters[0];
    Tensor dx = input.like();
    gradients.clear();
    for (const Tensor& p : parameters) gradients.push_back(p.like());
    const int filters = kernel.extents[3];
    for (int n = 0; n < dx.batch(); ++n)
      window.for_each(dx.height(), dx.width(), [&](int h, int w, int i, int j, int row, int column) {
        for (int c = 0; c < dx.channels(); ++c)
          for (int f = 0; f < filters; ++f) {
            const std::size_t in = dx.at(n, row, column, c), tap = kernel.at(i, j, c, f), out = dy.at(n, h, w, f);
            dx.add_product(in, dy, out, kernel, tap);
            gradients[0].add_product(tap, dy, out, input, in);
          }
      });
    for (std::size_t i = 0; parameters.size() > 1 && i < dy.size(); ++i)
      gradients[1].add(i % static_cast<std::size_t>(filters), dy, i);
    return dx;
  }

 private:
  Tensor input;
};

}  // namespace reference
