// Damaged and hostile files of models: refused, or read as what they then say; a model is never half changed.
#include <strata/model/files.hpp>
#include <strata/train/fit.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>

#include "io/folder.hpp"
#include "model/saved_model.hpp"

using namespace strata;
using namespace saved;

BOOST_AUTO_TEST_SUITE(model_damaged_files)

BOOST_AUTO_TEST_CASE(metadata_that_do_not_fit_are_refused) {
  const Folder folder;
  save_checkpoint(trained(), folder.file("checkpoint"));
  auto with = [&](const std::string& key, const std::string& value) {
    Contents contents(folder.file("checkpoint"));
    contents.text(key) = value;
    contents.write(folder.file("changed"));
    Model<Net> model = trained(9);
    const std::string before = state_of(model);
    const std::string message = message_of<Error>([&] { load_checkpoint(model, folder.file("changed")); });
    BOOST_TEST((state_of(model) == before));
    return message.substr(std::min(message.size(), message.find("not loaded: ") + 12));
  };
  BOOST_TEST(with("strata_format", "2") == "the file is of strata's format 2; this version reads format 1");
  BOOST_TEST(with("steps", "-1") ==
             "the metadata's 'steps' is '-1'; a whole number from 0 to 9223372036854775807 is expected");
  for (const char* wrong : {"", " 1", "1 ", "1.0", "0x1", "9223372036854775808", "99999999999999999999", "1\n"}) {
    BOOST_TEST(with("steps", wrong).starts_with("the metadata's 'steps' is "));
    BOOST_TEST(with("epochs", wrong).starts_with("the metadata's 'epochs' is "));
  }
  BOOST_TEST(with("epochs_before_optimizer", "3") ==
             "the metadata's 'epochs_before_optimizer' is '3'; a whole number from 0 to 2 is expected");
  BOOST_TEST(with("seed", "x").starts_with("the metadata's 'seed' is 'x'"));
  BOOST_TEST(with("optimizer_moments", "17") ==
             "the metadata's 'optimizer_moments' is '17'; a whole number from 0 to 16 is expected");
  BOOST_TEST(with("optimizer_moments", "3")
                 .starts_with("the file's tensors are not those of the network:\n  there is no "
                              "'adam/moment_3/conv_1/kernel'"));
  BOOST_TEST(with("optimizer_moments", "1").find("'adam/moment_2/") != std::string::npos);
  BOOST_TEST(with("optimizer", "sgd").find("there is no 'sgd/moment_1/conv_1/kernel'") != std::string::npos);
  BOOST_TEST(with("fingerprint", "0123456789abcdef") ==
             "the file's fingerprint is '0123456789abcdef', but its architecture and preprocessing give '" +
                 fingerprint<Net>() + "'; the file is damaged");
  // Text of a hostile file neither commands the terminal nor fills it.
  std::string hostile = "\x1b[2J";
  for (int i = 0; i < 100000; ++i) hostile += "line with \x07 and much more of it, " + std::string(500, 'x') + "\n";
  const std::string message = with("architecture", hostile);
  BOOST_TEST(message.size() < 4000u);
  BOOST_TEST(message.find('\x1b') == std::string::npos);
  BOOST_TEST(message.find('\x07') == std::string::npos);
  BOOST_TEST(with("architecture", "").starts_with("the file was saved from another architecture:\n  file: nothing; "));
}

BOOST_AUTO_TEST_CASE(every_truncation_is_refused_and_changes_nothing) {
  const Folder folder;
  save_checkpoint(trained(), folder.file("checkpoint"));
  const std::string whole = get(folder.file("checkpoint"));
  Model<Net> model = trained(9);
  const std::string before = state_of(model);
  std::size_t accepted = 0, changed = 0;
  for (std::size_t n = 0; n < whole.size(); n += n < 64 || n + 64 > whole.size() ? 1 : 61) {
    put(folder.file("cut"), whole.substr(0, n));
    accepted += message_of<Error>([&] { load(model, folder.file("cut")); }) == nothing;
    accepted += message_of<Error>([&] { load_checkpoint(model, folder.file("cut")); }) == nothing;
    changed += state_of(model) != before;
  }
  BOOST_TEST(accepted == 0u);
  BOOST_TEST(changed == 0u);
}

BOOST_AUTO_TEST_CASE(damaged_files_are_read_or_refused) {
  const Folder folder;
  save_checkpoint(trained(), folder.file("checkpoint"));
  const std::string whole = get(folder.file("checkpoint"));
  std::uint64_t header = 0;
  std::memcpy(&header, whole.data(), 8);
  std::mt19937 random(20240301);
  auto below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  const std::string pieces[] = {"0",   "1",       "9",    "17",  "-1",       "18446744073709551615",
                                "\\n", "\\u0000", "adam", "sgd", "moment_1", "conv_1/bias",
                                "F64", "F16",     "[",    "]",   ",",        "x",
                                ""};
  Model<Net> model = trained(9);
  std::string before = state_of(model);
  std::size_t read = 0, refused = 0, longest = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text = whole.substr(8, header);
    std::string values = whole.substr(8 + header);
    for (std::size_t k = 0, n = 1 + below(3); k < n; ++k) {
      const std::size_t at = below(text.size());
      switch (below(5)) {
        case 0:
          text[at] = static_cast<char>(text[at] ^ (1 << below(7)));
          break;
        case 1:
          text.replace(at, below(4), pieces[below(std::size(pieces))]);
          break;
        case 2: {  // a digit, which keeps the grammar
          const std::size_t digit = text.find_first_of("0123456789", at);
          if (digit != std::string::npos) text[digit] = static_cast<char>('0' + below(10));
          break;
        }
        case 3: {  // one name for another
          const std::size_t name = text.find("moment_", at);
          if (name != std::string::npos) text[name + 7] = static_cast<char>('0' + below(4));
          break;
        }
        default:
          values[below(values.size())] = static_cast<char>(below(256));
          break;
      }
    }
    std::string file(8, '\0');
    const std::uint64_t length = text.size();
    std::memcpy(file.data(), &length, 8);
    put(folder.file("damaged"), file + text + values);
    const std::string message = message_of<Error>([&] {
      if (round % 2 == 0)
        load_checkpoint(model, folder.file("damaged"));
      else
        load(model, folder.file("damaged"));
    });
    if (message == nothing) {
      ++read;
      for (const float v : model.parameters()) BOOST_REQUIRE(std::isfinite(v));
      before = state_of(model);
    } else {
      ++refused;
      longest = std::max(longest, message.size());
      BOOST_REQUIRE(state_of(model) == before);
    }
  }
  BOOST_TEST_MESSAGE(read << " files read, " << refused << " refused");
  BOOST_TEST(read > 100u);  // changed values are still values
  BOOST_TEST(refused > 1000u);
  BOOST_TEST(longest < 4000u);
  // Whatever was read, the model trains on, or says that it cannot.
  try {
    BOOST_TEST(fit(model, data(), Adam{}, {.epochs = 1, .progress = Progress::silent}).epochs.size() == 1u);
  } catch (const TrainingDiverged& e) {
    BOOST_TEST(e.epoch >= 1);
  }
}

BOOST_AUTO_TEST_SUITE_END()
