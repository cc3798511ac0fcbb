// Who is asked for the facts.
#pragma once

#include "facts.hpp"

namespace doctor {

/// What CMake found, and the version that cuBLAS gives itself.
Toolkit ask_build();

/// The driver's library, loaded when the program runs.
Driver ask_driver();

/// CUDA's run time: runtime.cu where nvcc compiles, runtime_none.cpp elsewhere.
Runtime ask_runtime();

Processor ask_processor();

}  // namespace doctor
