// The summary of a network: every row and total, the groups and the memory map.
#include <strata/plan/describe.hpp>

#include "reference_models.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

using namespace reference;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// The part of a text from `begin` on, before `end`.
std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t from = text.find(begin);
  BOOST_REQUIRE_MESSAGE(from != std::string::npos, "no '" << begin << "' in:\n" << text);
  return text.substr(from, text.find(end, from) - from);
}

/// Runs of spaces as one: how wide a column is depends on the rows beside the one in question.
std::string squeezed(const std::string& text) {
  std::string out;
  for (const char c : text)
    if (c != ' ' || (!out.empty() && out.back() != ' ')) out += c;
  return out;
}

struct Block : Seq<Conv<4, 3, Same, ReLU>, Conv<4, 3, Same>> {};
struct Blocks : Seq<Repeat<2, Block>, Softmax<3>> {};
using Nested = Network<Blocks, Input<6, 6, 2>>;

}  // namespace

BOOST_AUTO_TEST_SUITE(plan_describe)

BOOST_AUTO_TEST_CASE(the_table_of_layers) {
  const std::string text = describe<R12>();
  BOOST_TEST(between(text, "input", "\nmemory") ==
             "input 28 x 28 x 1, bytes as x / 255\n"
             "\n"
             "   layer       output        parameters  multiply-adds\n"
             "------------------------------------------------------\n"
             "1  conv_1      26 x 26 x 28         280        170,352\n"
             "2  max_pool_1  13 x 13 x 28           0              0\n"
             "3  flatten_1   4732                   0              0\n"
             "4  dense_1     128              605,824        605,696\n"
             "   relu_1      128                    0              0\n"
             "5  dropout_1   128                    0              0\n"
             "6  dense_2     10                 1,290          1,280\n"
             "   softmax_1   10                     0              0\n"
             "\n"
             "parameters: 607,394, trainable 607,394, not trainable 0\n"
             "operations per sample: 1,554,656 (a multiply-add counts 2)");
  BOOST_TEST(has(text, "fingerprint: " + fingerprint<R12>() + "\n"));
  BOOST_TEST(!has(text, "groups"));
}

BOOST_AUTO_TEST_CASE(totals_tell_state_from_what_is_trained) {
  BOOST_TEST(has(describe<R5>(), "parameters: 499,378, trainable 492,446, not trainable 6,932\n"));
}

BOOST_AUTO_TEST_CASE(repeated_blocks_are_numbered_as_written) {
  const std::string text = describe<Nested>();
  BOOST_TEST(has(text, "1  conv_1     6 x 6 x 4"));
  BOOST_TEST(has(text, "   relu_1     6 x 6 x 4"));
  BOOST_TEST(has(text, "2  conv_2     6 x 6 x 4"));
  BOOST_TEST(has(text, "3  conv_3     6 x 6 x 4"));
  BOOST_TEST(has(text, "   relu_2     6 x 6 x 4"));
  BOOST_TEST(has(text, "4  conv_4     6 x 6 x 4"));
  BOOST_TEST(has(text, "5  dense_1    3"));
}

BOOST_AUTO_TEST_CASE(memory_totals_are_those_of_the_network) {
  const std::size_t training = R5::training_bytes(64, SGD{}), inference = R5::inference_bytes(64);
  const std::size_t moment = R5::training_bytes(64, SGD{.momentum = 0.9}) - training;
  BOOST_TEST(has(describe<R5>(Details::layers, 64),
                 "memory, batch of 64, one thread: prediction " + detail::readable_bytes(inference) + "; training " +
                     detail::readable_bytes(training) + ", and " + detail::readable_bytes(moment) +
                     " for each moment that the optimizer keeps\n"));
  BOOST_TEST(detail::readable_bytes(0) == "0 bytes");
  BOOST_TEST(detail::readable_bytes(1023) == "1023 bytes");
  BOOST_TEST(detail::readable_bytes(1024) == "1.0 KiB");
  BOOST_TEST(detail::readable_bytes(std::size_t{3} << 29) == "1.5 GiB");
  BOOST_TEST(detail::with_commas(0) == "0");
  BOOST_TEST(detail::with_commas(999) == "999");
  BOOST_TEST(detail::with_commas(1000) == "1,000");
  BOOST_TEST(detail::with_commas(-1234567) == "-1,234,567");
}

BOOST_AUTO_TEST_CASE(groups_of_both_modes) {
  const std::string text = describe<R12>(Details::groups);
  BOOST_TEST(has(text,
                 "\ngroups in training\n\n"
                 "group  operations                       from         to\n"
                 "---------------------------------------------------------\n"
                 "1      conv_1 + max_pool_1 + flatten_1  28 x 28 x 1  4732\n"
                 "2      dense_1 + relu_1 + dropout_1     4732         128\n"
                 "3      dense_2                          128          10\n"
                 "\ngroups in inference\n"),
             text);
  BOOST_TEST(has(text, "4      softmax_1"));
  BOOST_TEST(!has(text, "memory of"));
  // A row for each group, and in every mode each operation once.
  const std::string training = between(describe<R5>(Details::groups), "groups in training", "\ngroups in inference");
  BOOST_TEST(lines(training) == 4u + R5::groups<Mode::training>);
}

BOOST_AUTO_TEST_CASE(the_memory_map) {
  const std::string text = describe<R12>(Details::groups | Details::memory);
  const std::string training = squeezed(between(text, "memory of a training step", "memory of a prediction"));
  using P = Plan<R12, Mode::training, Cpu<>, LossOnLogits>;
  BOOST_TEST(has(text, "groups in training"));
  BOOST_TEST(has(training, "input load backward 1 3,136 0\n"), training);
  BOOST_TEST(has(training, "output of flatten_1 forward 1 backward 2 18,944"), training);
  BOOST_TEST(has(training, "kept by group 1 for backward forward 1 backward 1"), training);
  BOOST_TEST(has(training, "output of relu_1, for backward forward 2 backward 2 512"), training);
  BOOST_TEST(has(training, "output of dense_2 forward 3 loss 64"), training);
  BOOST_TEST(has(training, "gradient of output of dense_2 loss backward 3 64"), training);
  BOOST_TEST(has(training, "together " + detail::with_commas(P::memory.per_sample) + " bytes a sample ("));
  BOOST_TEST(lines(training) == 7u + static_cast<std::size_t>(P::memory.buffer_count));
  const std::string prediction = text.substr(text.find("memory of a prediction"));
  BOOST_TEST(has(prediction, "output of softmax_1"));
  BOOST_TEST(has(prediction, "result"));
  BOOST_TEST(!has(prediction, "backward"));
}

BOOST_AUTO_TEST_SUITE_END()
