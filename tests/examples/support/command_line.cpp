// The examples' command line: what is taken, and clear words for what is not.
#include "../../../examples/support/command_line.hpp"

#include "../../../examples/support/options.hpp"
#include "../../io/folder.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

using example::About;
using example::Options;
using example::UsageError;

namespace {

const About about{.name = "program", .summary = "Does something.", .epochs = 7, .batch = 64, .learning_rate = 0.01};

Options read(std::initializer_list<const char*> words) {
  std::vector<std::string> copies{"program"};
  copies.insert(copies.end(), words.begin(), words.end());
  std::vector<char*> argv;
  for (std::string& word : copies) argv.push_back(word.data());
  return example::read_options(static_cast<int>(argv.size()), argv.data(), about);
}

std::string refusal(std::initializer_list<const char*> words) {
  return message_of<UsageError>([&] { read(words); });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(command_line)

BOOST_AUTO_TEST_CASE(has_the_defaults_of_the_example) {
  const Options o = read({});
  BOOST_TEST(o.epochs == 7);
  BOOST_TEST(o.batch == 64);
  BOOST_TEST(o.learning_rate == .01);
  BOOST_TEST(o.seed == 42u);
  BOOST_TEST(o.threads == 0);
  BOOST_TEST(o.samples == 0);
  BOOST_TEST(o.trains);
  BOOST_TEST(o.wants_data());
  BOOST_TEST(!o.help);
  BOOST_TEST(!o.quiet);
}

BOOST_AUTO_TEST_CASE(takes_every_option_in_both_spellings) {
  const Options o = read({"--data",  "d",         "--epochs=3", "--batch",   "16",         "--learning-rate=1e-4",
                          "--seed",  "9",         "--threads",  "2",         "--save=s=t", "--json",
                          "j",       "--samples", "100",        "--predict", "a.png",      "-b.png",
                          "--quiet", "--predict", "c.png"});
  BOOST_TEST(o.data == "d");
  BOOST_TEST(o.epochs == 3);
  BOOST_TEST(o.batch == 16);
  BOOST_TEST(o.learning_rate == 1e-4);
  BOOST_TEST(o.seed == 9u);
  BOOST_TEST(o.threads == 2);
  BOOST_TEST(o.save == "s=t");
  BOOST_TEST(o.json == "j");
  BOOST_TEST(o.samples == 100);
  BOOST_TEST(o.images == (std::vector<std::string>{"a.png", "-b.png", "c.png"}), boost::test_tools::per_element());
  BOOST_TEST(o.quiet);
  BOOST_TEST(read({"-h"}).help);
  BOOST_TEST((o.backend == example::Backend::automatic));
  BOOST_TEST((read({"--backend", "cpu"}).backend == example::Backend::cpu));
  BOOST_TEST((read({"--backend=cuda"}).backend == example::Backend::cuda));
  BOOST_TEST((read({"--backend", "auto"}).backend == example::Backend::automatic));
}

BOOST_AUTO_TEST_CASE(trains_loaded_weights_only_when_told) {
  BOOST_TEST(!read({"--load", "w"}).trains);
  BOOST_TEST(read({"--load", "w"}).wants_data());
  BOOST_TEST(!read({"--load", "w", "--predict", "a"}).wants_data());
  BOOST_TEST(read({"--load", "w", "--predict", "a", "--epochs", "1"}).wants_data());
  BOOST_TEST(read({"--load", "w", "--epochs", "2", "--batch", "8"}).trains);
  BOOST_TEST(refusal({"--load", "w", "--batch", "8"}).starts_with("--batch says nothing here: with --load"));
}

BOOST_AUTO_TEST_CASE(pictures_need_no_data) {
  for (const char* option : {"--data", "--samples", "--hold-out"}) {
    BOOST_TEST(refusal({"--load", "w", "--predict", "a", option, "60"}) ==
               std::string(option) + " says nothing here: --load with --predict reads pictures and needs no data");
    read({"--load", "w", option, "60"});
  }
}

BOOST_AUTO_TEST_CASE(studies_refuse_what_they_do_not_use) {
  const example::Study study{"rates", "many rates", nullptr, "--learning-rate --budget"};
  const auto refused = [&](const char* name, const char* value) {
    return message_of<UsageError>([&] { check_study(study, {{"--study", "rates"}, {name, value}}); });
  };
  BOOST_TEST(refused("--learning-rate", "1") ==
             "--learning-rate says nothing with --study rates, which does not use it");
  BOOST_TEST(refused("--budget", "1") == "--budget says nothing with --study rates, which does not use it");
  check_study(study, {{"--study", "rates"}, {"--batch", "8"}, {"--backend", "cpu"}});
  for (const char* value : {"auto", "cuda"})
    BOOST_TEST(refused("--backend", value) ==
               std::string("--study runs on the CPU, several models at once: --backend ") + value +
                   " says nothing with it");
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong) {
  BOOST_TEST(refusal({"--backend", "gpu"}) == "--backend wants cuda, cpu or auto, got 'gpu'; see --help");
  BOOST_TEST(refusal({"--epochs", "x"}) == "--epochs wants a whole number above 0, got 'x'; see --help");
  for (const char* bad : {"0", "-1", "1.5", "1e3", " 1", "1 ", "0x10", "99999999999999999999", "--"})
    BOOST_TEST(refusal({"--epochs", bad}).starts_with("--epochs wants"));
  BOOST_TEST(refusal({"--batch=4294967297"}).starts_with("--batch wants a whole number above 0, got '4294967297'"));
  for (const char* bad : {"0", "-1", "x", "nan", "inf", "1e999", "0.1x"})
    BOOST_TEST(refusal({"--learning-rate", bad}).starts_with("--learning-rate wants a number above 0, got '"));
  BOOST_TEST(refusal({"--seed", "-1"}) == "--seed wants a whole number from 0 on, got '-1'; see --help");
  BOOST_TEST(refusal({"--seed", "99999999999999999999"}).starts_with("--seed wants"));
  BOOST_TEST(refusal({"--threads", "5000"}).starts_with("--threads wants a whole number from 0 to 1024"));
  BOOST_TEST(refusal({"--save"}) == "--save wants FILE behind it; see --help");
  BOOST_TEST(refusal({"--save", "--quiet"}) == "--save wants FILE behind it; see --help");
  BOOST_TEST(refusal({"--save="}) == "--save wants FILE behind it; see --help");
  BOOST_TEST(refusal({"--predict"}) == "--predict wants IMAGE... behind it; see --help");
  BOOST_TEST(refusal({"--quiet=yes"}) == "--quiet takes no value");
  BOOST_TEST(refusal({"--seed", "1", "--seed", "2"}) == "--seed is given twice");
}

BOOST_AUTO_TEST_CASE(suggests_what_was_meant) {
  BOOST_TEST(refusal({"--epoch", "1"}) == "unknown option '--epoch'; did you mean '--epochs'?");
  BOOST_TEST(refusal({"--lerning-rate=1"}) == "unknown option '--lerning-rate'; did you mean '--learning-rate'?");
  BOOST_TEST(refusal({"--learn", "1"}) == "unknown option '--learn'; did you mean '--learning-rate'?");
  BOOST_TEST(refusal({"--completely-different"}) == "unknown option '--completely-different'; see --help");
  BOOST_TEST(refusal({"-epochs", "1"}) == "'-epochs' belongs to no option; did you mean '--epochs'?");
  BOOST_TEST(refusal({"picture.png"}) == "'picture.png' belongs to no option; see --help");
  BOOST_TEST(refusal({"--epochs", "1", "2"}) == "'2' belongs to no option; see --help");
  BOOST_TEST(refusal({""}) == "'' belongs to no option; see --help");
}

BOOST_AUTO_TEST_CASE(helps_in_columns) {
  const std::string help = example::help_text(about.name, about.summary, example::option_groups(about));
  BOOST_TEST(help.starts_with("Does something.\n\nUsage: program [OPTION]...\n\nData\n  --data DIR "));
  BOOST_TEST(help.find("how many times each image is seen [7]") != std::string::npos);
  BOOST_TEST(help.find("[64]") != std::string::npos);
  BOOST_TEST(help.find("[0.01]") != std::string::npos);
  for (std::size_t begin = 0; begin < help.size();) {
    const std::size_t end = help.find('\n', begin);
    BOOST_TEST(end - begin <= 80u);
    begin = end + 1;
  }
}

BOOST_AUTO_TEST_SUITE_END()
