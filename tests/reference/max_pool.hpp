// Maximum pooling from its formula.
#pragma once

#include <reference/tensor.hpp>
#include <reference/window.hpp>

#include <algorithm>

namespace reference {

/// y[n, h, w, c] = the largest x of the window; its gradient goes to the first pixel, row by row, that has it.
struct MaxPool : Layer {
  Window window;

  explicit MaxPool(const Window& over) : window(over) {}

  Tensor forward(const Tensor& x) override {
    input = x;
    Tensor y(x.batch(), window.rows(x.height()), window.columns(x.width()), x.channels());
    won.assign(y.size(), x.size());
    for_each([&](std::size_t to, std::size_t from) {
      if (won[to] == x.size() || x.value[from] > x.value[won[to]]) won[to] = from;
    });
    for (std::size_t i = 0; i < y.size(); ++i) {
      y.value[i] = x.value[won[i]];
      y.terms[i] = x.terms[won[i]];
    }
    contested.assign(y.size(), false);
    for_each([&](std::size_t to, std::size_t from) {
      if (from == won[to] || !may_win_too(to, from)) return;
      contested[to] = true;
      y.terms[to] = std::max(y.terms[to], x.terms[from]);
    });
    return y;
  }

  Tensor backward(const Tensor& dy) override {
    Tensor dx = input.like();
    for (std::size_t i = 0; i < dy.size(); ++i) dx.add(won[i], dy, i);
    for_each([&](std::size_t to, std::size_t from) {
      if (contested[to] && (from == won[to] || may_win_too(to, from))) dx.terms[from] = undecided;
    });
    return dx;
  }

 private:
  Tensor input;
  std::vector<std::size_t> won;
  std::vector<bool> contested;  ///< rounding decides who wins

  bool may_win_too(std::size_t to, std::size_t from) const {
    return sign_is_undecided(input.value[won[to]] - input.value[from], input.terms[won[to]] + input.terms[from]);
  }

  /// Calls f(output, input) for every pixel of every window.
  template <class F>
  void for_each(F f) const {
    const int rows = window.rows(input.height()), columns = window.columns(input.width());
    for (int n = 0; n < input.batch(); ++n)
      window.for_each(input.height(), input.width(), [&](int h, int w, int, int, int row, int column) {
        for (int c = 0; c < input.channels(); ++c)
          f(static_cast<std::size_t>(((n * rows + h) * columns + w) * input.channels() + c),
            input.at(n, row, column, c));
      });
  }
};

}  // namespace reference
