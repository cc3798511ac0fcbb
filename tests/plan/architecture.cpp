// The architecture's text: the same for networks that are the same, another for every difference that matters.
#include <strata/plan/architecture.hpp>

#include "reference_models.hpp"

#include <boost/test/unit_test.hpp>

#include <clocale>
#include <string>
#include <vector>

using namespace strata;

namespace {

template <class... Layers>
struct Chain : Seq<Layers...> {};

template <class In, class... Layers>
std::string text_of() {
  return architecture_text<Network<Chain<Layers...>, In>>();
}

using Image8 = Input<8, 8, 2>;

template <class In>
std::string preprocessing_of() {
  return preprocessing_text(view_of<Network<Chain<Dense<2>>, In>>());
}

/// A preprocessing of one's own, of which only the numbers differ.
template <int N>
struct Own {
  static constexpr const char* name = "own";
  static constexpr bool reverses_channels = false;
  static constexpr double scale(int) { return 1.0 / N; }
  static constexpr double offset(int) { return 0; }
};

struct Locale {
  std::string before = std::setlocale(LC_ALL, nullptr);
  ~Locale() { std::setlocale(LC_ALL, before.c_str()); }
};

boost::test_tools::assertion_result a_locale_with_commas(boost::unit_test::test_unit_id) {
  const Locale restore;
  for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8"})
    if (std::setlocale(LC_ALL, name)) return true;
  boost::test_tools::assertion_result no(false);
  no.message() << "skipped: no locale that writes numbers with a comma is installed (de_DE.UTF-8, fr_FR.UTF-8)";
  return no;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(plan_architecture)

BOOST_AUTO_TEST_CASE(a_line_for_each_operation) {
  using Net = Network<Chain<Conv<4, kernel<3, 2>, Same, Stride<2>, LeakyReLU<8>>, AvgPool<2>, BatchNorm<>, Dropout<20>,
                            Dense<5, NoBias, ReLU>, Softmax<3>>,
                      Image8>;
  const std::string text = architecture_text<Net>();
  const std::vector<std::string> begins{"input 8 x 8 x 2\n",
                                        "conv 8 x 8 x 2 to 4 x 4 x 4, filters 4, kernel 3 x 2, stride 2, same 1",
                                        "leaky_relu 4 x 4 x 4 to 4 x 4 x 4, percent 8\n",
                                        "avg_pool 4 x 4 x 4 to 2 x 2 x 4, window 2 x 2, stride 2\n",
                                        "batch_norm 2 x 2 x 4 to 2 x 2 x 4, ",
                                        "dropout 2 x 2 x 4 to 2 x 2 x 4, percent 20\n",
                                        "dense 2 x 2 x 4 to 5, units 5",
                                        "relu 5 to 5\n",
                                        "dense 5 to 3, units 3",
                                        "softmax 3 to 3\n"};
  std::size_t at = 0;
  for (const std::string& begin : begins) {
    BOOST_TEST(text.substr(at, begin.size()) == begin);
    at = text.find('\n', at) + 1;
  }
  BOOST_TEST(at == text.size());
  BOOST_TEST(text.find(", 16 parameters\n") != std::string::npos);  // of batch normalisation
  BOOST_TEST(text.find(", 80 parameters\n") != std::string::npos);  // 16 * 5 without a bias
}

BOOST_AUTO_TEST_CASE(how_it_was_written_does_not_matter) {
  BOOST_TEST((text_of<Image8, Dense<10, ReLU>>()) == (text_of<Image8, Dense<10>, ReLU>()));
  BOOST_TEST((text_of<Image8, Softmax<10>>()) == (text_of<Image8, Dense<10>, Softmax<>>()));
  BOOST_TEST((text_of<Image8, Repeat<2, Dense<4, ReLU>>>()) == (text_of<Image8, Dense<4, ReLU>, Dense<4, ReLU>>()));
  BOOST_TEST((text_of<Image8, Conv<4, 3, Stride<2>, Same>>()) == (text_of<Image8, Conv<4, 3, Same, Stride<2>>>()));
  BOOST_TEST((text_of<Image8, Dense<4, Zeros>>()) == (text_of<Image8, Dense<4, HeNormal>>()));  // how it began is past
}

BOOST_AUTO_TEST_CASE(every_difference_shows) {
  const std::vector<std::string> texts{text_of<Image8, Conv<4, 3>>(),
                                       text_of<Image8, Conv<4, 3, Same>>(),
                                       text_of<Image8, Conv<4, 3, Pad<1, 1, 0, 0>>>(),
                                       text_of<Image8, Conv<4, 3, Pad<0, 0, 1, 1>>>(),
                                       text_of<Image8, Conv<4, 3, Pad<2, 0, 0, 0>>>(),
                                       text_of<Image8, Conv<4, 3, Stride<2>>>(),
                                       text_of<Image8, Conv<4, 3, NoBias>>(),
                                       text_of<Image8, Conv<5, 3>>(),
                                       text_of<Image8, Conv<4, kernel<3, 1>>>(),
                                       text_of<Image8, Conv<4, kernel<1, 3>>>(),
                                       text_of<Input<8, 8, 1>, Conv<4, 3>>(),
                                       text_of<Image8, Conv<4, 3, ReLU>>(),
                                       text_of<Image8, MaxPool<2>>(),
                                       text_of<Image8, AvgPool<2>>(),
                                       text_of<Image8, MaxPool<3, Stride<2>>>(),
                                       text_of<Image8, MaxPool<2, Same>>(),
                                       text_of<Image8, Dense<4>>(),
                                       text_of<Image8, Dense<4, NoBias>>(),
                                       text_of<Image8, Flatten>(),
                                       text_of<Image8, Dropout<20>>(),
                                       text_of<Image8, Dropout<21>>(),
                                       text_of<Image8, LeakyReLU<20>>(),
                                       text_of<Image8, LeakyReLU<21>>(),
                                       text_of<Image8, BatchNorm<>>(),
                                       text_of<Image8, BatchNorm<Momentum<98>>>(),
                                       text_of<Image8, BatchNorm<Epsilon<1, 100000>>>()};
  for (std::size_t i = 0; i < texts.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) BOOST_TEST(texts[i] != texts[j]);
}

BOOST_AUTO_TEST_CASE(preprocessing_with_its_numbers) {
  BOOST_TEST((preprocessing_of<Input<4, 4, 1>>()) == "x / 255: scale 0.00392156862745098, offset 0");
  BOOST_TEST((preprocessing_of<Input<4, 4, 1, Centered>>()) == "x / 255 - 0.5: scale 0.00392156862745098, offset -0.5");
  BOOST_TEST((preprocessing_of<Input<4, 4, 3, Caffe>>()) ==
             "caffe: scale 1, offset -103.939; scale 1, offset -116.779; scale 1, offset -123.68; channels reversed");
  BOOST_TEST((preprocessing_of<Input<4, 4, 1, Scaled<2, 255, -1>>>()) ==
             "scaled: scale 0.00784313725490196, offset -1");
  BOOST_TEST((preprocessing_of<Input<4, 4, 1, Own<255>>>()) != (preprocessing_of<Input<4, 4, 1, Own<256>>>()));
}

BOOST_AUTO_TEST_CASE(the_fingerprint_stays_what_it_is) {
  // FNV-1a of "input 3\ndense 3 to 2, units 2, 8 parameters\nx / 255: scale 0.00392156862745098, offset 0", computed
  // by another program: files of today must be recognised for ever.
  using Net = Network<Chain<Dense<2>>, Input<3>>;
  BOOST_TEST(architecture_text<Net>() == "input 3\ndense 3 to 2, units 2, 8 parameters\n");
  BOOST_TEST(fingerprint<Net>() == "0069f5d7188fff33");
}

BOOST_AUTO_TEST_CASE(fingerprints_tell_networks_and_preprocessings_apart) {
  const std::string r12 = fingerprint<reference::R12>();
  BOOST_TEST(r12.size() == 16u);
  BOOST_TEST(r12.find_first_not_of("0123456789abcdef") == std::string::npos);
  BOOST_TEST(r12 != fingerprint<reference::R1>());
  BOOST_TEST((r12 != fingerprint<Network<reference::R12Layers, Input<28, 28, 1, Centered>>>()));
  BOOST_TEST(
      (r12 ==
       fingerprint<Network<Chain<Conv<28, 3>, MaxPool<2>, Flatten, Dense<128>, ReLU, Dropout<20>, Dense<10>, Softmax<>>,
                           Input<28, 28, 1>>>()));
}

BOOST_AUTO_TEST_CASE(the_locale_does_not_matter, *boost::unit_test::precondition(a_locale_with_commas)) {
  const Locale restore;
  const std::string before = preprocessing_of<Input<4, 4, 1, Centered>>();
  for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8"})
    if (std::setlocale(LC_ALL, name)) break;
  BOOST_TEST((preprocessing_of<Input<4, 4, 1, Centered>>()) == before);
}

BOOST_AUTO_TEST_SUITE_END()
