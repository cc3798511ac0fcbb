// R2: trained by Adam.
#include "work.hpp"

namespace bench {

bool run_r2(const Cell& cell) { return run<reference::R2>(cell, strata::Adam{}); }

}  // namespace bench
