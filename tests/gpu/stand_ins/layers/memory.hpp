// Stands in for layers/memory.hpp: memory that a GPU reaches too.
#pragma once

#include <gpu/mapped.hpp>

#include <cstddef>

namespace layer_test {

using Memory = gpu_test::Mapped;

inline Memory allocate(std::size_t bytes) { return gpu_test::Mapped(bytes); }

}  // namespace layer_test
