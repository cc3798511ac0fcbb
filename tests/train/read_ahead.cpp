// Samples that come from disk are asked for one batch before they are needed.
#include <strata/strata.hpp>

#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

using namespace strata;

namespace {

using Net = Network<Seq<Softmax<2>>, Input<2, 2, 1>>;

std::multiset<const void*> asked;  // by the one thread that there is
void ask(const void* from, std::size_t bytes) {
  BOOST_TEST(bytes == 4u);
  asked.insert(from);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(read_ahead)

BOOST_AUTO_TEST_CASE(each_sample_behind_the_first_batch_is_asked_for_once) {
  const std::vector<std::uint8_t> pixels(11 * 4, 1);
  const std::vector<std::int32_t> labels(11, 0);
  const Dataset data = Dataset::view(Net::input_shape, 2, pixels, labels);
  for (const bool shuffle : {false, true}) {
    asked.clear();
    Model<Net> model{seed(1), threads(1)};
    fit(model, data.read_ahead_by(ask), Adam{}, {.batch = 4, .shuffle = shuffle, .progress = Progress::silent});
    BOOST_TEST(asked.size() == 7u);
    BOOST_TEST(std::set<const void*>(asked.begin(), asked.end()).size() == 7u);
    if (!shuffle) BOOST_TEST(*asked.begin() == pixels.data() + 4 * 4);
  }
  asked.clear();
  Model<Net> model{seed(1), threads(1)};
  fit(model, data, Adam{}, {.batch = 4, .progress = Progress::silent});
  BOOST_TEST(asked.empty());
}

BOOST_AUTO_TEST_SUITE_END()
