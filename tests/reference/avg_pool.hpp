// Average pooling from its formula.
#pragma once

#include <reference/tensor.hpp>
#include <reference/window.hpp>

namespace reference {

/// y[n, h, w, c] = the mean of x over the pixels of the window that lie inside the image.
struct AvgPool : Layer {
  Window window;

  explicit AvgPool(const Window& over) : window(over) {}

  Tensor forward(const Tensor& x) override {
    input = x;
    Tensor y = output();
    for_each([&](std::size_t to, std::size_t from, double share) { y.add(to, x, from, share); });
    return y;
  }

  Tensor backward(const Tensor& dy) override {
    Tensor dx = input.like();
    for_each([&](std::size_t to, std::size_t from, double share) { dx.add(from, dy, to, share); });
    return dx;
  }

 private:
  Tensor input;

  Tensor output() const {
    return {input.batch(), window.rows(input.height()), window.columns(input.width()), input.channels()};
  }

  /// Calls f(output, input, 1 / pixels) for every pixel of every window.
  template <class F>
  void for_each(F f) const {
    const Tensor y = output();
    std::vector<int> pixels(static_cast<std::size_t>(y.height() * y.width()));
    auto place = [&](int h, int w) { return static_cast<std::size_t>(h * y.width() + w); };
    window.for_each(input.height(), input.width(), [&](int h, int w, int, int, int, int) { ++pixels[place(h, w)]; });
    for (int n = 0; n < input.batch(); ++n)
      window.for_each(input.height(), input.width(), [&](int h, int w, int, int, int row, int column) {
        for (int c = 0; c < input.channels(); ++c)
          f(y.at(n, h, w, c), input.at(n, row, column, c), 1.0 / pixels[place(h, w)]);
      });
  }
};

}  // namespace reference
