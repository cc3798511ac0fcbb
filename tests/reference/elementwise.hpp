// Layers that map each value by itself, from their formulas.
#pragma once

#include <reference/tensor.hpp>

#include <functional>
#include <utility>

namespace reference {

/// y = x where x > 0, else slope x. With slope 0 it is ReLU. The gradient at 0 is that of the left side.
struct LeakyReLU : Layer {
  double slope;

  explicit LeakyReLU(double s) : slope(s) {}

  Tensor forward(const Tensor& x) override {
    input = x;
    Tensor y = x.like();
    for (std::size_t i = 0; i < y.size(); ++i) {
      y.add(i, x, i, x.value[i] > 0 ? 1 : slope);
      if (sign_is_undecided(x.value[i], x.terms[i])) y.terms[i] = x.terms[i];
    }
    return y;
  }

  Tensor backward(const Tensor& dy) override {
    Tensor dx = dy.like();
    for (std::size_t i = 0; i < dx.size(); ++i) {
      dx.add(i, dy, i, input.value[i] > 0 ? 1 : slope);
      if (sign_is_undecided(input.value[i], input.terms[i])) dx.terms[i] = undecided;
    }
    return dx;
  }

 private:
  Tensor input;
};

/// y = max(x, 0).
struct ReLU : LeakyReLU {
  ReLU() : LeakyReLU(0) {}
};

/// y = x / (1 - rate) where the mask says so, else 0.
struct Dropout : Layer {
  double rate;
  std::function<bool(int sample, int element)> survives;  ///< element: index within the sample

  Dropout(double r, std::function<bool(int, int)> mask) : rate(r), survives(std::move(mask)) {}

  Tensor forward(const Tensor& x) override {
    Tensor y = x.like();
    const auto sample_size = x.size() / static_cast<std::size_t>(x.batch());
    for (std::size_t i = 0; i < x.size(); ++i)
      if (survives(static_cast<int>(i / sample_size), static_cast<int>(i % sample_size)))
        y.add(i, x, i, 1 / (1 - rate));
    return y;
  }

  Tensor backward(const Tensor& dy) override { return forward(dy); }
};

/// y = f(x) for any f, with the derivative from differences of step h.
///
/// The terms of y are x's influence, y itself, and 1, since functions made of exponentials sum terms of that size;
/// where f is flat and zero, nothing is summed. `blur` tells how many times worse than single precision f itself is.
/// Around a kink the derivative is uncertain by as much as other differences say, and so is the gradient.
struct Elementwise : Layer {
  std::function<double(double)> f;
  double h, blur;

  explicit Elementwise(std::function<double(double)> function, double step = 0x1p-13, double worse = 1)
      : f(std::move(function)), h(step), blur(worse) {}

  Tensor forward(const Tensor& x) override {
    input = x;
    Tensor y = x.like();
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double d = derivative(x.value[i], h);
      y.value[i] = f(x.value[i]);
      y.terms[i] = y.value[i] == 0 && d == 0 ? 0 : 1 + std::abs(y.value[i]) + std::abs(d) * x.terms[i];
    }
    return y;
  }

  Tensor backward(const Tensor& dy) override {
    Tensor dx = dy.like();
    for (std::size_t i = 0; i < dx.size(); ++i) {
      const double x = input.value[i], d = derivative(x, h);
      dx.value[i] = dy.value[i] * d;
      dx.terms[i] = dy.terms[i] * (1 + std::abs(d) + input.terms[i]) * blur;
      if (dy.value[i] != 0) dx.terms[i] += std::abs(dy.value[i]) * uncertainty(x, d) / precision;
    }
    return dx;
  }

 private:
  Tensor input;

  double derivative(double x, double step) const {
    return (8 * (f(x + step) - f(x - step)) - (f(x + 2 * step) - f(x - 2 * step))) / (12 * step);
  }

  double uncertainty(double x, double d) const {
    const double left = (f(x) - f(x - 2 * h)) / (2 * h), right = (f(x + 2 * h) - f(x)) / (2 * h);
    return std::abs(right - left) > 0.05 ? std::abs(right - left) : 4 * std::abs(d - derivative(x, h / 2));
  }
};

/// The same elements as a vector.
struct Flatten : Layer {
  Tensor forward(const Tensor& x) override {
    extents = x.extents;
    Tensor y = x;
    y.extents = {x.batch(), 1, 1, x.height() * x.width() * x.channels()};
    return y;
  }

  Tensor backward(const Tensor& dy) override {
    Tensor dx = dy;
    dx.extents = extents;
    return dx;
  }

 private:
  std::array<int, 4> extents{};
};

}  // namespace reference
