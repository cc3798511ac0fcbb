// The references that layers are held against: their gradients by central differences, their values by hand.
#include <reference/avg_pool.hpp>
#include <reference/batch_norm.hpp>
#include <reference/conv.hpp>
#include <reference/dense.hpp>
#include <reference/elementwise.hpp>
#include <reference/log_softmax.hpp>
#include <reference/max_pool.hpp>
#include <reference/softmax.hpp>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <random>

using namespace reference;

namespace {

// Distinct numbers in [-1, 1], none near another or near zero, so that no difference crosses a kink.
void fill(Tensor& t, std::mt19937& random) {
  std::vector<double> numbers(t.size());
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = (static_cast<double>(i) + 0.75) / static_cast<double>(numbers.size()) * 2 - 1;
  std::shuffle(numbers.begin(), numbers.end(), random);
  for (std::size_t i = 0; i < numbers.size(); ++i) t.set(i, numbers[i]);
}

double loss(Layer& layer, const Tensor& x, const Tensor& weights) {
  const Tensor y = layer.forward(x);
  double sum = 0;
  for (std::size_t i = 0; i < y.size(); ++i) sum += y.value[i] * weights.value[i];
  return sum;
}

// Compares every gradient of `layer` with (loss(p + h) - loss(p - h)) / 2h.
void check_gradients(Layer& layer, Tensor x) {
  std::mt19937 random(7);
  fill(x, random);
  for (Tensor& p : layer.parameters) {
    fill(p, random);
    for (std::size_t i = 0; i < p.size(); ++i) p.set(i, p.value[i] + 1.5);  // variances are positive
  }
  Tensor dy = layer.forward(x).like();
  fill(dy, random);
  layer.forward(x);
  const Tensor dx = layer.backward(dy);
  const std::vector<Tensor> gradients = layer.gradients;
  const std::vector<Tensor> parameters = layer.parameters;
  auto compare = [&](Tensor& of, const Tensor& gradient) {
    BOOST_REQUIRE_EQUAL(of.size(), gradient.size());
    double worst = 0;
    for (std::size_t i = 0; i < of.size(); ++i) {
      const double h = 1e-5, before = of.value[i];
      of.value[i] = before + h;
      const double above = loss(layer, x, dy);
      of.value[i] = before - h;
      const double below = loss(layer, x, dy);
      of.value[i] = before;
      worst = std::max(worst, std::abs(gradient.value[i] - (above - below) / (2 * h)));
      BOOST_TEST(gradient.terms[i] >= std::abs(gradient.value[i]) * (1 - 1e-12));
    }
    BOOST_TEST(worst < 1e-8);
  };
  compare(x, dx);
  for (std::size_t p = 0; p < gradients.size(); ++p)
    if (gradients[p].size() > 0) compare(layer.parameters[p], gradients[p]);
}

void check_values(const Tensor& t, const std::vector<double>& expected) {
  BOOST_REQUIRE_EQUAL(t.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) BOOST_TEST(std::abs(t.value[i] - expected[i]) < 1e-12);
}

Tensor counted(int a, int b, int c, int d) {
  Tensor t(a, b, c, d);
  for (std::size_t i = 0; i < t.size(); ++i) t.set(i, static_cast<double>(i + 1));
  return t;
}

constexpr Window windows[] = {{2, 2, 1, false}, {2, 2, 2, false}, {3, 2, 2, true},
                              {2, 3, 1, true},  {5, 5, 3, true},  {3, 2, 2, false, 2, 0, 1, 1}};

}  // namespace

BOOST_AUTO_TEST_SUITE(references)

BOOST_AUTO_TEST_CASE(gradients_of_conv) {
  for (const Window& w : windows)
    for (const bool bias : {true, false}) {
      Conv conv(w, 2, 3, bias);
      check_gradients(conv, Tensor(2, 5, 6, 2));
    }
}

BOOST_AUTO_TEST_CASE(gradients_of_dense) {
  for (const bool bias : {true, false}) {
    Dense dense(12, 5, bias);
    check_gradients(dense, Tensor(3, 2, 3, 2));
  }
}

BOOST_AUTO_TEST_CASE(gradients_of_pooling) {
  for (const Window& w : windows) {
    MaxPool maximum(w);
    check_gradients(maximum, Tensor(2, 5, 6, 2));
    AvgPool average(w);
    check_gradients(average, Tensor(2, 5, 6, 2));
  }
}

BOOST_AUTO_TEST_CASE(gradients_of_elementwise_layers) {
  const Tensor x(2, 3, 4, 2);
  ReLU relu;
  check_gradients(relu, x);
  LeakyReLU leaky(0.08);
  check_gradients(leaky, x);
  Dropout dropout(0.2, [](int sample, int element) { return (sample + element) % 3 != 0; });
  check_gradients(dropout, x);
  Flatten flatten;
  check_gradients(flatten, x);
  Elementwise tanh([](double v) { return std::tanh(v); });
  check_gradients(tanh, x);
}

BOOST_AUTO_TEST_CASE(gradients_of_softmax) {
  Softmax softmax;
  check_gradients(softmax, Tensor(3, 1, 1, 6));
  LogSoftmax log_softmax;
  check_gradients(log_softmax, Tensor(3, 1, 1, 6));
}

BOOST_AUTO_TEST_CASE(gradients_of_batch_norm) {
  for (const bool training : {true, false}) {
    BatchNorm norm(3, training, training ? 1 : 0.9, 0.001);  // momentum 1: state stays as it is
    check_gradients(norm, Tensor(3, 2, 2, 3));
  }
}

BOOST_AUTO_TEST_CASE(values_by_hand) {
  // 1 2 3 / 4 5 6 / 7 8 9, kernel 1 2 / 3 4, bias 10
  Conv conv({2, 2, 1, false}, 1, 1, true);
  conv.parameters = {counted(2, 2, 1, 1), counted(1, 1, 1, 1)};
  conv.parameters[1].set(0, 10);
  check_values(conv.forward(counted(1, 3, 3, 1)), {47, 57, 77, 87});
  conv.window.same = true;  // zeros at the bottom and the right
  check_values(conv.forward(counted(1, 3, 3, 1)), {47, 57, 31, 77, 87, 43, 33, 36, 19});
  Conv strided({3, 3, 2, true}, 1, 1, false);  // zeros all around
  strided.parameters = {counted(3, 3, 1, 1)};
  check_values(strided.forward(counted(1, 3, 3, 1)),
               {5 + 12 + 32 + 45, 8 + 15 + 35 + 48, 8 + 15 + 35 + 48, 5 + 12 + 32 + 45});

  Dense dense(2, 2, true);
  dense.parameters = {counted(1, 1, 2, 2), counted(1, 1, 1, 2)};
  check_values(dense.forward(counted(1, 1, 1, 2)), {1 + 1 * 1 + 2 * 3, 2 + 1 * 2 + 2 * 4});

  MaxPool maximum({2, 2, 2, true});
  check_values(maximum.forward(counted(1, 3, 3, 1)), {5, 6, 8, 9});
  check_values(maximum.backward(counted(1, 2, 2, 1)), {0, 0, 0, 0, 1, 2, 0, 3, 4});
  maximum.forward(Tensor(1, 3, 3, 1));  // all equal: the first pixel wins
  check_values(maximum.backward(counted(1, 2, 2, 1)), {1, 0, 2, 0, 0, 0, 3, 0, 4});
  MaxPool framed({2, 2, 2, false, 1, 0, 0, 1});  // a row above, a column on the right
  check_values(framed.forward(counted(1, 3, 3, 1)), {2, 3, 8, 9});
  AvgPool counting({2, 2, 2, false, 1, 0, 0, 1});
  check_values(counting.forward(counted(1, 3, 3, 1)), {1.5, 3, 6, 7.5});
  AvgPool average({2, 2, 2, true});
  check_values(average.forward(counted(1, 3, 3, 1)), {3, 4.5, 7.5, 9});

  Tensor x(1, 1, 1, 2);
  x.set(0, -2);
  x.set(1, 3);
  ReLU relu;
  check_values(relu.forward(x), {0, 3});
  LeakyReLU leaky(0.25);
  check_values(leaky.forward(x), {-0.5, 3});
  Dropout dropout(0.2, [](int, int element) { return element == 1; });
  check_values(dropout.forward(x), {0, 3.75});
  Softmax softmax;
  check_values(softmax.forward(x), {1 / (1 + std::exp(5)), 1 / (1 + std::exp(-5))});
  LogSoftmax log_softmax;
  check_values(log_softmax.forward(x), {-std::log(1 + std::exp(5)), -std::log(1 + std::exp(-5))});

  BatchNorm norm(1, true, 0.75, 1.75);  // of -2 and 3: mean 0.5, variance 6.25
  norm.parameters = {counted(1, 1, 1, 1), counted(1, 1, 1, 1), counted(1, 1, 1, 1), counted(1, 1, 1, 1)};
  Tensor column(2, 1, 1, 1);
  column.value = column.terms = {-2, 3};
  check_values(norm.forward(column), {1 - 2.5 / std::sqrt(8), 1 + 2.5 / std::sqrt(8)});
  check_values(norm.parameters[2], {0.75 + 0.25 * 0.5});
  check_values(norm.parameters[3], {0.75 + 0.25 * 6.25});
  norm.training = false;
  norm.parameters[2].set(0, 1);
  norm.parameters[3].set(0, 2.25);
  check_values(norm.forward(column), {1 - 3 / 2.0, 1 + 2 / 2.0});
}

BOOST_AUTO_TEST_SUITE_END()
