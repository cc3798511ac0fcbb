// A program of somebody else's that uses strata.
#include <strata/strata.hpp>

int main() { return 0; }
