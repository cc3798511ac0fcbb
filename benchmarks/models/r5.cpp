// R5: trained by Adam, no augmentation.
#include "work.hpp"

namespace bench {

bool run_r5(const Cell& cell) { return run<reference::R5>(cell, strata::Adam{.learning_rate = 0.01}); }

}  // namespace bench
