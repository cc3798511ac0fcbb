// R6: trained by Adam.
#include "work.hpp"

namespace bench {

bool run_r6(const Cell& cell) { return run<reference::R6>(cell, strata::Adam{}); }

}  // namespace bench
