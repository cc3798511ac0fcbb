// Chains of elementwise layers on a GPU: layers that keep their input, their output or nothing, and ask where they
// stand.
#include <layers/cuda_run.hpp>

using namespace strata;
using layer_test::check_cuda_group;
using layer_test::check_cuda_inference;
using layer_test::check_cuda_traffic;

namespace {

struct Softsign : ElementwiseLayer {  // y = x / (1 + |x|)
  static constexpr const char* name = "softsign";
  static constexpr Saves saves = Saves::input;

  template <class T>
  STRATA_HD static T forward(T x) {
    return x / (T{} + 1.0f + absolute(x));
  }

  template <class T>
  STRATA_HD static T backward(T dy, T x) {
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

/// Multiplies by 1, 2, 4 or 8, as height, width and channel say.
struct ByPlace : ElementwiseLayer {
  static constexpr const char* name = "by_place";
  static constexpr bool is_positional = true;

  template <class T, class At>
  STRATA_HD static T forward(const T& x, const At& at) {
    return x * static_cast<float>(1 << (at.height() + 2 * at.width() + 3 * at.channel()) % 4);
  }

  template <class T, class At>
  STRATA_HD static T backward(const T& dy, const At& at) {
    return forward(dy, at);
  }
};

struct ByPlaceReference : reference::Layer {
  reference::Tensor forward(const reference::Tensor& x) override {
    reference::Tensor y = x.like();
    for (int n = 0; n < x.batch(); ++n)
      for (int h = 0; h < x.height(); ++h)
        for (int w = 0; w < x.width(); ++w)
          for (int c = 0; c < x.channels(); ++c) {
            const std::size_t i = x.at(n, h, w, c);
            y.add(i, x, i, 1 << (h + 2 * w + 3 * c) % 4);
          }
    return y;
  }
  reference::Tensor backward(const reference::Tensor& dy) override { return forward(dy); }
};

template <class Layer>
void set_formula(double (*f)(double)) {
  layer_test::formula<Layer>::f = f;
}

}  // namespace

template <>
struct layer_test::reference_of<ByPlace> {
  static std::unique_ptr<reference::Layer> make(Shape, const Position&) { return std::make_unique<ByPlaceReference>(); }
  static constexpr bool is_exact = true;
};

BOOST_AUTO_TEST_SUITE(elementwise)

BOOST_AUTO_TEST_CASE(sizes) {
  check_cuda_group<Vector<1>, ReLU>({1, 4});
  check_cuda_group<Vector<10>, LeakyReLU<25>>();
  check_cuda_group<Vector<1100>, ReLU>();  // more than a block
  check_cuda_group<Image<4, 5, 17>, ReLU>();
  check_cuda_group<Image<7, 5, 4>, LeakyReLU<8>>();
  check_cuda_inference<Image<7, 5, 3>, ReLU, LeakyReLU<8>>();
}

BOOST_AUTO_TEST_CASE(layers_that_keep_something) {
  set_formula<Softsign>([](double x) { return x / (1 + std::abs(x)); });
  set_formula<Logistic>([](double x) { return 1 / (1 + std::exp(-x)); });
  check_cuda_group<Image<5, 7, 3>, Softsign>();
  check_cuda_group<Vector<36>, Logistic>();
  check_cuda_group<Vector<36>, LeakyReLU<50>, Softsign, Logistic, ReLU>();
  check_cuda_group<Image<5, 7, 3>, Logistic, Dropout<50>, Softsign, Flatten, Softsign>();
  check_cuda_group<Image<5, 7, 4>, Softsign, MaxPool<2>, Softsign, Flatten>();
  check_cuda_group<Image<5, 7, 4>, Logistic, MaxPool<3, Stride<2>>, Logistic>();
  check_cuda_group<Image<5, 7, 3>, Logistic, Dropout<50>, MaxPool<2, Same>>();
  check_cuda_group<Image<6, 5, 4>, Softsign, Logistic, AvgPool<2, Stride<1>>>();
}

BOOST_AUTO_TEST_CASE(layers_that_ask_where_they_stand) {
  check_cuda_group<Image<5, 7, 3>, ByPlace>();
  check_cuda_group<Image<4, 6, 20>, ByPlace, MaxPool<2>, ByPlace>();
  check_cuda_group<Image<6, 6, 4>, ByPlace, AvgPool<2, Stride<1>>, ByPlace, Flatten, ByPlace>();
}

BOOST_AUTO_TEST_CASE(moves_no_more_than_it_must, *boost::unit_test::precondition(simt_test::sees_accesses)) {
  check_cuda_traffic<Vector<128>, ReLU>(16);
  check_cuda_traffic<Vector<1024>, Logistic, Softsign, LeakyReLU<8>>();  // two values stored on the way
}

BOOST_AUTO_TEST_SUITE_END()
