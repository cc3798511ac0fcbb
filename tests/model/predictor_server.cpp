// A Predictor as a server uses it: one call for one sample, several threads, weights from a file.
#include <strata/strata.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <thread>
#include <vector>

using namespace strata;

namespace {

struct Layers : Seq<Conv<5, 3, ReLU>, MaxPool<2>, Dense<40>, BatchNorm<>, ReLU, Dropout<20>, Softmax<10>> {};
using Net = Network<Layers, Input<28, 28, 1, Centered>>;
using P = Predictor<Net>;

/// The pixels of a drawn digit.
std::span<const std::uint8_t, P::inputs> bytes(const Dataset& data, std::int64_t i) {
  return data.image(i).bytes.first<P::inputs>();
}

/// A file in the directory of the test that is gone with its test.
struct TemporaryFile {
  std::string path;
  explicit TemporaryFile(const char* name) : path(name) {}
  ~TemporaryFile() { std::remove(path.c_str()); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(predictor_server)

static_assert(noexcept(std::declval<P&>()(std::declval<std::span<const float, P::inputs>>())));
static_assert(noexcept(std::declval<P&>()(std::declval<std::span<const std::uint8_t, P::inputs>>())));

BOOST_AUTO_TEST_CASE(the_call_gives_what_predict_gives) {
  Model<Net> model{seed(3)};
  P predictor{model};
  const Dataset data = synthetic_digits(5, 1);
  for (std::int64_t i = 0; i < data.size(); ++i) {
    const std::array<float, 10> expected = predict(predictor, data.image(i));
    BOOST_TEST((predictor(bytes(data, i)) == expected));
    std::array<float, P::inputs> floats;  // the input's preprocessing, by hand
    for (std::size_t p = 0; p < P::inputs; ++p)
      floats[p] = static_cast<float>(data.image(i).bytes[p] * (1 / 255.0) - 0.5);
    BOOST_TEST((predictor(std::span<const float, P::inputs>(floats)) == expected));
  }
}

BOOST_AUTO_TEST_CASE(a_sample_alone_equals_the_sample_in_a_batch) {  // a path of its own, the same sums
  Model<Net> model{seed(3)};
  P predictor{model};
  const Dataset data = synthetic_digits(21, 1);
  const std::vector<float> all = predict(predictor, data);
  for (std::int64_t i = 0; i < data.size(); ++i) {
    const std::array<float, 10> alone = predictor(bytes(data, i));
    BOOST_TEST(std::memcmp(alone.data(), all.data() + i * 10, sizeof alone) == 0);
  }
}

BOOST_AUTO_TEST_CASE(threads_predict_at_once) {
  Model<Net> model{seed(3)};
  P first{model};
  const Dataset data = synthetic_digits(30, 1);
  const std::vector<float> expected = predict(first, data);
  std::vector<int> wrong(3, 0);
  {
    std::vector<std::jthread> workers;
    for (std::size_t t = 0; t < wrong.size(); ++t)
      workers.emplace_back([&, t, own = first.share()]() mutable {
        for (int round = 0; round < 20; ++round)
          for (std::int64_t i = 0; i < data.size(); ++i)
            wrong[t] += std::memcmp(own(bytes(data, i)).data(), expected.data() + i * 10, 40) != 0;
      });
  }
  for (int w : wrong) BOOST_TEST(w == 0);
}

BOOST_AUTO_TEST_CASE(weights_from_a_file) {
  const TemporaryFile file("predictor_server.safetensors");
  Model<Net> model{seed(9)};
  save(model, file.path);
  P expected{model};
  P loaded = load_predictor<Net>(file.path);
  const Dataset data = synthetic_digits(3, 2);
  for (std::int64_t i = 0; i < data.size(); ++i) BOOST_TEST((loaded(bytes(data, i)) == expected(bytes(data, i))));
  using Other = Network<Seq<Dense<10>>, Input<28, 28, 1>>;
  BOOST_CHECK_THROW(load_predictor<Other>(file.path), Error);
  BOOST_CHECK_THROW(load_predictor<Net>("no such file"), Error);
}

BOOST_AUTO_TEST_CASE(parameters_of_another_network_are_refused) {
  Model<Net> model{seed(9)};
  const std::span<const float> parameters = std::as_const(model).parameters();
  BOOST_CHECK_NO_THROW(P{parameters});
  BOOST_CHECK_EXCEPTION(P{parameters.first(parameters.size() - 1)}, Error, [&](const Error& e) {
    return std::string(e.what()).find(std::to_string(parameters.size())) != std::string::npos;
  });
}

BOOST_AUTO_TEST_SUITE_END()
