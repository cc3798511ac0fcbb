// The one exception type that strata throws for bad input.
#pragma once

#include <stdexcept>

namespace strata {

/// Thrown when something from outside the program is wrong: a file, a data set, an option.
///
/// The message says what was wrong, where, what was expected and what to do. Mistakes in a network's type never get
/// this far: they are compile-time errors.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace strata
