// What a kernel asks of a GPU, each in two forms: the instruction where nvcc compiles, and plain C++ with the same
// results, lane by lane and bit by bit, elsewhere. PTX stands in these files and nowhere else.
#pragma once

#include <strata/cuda/primitives/async_copy.hpp>
#include <strata/cuda/primitives/barrier.hpp>
#include <strata/cuda/primitives/matrix.hpp>
#include <strata/cuda/primitives/memory.hpp>
#include <strata/cuda/primitives/reduce.hpp>
#include <strata/cuda/primitives/shared.hpp>
#include <strata/cuda/primitives/shuffle.hpp>
#include <strata/cuda/primitives/thread.hpp>
