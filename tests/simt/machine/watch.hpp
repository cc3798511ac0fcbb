// Accesses of kernels, seen one by one.
#pragma once

#include <simt/machine/where.hpp>

#include <cstddef>
#include <cstdint>

namespace simt {

enum class Access : std::uint8_t { read, write, atomic };

/// The running thread's access goes to the search for races and to the traffic, if it is one to memory: the stack is a
/// thread's registers.
void watch(const void* address, std::size_t bytes, Access, const Where&);

/// The same for what a copy writes while it is on its way; nobody may touch that.
void watch_copy_begin(const void* to, std::size_t bytes, const Where&);
void watch_copy_end(const void* to, std::size_t bytes, const Where&);

/// Instrumented code has begun to run in this program.
void set_sees_accesses();

/// Launches and blocks, as they begin and end.
void watch_launch_begin();
void watch_block_end();

}  // namespace simt
