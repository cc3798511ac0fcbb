// The way of an example: read the options, load, train, save, evaluate, predict, report.
#pragma once

#include "backend.hpp"
#include "ctrl_c.hpp"
#include "digits.hpp"
#include "options.hpp"
#include "pictures.hpp"
#include "program.hpp"
#include "results.hpp"

#include <strata/strata.hpp>

#include <cstdio>
#include <string>
#include <type_traits>

namespace example {

/// Reads the options, runs `body(options)`, and turns exceptions into messages and exit statuses.
template <class Body>
int guarded(int argc, char** argv, const About& about, Body body) {
  return guarded(about.name, [&]() -> int {
    Options options = read_options(argc, argv, about);
    if (options.help) {
      std::fputs((help_text(about.name, about.summary, option_groups(about)) + studies_text(about)).c_str(), stdout);
      return done;
    }
    check_writable(options.save);
    check_writable(options.json);
    check_writable(options.table);
    return body(options);
  });
}

/// What the command line asks of fit: validated after each epoch for people to see; nothing is chosen by it.
inline strata::FitOptions fit_options(const Digits& digits, const Options& o) {
  strata::FitOptions how{
      .epochs = o.epochs, .batch = o.batch, .validation = digits.validation, .progress = o.progress, .stop = o.stop};
  if (o.improved) {
    const double s = o.strength;
    how.augment = {.rotation = 10 * s, .shift_x = 0.08 * s, .shift_y = 0.08 * s, .shear = 8 * s, .zoom = 0.1 * s};
    how.schedule = strata::Schedule::one_cycle();
  }
  return how;
}

/// The last words of a run: what it was on the test set, and where the weights are.
[[gnu::cold]] inline void print_end(const Results& results, const Options& options) {
  if (results.evaluation) {
    const strata::Evaluation& test = *results.evaluation;
    if (options.quiet)
      std::printf("accuracy %.4f   loss %.4f\n", test.accuracy, test.loss);
    else
      std::printf("\nOn the %s images: %s\n", options.hold_out > 0 ? "held-out" : "test", to_string(test).c_str());
  }
  for (const PictureOfDigit& picture : results.pictures) print(picture);
  if (results.history.stopped)
    std::printf("Stopped by Ctrl-C. %s\n", options.save.empty()
                                               ? "What was learnt is not kept: --save FILE was not given."
                                               : "What was learnt until then is kept.");
  if (!options.save.empty()) std::printf("Weights written to %s\n", options.save.c_str());
  if (!options.report.empty() && results.evaluation) std::printf("Report: %s/report.html\n", options.report.c_str());
}

/// For examples that leave no report.
struct NoReport {};

/// Runs an example on a backend. `choice` says why it is this one.
template <class Net, class Backend, class Train, class LeaveReport>
int run_on(const Options& options, const About& about, const Choice& choice, Train train, LeaveReport leave) {
  using namespace strata;
  Results results;
  results.pictures = read_pictures(options.images);
  Model<Net, Backend> model{seed(options.seed), threads(options.threads)};
  results.backend = choice.on_gpu ? "cuda" : "cpu";
  if constexpr (!is_on_gpu<Backend>) results.threads = model.pool().threads();
  if (!options.load.empty()) load(model, options.load);

  results.parameters = Net::parameter_count;
  const auto say_backend = [&] {  // when nothing is missing any more
    if (!options.quiet) std::printf("%s\n", line_about(choice, results.threads).c_str());
  };
  if (options.wants_data()) {
    Digits digits = about.load ? about.load(options) : load_digits(options);
    if (options.hold_out > 0) hold_out(digits, options.hold_out);
    if (options.validates) digits.validation = digits.test;
    results.data = digits.source;
    say_backend();
    if (!options.quiet) std::printf("%s\n", describe<Net, Backend>(Details::layers, options.batch).c_str());
    std::fflush(stdout);  // training takes a while, and a pipe holds text back
    if (options.trains) results.history = train(model, digits, options);
    if (!options.save.empty()) save(model, options.save);
    results.evaluation = evaluate(model, digits.test);
    if constexpr (!std::is_same_v<LeaveReport, NoReport>)
      if (!options.report.empty()) leave(model, digits, results, options);
  } else {
    say_backend();
    if (!options.save.empty()) save(model, options.save);
  }
  for (PictureOfDigit& picture : results.pictures) picture.take(predict(model, picture.sample()));
  print_end(results, options);
  if (!options.json.empty()) write_json(results, options);
  return results.history.stopped ? interrupted : done;
}

/// Runs an example from its command line to its exit status. `train(model, digits, options)` is what the example shows:
/// it trains the model, on whatever backend, and returns the history. `leave(model, digits, results, options)`,
/// where there is one, writes the folder that --report names: support/report.hpp has one for everybody.
template <class Net, class Train, class LeaveReport = NoReport>
int run(int argc, char** argv, About about, Train train, LeaveReport leave = {}) {
  about.reports = !std::is_same_v<LeaveReport, NoReport>;
  return guarded(argc, argv, about, [&](Options& options) -> int {
    if constexpr (!std::is_same_v<LeaveReport, NoReport>)
      if (!options.report.empty()) leave.prepare(options);
    if constexpr (Net::valid) {  // else the network's own error is the only one
      const CtrlC ctrl_c;
      options.stop = &CtrlC::asked();
      if (options.study) {
        options.study->run(about.load ? about.load(options) : load_digits(options), options);
        return CtrlC::asked() ? interrupted : done;
      }
      const Choice choice = choose_backend(options);
#if defined(__CUDACC__)
      if (choice.on_gpu) return run_on<Net, strata::Cuda<>>(options, about, choice, train, leave);
#endif
      return run_on<Net, strata::Cpu<>>(options, about, choice, train, leave);
    }
    return done;
  });
}

}  // namespace example
