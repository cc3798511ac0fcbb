// What a person sees of a run: in a terminal, in a file, or nothing.
#include <strata/train/progress.hpp>

#include <boost/test/unit_test.hpp>

#include <unistd.h>
#include <cstdio>
#include <string>

#include "io/folder.hpp"

using namespace strata;

namespace {

constexpr detail::Standing some{3, 10, 120, 469, 0.1234, 0.9876, 33000, 61};

/// What f prints on standard output, which is a file meanwhile.
template <class F>
std::string printed(const F& f) {
  const Folder folder;
  const std::string path = folder.file("out");
  std::fflush(stdout);
  const int kept = dup(STDOUT_FILENO);
  BOOST_REQUIRE(std::freopen(path.c_str(), "wb", stdout) != nullptr);
  f();
  std::fflush(stdout);
  dup2(kept, STDOUT_FILENO);
  close(kept);
  return get(path);
}

void run(Progress progress) {
  detail::ProgressPrinter printer(progress, 2, 4);
  printer.set_batch(10);
  for (int epoch = 1; epoch <= 2; ++epoch) {
    for (int step = 1; step <= 4; ++step) printer.step(epoch, step, 0.5, 0.75, 100);
    EpochRecord record;
    record.epoch = epoch;
    record.loss = 0.5;
    record.accuracy = 0.75;
    printer.epoch(record);
  }
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t n = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) ++n;
  return n;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(progress)

BOOST_AUTO_TEST_CASE(the_bar_has_room_in_its_terminal) {
  BOOST_TEST(detail::progress_line(some, 120) ==
             "epoch 3/10 [======>                 ] step 120/469  loss 0.1234  accuracy 0.9876  33000 images/s  1:01 "
             "left");
  BOOST_TEST(detail::progress_line(some, 79) ==
             "epoch 3/10 [===>        ] step 120/469  loss 0.1234  accuracy 0.9876  1:01 left");
  BOOST_TEST(detail::progress_line(some, 65) == "epoch 3/10 step 120/469  loss 0.1234  accuracy 0.9876  1:01 left");
  BOOST_TEST(detail::progress_line(some, 30) == "epoch 3/10 step 120/469  loss ");
  const detail::Standing large{1'000'000, 1'000'000, 100'000'000, 100'000'000, 1e30, 1, 1e12, 1e9};
  for (int columns = 1; columns < 200; ++columns) {
    BOOST_TEST(detail::progress_line(some, columns).size() <= static_cast<std::size_t>(columns));
    BOOST_TEST(detail::progress_line(large, columns).size() <= static_cast<std::size_t>(columns));
  }
}

BOOST_AUTO_TEST_CASE(a_file_gets_a_line_for_each_epoch) {
  const std::string text = printed([] { run(Progress::automatic); });
  BOOST_TEST(count(text, "\n") == 2u, text);
  BOOST_TEST(count(text, "\r") == 0u);
  BOOST_TEST(text.starts_with("epoch 1/2  loss 0.5000  accuracy 0.7500"));
  BOOST_TEST(printed([] { run(Progress::lines); }) == text);
}

BOOST_AUTO_TEST_CASE(a_bar_is_drawn_over_itself) {
  const std::string text = printed([] { run(Progress::bar); });
  BOOST_TEST(count(text, "\n") == 2u, text);
  BOOST_TEST(count(text, "step 1/4") == 1u);  // at most ten times a second
  for (std::size_t at = 0; (at = text.find("\repoch", at)) != std::string::npos; ++at)
    BOOST_TEST(text.find("\033[K", at) - at <= 80u);  // a file has no width: that of a terminal
}

BOOST_AUTO_TEST_CASE(silent_says_nothing) {
  BOOST_TEST(printed([] { run(Progress::silent); }) == "");
}

BOOST_AUTO_TEST_SUITE_END()
