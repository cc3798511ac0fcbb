// What the primitives ask of a machine that simulates a GPU: functions that whoever links kernels without nvcc defines.
// tests/simt/machine/ does.
#pragma once

#include <strata/cuda/side.hpp>

#include <cstddef>
#include <type_traits>

#if !defined(__CUDACC__)

struct CUstream_st;

namespace strata::cuda {
inline namespace STRATA_SIDE {
namespace machine {

/// A launch, as the machine sees it.
struct Request {
  const char* kernel;  ///< its name, for messages
  Extent grid, block;
  std::size_t shared_bytes;  ///< dynamic shared memory of a block
};

/// Runs body(data) once for each thread of the grid.
void run(const Request&, void (*body)(const void* data), const void* data);

/// The same when the stream comes to it, with a copy of the data's bytes; at once where there is no stream.
void launch(const Request&, CUstream_st* stream, void (*body)(const void* data), const void* data, std::size_t bytes);

Index thread_index();  ///< of the running thread in its block
Index block_index();
Extent block_size();
Extent grid_size();

/// Every thread of the block arrives before any goes on.
void sync_block(Site);

/// The lanes arrive before any of them goes on, and see one another's writes.
void sync_warp(unsigned lanes, Site);

/// Values of the 32 lanes of a warp turned into others, each at lane * its size. Lanes that take no part hold bytes of
/// 0xff.
using Exchange = void(const void* in, void* out);

/// The lanes arrive, each with its value `in`; `exchange` runs once; each leaves with its value `out`.
void meet(const char* what, unsigned lanes, const void* in, std::size_t in_bytes, void* out, std::size_t out_bytes,
          Exchange*, Site);

/// `meet` with types. Meeting is a captureless function of (const In (&)[32], Out (&)[32]).
template <class In, class Out, class Meeting>
void meet(const char* what, unsigned lanes, const In& in, Out& out, Meeting, Site site) {
  static_assert(std::is_trivially_copyable_v<In> && std::is_trivially_copyable_v<Out> && sizeof(In) <= 64 &&
                sizeof(Out) <= 64);
  meet(
      what, lanes, &in, sizeof(In), &out, sizeof(Out),
      [](const void* from, void* to) {
        Meeting{}(*static_cast<const In(*)[warp_size]>(from), *static_cast<Out(*)[warp_size]>(to));
      },
      site);
}

/// The block's shared memory declared under `key`: the same for all threads of the block.
void* shared(const void* key, std::size_t bytes, std::size_t alignment, Site);
void* dynamic_shared(Site);

/// Copies 1, 2, 4, 8 or 16 bytes to or from a thread's value, as one access.
void load(void* value, const void* from, std::size_t bytes, Site);
void store(void* to, const void* value, std::size_t bytes, Site);

/// A lane's row of a matrix in shared memory: 16 bytes that the warp reads.
void read_row(const void* row, Site);

/// change(object, operand), indivisible.
void atomic(void* object, std::size_t bytes, void (*change)(void* object, void* operand), void* operand, Site);

/// A copy that lands when the running thread waits for its group.
void copy_async(void* to, const void* from, std::size_t bytes, std::size_t valid, Site);
void commit_copies();
void wait_copies(int groups_in_flight, Site);

}  // namespace machine
}  // namespace STRATA_SIDE
}  // namespace strata::cuda

#endif
