// The facts and the conclusions, for people and for programs.
#pragma once

#include "facts.hpp"

namespace doctor {

/// A few lines, "What will run where" last.
std::string as_text(const Facts&);

/// The same as one JSON object.
std::string as_json(const Facts&);

}  // namespace doctor
