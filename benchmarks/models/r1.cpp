// R1: trained by SGD with momentum.
#include "work.hpp"

namespace bench {

bool run_r1(const Cell& cell) { return run<reference::R1>(cell, strata::SGD{.learning_rate = 0.01, .momentum = 0.9}); }

}  // namespace bench
