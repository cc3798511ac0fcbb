// A user's own layers: the worked example of the contract, one made of exponentials, and one that asks where it stands.
#include <layers/check_layer.hpp>

#include <cmath>
#include <memory>

using namespace strata;

namespace {

struct Softsign : ElementwiseLayer {  // y = x / (1 + |x|)
  static constexpr const char* name = "softsign";
  static constexpr Saves saves = Saves::input;

  template <class T>
  STRATA_HD static T forward(T x) {
    return x / (T{} + 1.0f + absolute(x));
  }

  template <class T>
  STRATA_HD static T backward(T dy, T x) {  // dx = dy / (1 + |x|)^2
    const T d = T{} + 1.0f + absolute(x);
    return dy / (d * d);
  }
};

struct Logistic : ElementwiseLayer {  // y = 1 / (1 + exp(-x))
  static constexpr const char* name = "logistic";
  static constexpr Saves saves = Saves::output;

  template <class T>
  STRATA_HD static T forward(const T& x) {
    return 1.0f / (1.0f + exponential(-x));
  }

  template <class T>
  STRATA_HD static T backward(const T& dy, const T& y) {
    return dy * y * (1.0f - y);
  }
};

struct Negation : ElementwiseLayer {  // wants nothing for backward
  static constexpr const char* name = "negation";

  template <class T>
  STRATA_HD static T forward(const T& x) {
    return -x;
  }

  template <class T>
  STRATA_HD static T backward(const T& dy) {
    return -dy;
  }
};

// y = x where height + 2 width + channel is even, else -x; it wants its input too.
struct Checkers : ElementwiseLayer {
  static constexpr const char* name = "checkers";
  static constexpr Saves saves = Saves::input;
  static constexpr bool is_positional = true;

  template <class T, class At>
  STRATA_HD static T sign(const At& at) {
    T s{};
    if constexpr (sizeof(T) == sizeof(float)) {
      s = static_cast<float>(1 - (at.height() + 2 * at.width() + at.channel()) % 2 * 2);
    } else {
      for (int i = 0; i < static_cast<int>(sizeof(T) / sizeof(float)); ++i)
        s[i] = static_cast<float>(1 - (at.height() + 2 * at.width() + at.channel() + i) % 2 * 2);
    }
    return s;
  }

  template <class T, class At>
  STRATA_HD static T forward(const T& x, const At& at) {
    return x * sign<T>(at);
  }

  template <class T, class At>
  STRATA_HD static T backward(const T& dy, const T& x, const At& at) {
    return select(x == x, dy * sign<T>(at), x);
  }
};

// What Checkers does, with the shape from outside.
struct CheckersReference : reference::Layer {
  reference::Tensor forward(const reference::Tensor& x) override {
    reference::Tensor y = x.like();
    for (int n = 0; n < x.batch(); ++n)
      for (int h = 0; h < x.height(); ++h)
        for (int w = 0; w < x.width(); ++w)
          for (int c = 0; c < x.channels(); ++c)
            y.add(x.at(n, h, w, c), x, x.at(n, h, w, c), (h + 2 * w + c) % 2 ? -1 : 1);
    return y;
  }
  reference::Tensor backward(const reference::Tensor& dy) override { return forward(dy); }
};

}  // namespace

template <>
struct layer_test::reference_of<Checkers> {
  static std::unique_ptr<reference::Layer> make(Shape, const Position&) {
    return std::make_unique<CheckersReference>();
  }
  static constexpr bool is_exact = true;
};

BOOST_AUTO_TEST_SUITE(own_layers)

BOOST_AUTO_TEST_CASE(softsign) {
  static_assert(Layer<Softsign>);
  layer_test::check_layer<Softsign, Image<5, 7, 3>>([](double x) { return x / (1 + std::abs(x)); });
  layer_test::check_layer<Softsign, Vector<21>>();
}

BOOST_AUTO_TEST_CASE(logistic) {
  layer_test::check_layer<Logistic, Image<5, 7, 3>>([](double x) { return 1 / (1 + std::exp(-x)); });
}

BOOST_AUTO_TEST_CASE(negation) {
  layer_test::check_layer<Negation, Image<4, 2, 17>>([](double x) { return -x; });
}

BOOST_AUTO_TEST_CASE(positional) {
  layer_test::check_group<Image<4, 5, 3>, Checkers>();
  layer_test::check_group<Image<4, 5, 18>, Checkers, MaxPool<2>, Checkers>();
  layer_test::check_group<Image<4, 5, 18>, Conv<19, 3>, Checkers, MaxPool<2>>();
  layer_test::check_group<Image<4, 5, 3>, Conv<18, 3>, ReLU, Checkers, AvgPool<2>, Checkers>();
  layer_test::check_group<Image<4, 5, 3>, Flatten, Checkers>();
  layer_test::check_group<Vector<21>, Dense<35>, Checkers, Checkers>();
}

BOOST_AUTO_TEST_SUITE_END()
