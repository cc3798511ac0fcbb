// The way of an example: read the options, load, train, save, evaluate, predict, report.
#pragma once

#include "backend.hpp"
#include "ctrl_c.hpp"
#include "digits.hpp"
#include "options.hpp"
#include "pictures.hpp"
#include "report.hpp"

#include <strata/strata.hpp>

#include <cstdio>
#include <exception>
#include <new>
#include <string>

namespace example {

/// Exit statuses. A run that Ctrl-C stopped did all but the training that was left.
enum Status { done = 0, failed = 1, wrong_usage = 2, interrupted = 130 };

/// Throws where a file could not be written: better now than when there is something to lose.
inline void check_writable(const std::string& path) {
  if (!path.empty()) strata::FileWriter{path};
}

/// Reads the options, runs `body(options)`, and turns exceptions into messages and exit statuses.
template <class Body>
int guarded(int argc, char** argv, const About& about, Body body) {
  try {
    Options options = read_options(argc, argv, about);
    if (options.help) {
      std::fputs((help_text(about.name, about.summary, option_groups(about)) + studies_text(about)).c_str(), stdout);
      return done;
    }
    check_writable(options.save);
    check_writable(options.json);
    return body(options);
  } catch (const UsageError& e) {
    std::fprintf(stderr, "%s: %s\n", about.name.c_str(), e.what());
    return wrong_usage;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "%s: there is not enough memory; try a smaller --batch\n", about.name.c_str());
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s: %s\n", about.name.c_str(), e.what());
  }
  return failed;
}

/// What the command line asks of fit: validated on the test images after each epoch, for people to see; nothing is
/// chosen by it.
inline strata::FitOptions fit_options(const Digits& digits, const Options& o) {
  return {.epochs = o.epochs, .batch = o.batch, .validation = digits.test, .progress = o.progress, .stop = o.stop};
}

/// The last words of a run: what it was on the test set, and where the weights are.
[[gnu::cold]] inline void print_end(const Report& report, const Options& options) {
  if (report.evaluation) {
    const strata::Evaluation& test = *report.evaluation;
    if (options.quiet)
      std::printf("accuracy %.4f   loss %.4f\n", test.accuracy, test.loss);
    else
      std::printf("\nOn the test images: %s\n", to_string(test).c_str());
  }
  for (const PictureOfDigit& picture : report.pictures) print(picture);
  if (report.history.stopped)
    std::printf("Stopped by Ctrl-C. %s\n", options.save.empty()
                                               ? "What was learnt is not kept: --save FILE was not given."
                                               : "What was learnt until then is kept.");
  if (!options.save.empty()) std::printf("Weights written to %s\n", options.save.c_str());
}

/// Runs an example on a backend. `choice` says why it is this one.
template <class Net, class Backend, class Train>
int run_on(const Options& options, const About& about, const Choice& choice, Train train) {
  using namespace strata;
  Report report;
  report.pictures = read_pictures(options.images);
  Model<Net, Backend> model{seed(options.seed), threads(options.threads)};
  report.backend = choice.on_gpu ? "cuda" : "cpu";
  if constexpr (!is_on_gpu<Backend>) report.threads = model.pool().threads();
  if (!options.load.empty()) load(model, options.load);

  report.parameters = Net::parameter_count;
  const auto say_backend = [&] {  // when nothing is missing any more
    if (!options.quiet) std::printf("%s\n", line_about(choice, report.threads).c_str());
  };
  if (options.wants_data()) {
    const Digits digits = about.load ? about.load(options) : load_digits(options);
    report.data = digits.source;
    say_backend();
    if (!options.quiet) std::printf("%s\n", describe<Net, Backend>(Details::layers, options.batch).c_str());
    std::fflush(stdout);  // training takes a while, and a pipe holds text back
    if (options.trains) report.history = train(model, digits, options);
    if (!options.save.empty()) save(model, options.save);
    report.evaluation = evaluate(model, digits.test);
  } else {
    say_backend();
    if (!options.save.empty()) save(model, options.save);
  }
  for (PictureOfDigit& picture : report.pictures) picture.probabilities = predict(model, picture.sample());
  print_end(report, options);
  if (!options.json.empty()) write_json(report, options);
  return report.history.stopped ? interrupted : done;
}

/// Runs an example from its command line to its exit status. `train(model, digits, options)` is what the example shows:
/// it trains the model, on whatever backend, and returns the history.
template <class Net, class Train>
int run(int argc, char** argv, const About& about, Train train) {
  return guarded(argc, argv, about, [&](Options& options) -> int {
    if constexpr (Net::valid) {  // else the network's own error is the only one
      const CtrlC ctrl_c;
      options.stop = &CtrlC::asked();
      if (options.study) {
        options.study->run(about.load ? about.load(options) : load_digits(options), options);
        return CtrlC::asked() ? interrupted : done;
      }
      const Choice choice = choose_backend(options);
#if defined(__CUDACC__)
      if (choice.on_gpu) return run_on<Net, strata::Cuda<>>(options, about, choice, train);
#endif
      return run_on<Net, strata::Cpu<>>(options, about, choice, train);
    }
    return done;
  });
}

}  // namespace example
