// first_prediction: reads R1's weights from a file, which `models --model R1 --work save` wrote, predicts one digit and
// ends. tools/bench times it from outside, from the start of the process.
#include <strata/strata.hpp>

#include <reference_models.hpp>

#include "cell.hpp"

#include <exception>

int main(int argc, char** argv) {
  const bench::Cell cell = bench::parse(argc, argv);
  try {
    using Net = reference::R1;
    strata::Predictor<Net> predictor = strata::load_predictor<Net>(cell.weights);
    const strata::Dataset digit = strata::synthetic_digits(1, 1);
    bench::report_first("strata", predict(predictor, digit.image(0))[0]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "first_prediction: %s\n", error.what());
    return 1;
  }
}
