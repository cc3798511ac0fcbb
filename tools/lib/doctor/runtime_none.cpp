// A build without nvcc has no run time to ask.
#include "ask.hpp"

namespace doctor {

Runtime ask_runtime() { return {}; }

}  // namespace doctor
