// One of two translation units that include all of strata: nothing in a header may be defined twice.
#include <strata/strata.hpp>

namespace two_units {
int from_b();
}

int main() { return two_units::from_b() == 2 ? 0 : 1; }
