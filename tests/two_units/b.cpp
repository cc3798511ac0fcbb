// The other translation unit; a.cpp calls into it.
#include <strata/strata.hpp>

namespace two_units {
int from_b();
int from_b() { return 2; }
}  // namespace two_units
