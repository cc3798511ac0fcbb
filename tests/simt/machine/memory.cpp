// Memory of a block, and the accesses that primitives make.
#include <simt/machine/state.hpp>
#include <simt/machine/watch.hpp>

#include <algorithm>
#include <cstring>
#include <new>

namespace simt {
namespace {

/// The piece of shared memory under `key`. What nobody wrote in this block is 0xff: a float reads NaN.
void* shared_object(const void* key, std::size_t bytes, std::size_t alignment, Site site) {
  std::size_t total = bytes;
  for (SharedObject& s : state.shared) {
    if (s.key != key) {
      total += s.bytes;
      continue;
    }
    if (s.block != state.block_number) std::memset(s.memory, 0xff, s.bytes);
    s.block = state.block_number;
    return s.memory;
  }
  const bool dynamic_counted = key == nullptr || std::any_of(state.shared.begin(), state.shared.end(),
                                                             [](const SharedObject& s) { return s.key == nullptr; });
  if (!dynamic_counted) total += state.launch->shared_bytes;
  if (total > state.settings.shared_limit)
    fault("too much shared memory: " + std::to_string(total) + " bytes with what is declared at " + text(Where(site)) +
          ", and a block has at most " + std::to_string(state.settings.shared_limit) +
          "; take smaller tiles or fewer stages");
  auto* const memory = static_cast<std::byte*>(operator new (bytes, std::align_val_t{alignment}));
  std::memset(memory, 0xff, bytes);
  state.shared.push_back({key, memory, bytes, alignment, state.block_number});
  return memory;
}

void check_aligned(const void* address, std::size_t bytes, const char* what, Site site) {
  const std::size_t beyond = reinterpret_cast<std::uintptr_t>(address) % bytes;
  if (beyond != 0)
    fault(std::string(what) + " at " + text(Where(site)) + " of " + std::to_string(bytes) + " bytes at an address " +
          std::to_string(beyond) + " bytes behind a multiple of that; align it, or take a smaller access");
}

void check_shared(const void* address, const char* what, Site site) {
  if (!state.is_shared(reinterpret_cast<std::uintptr_t>(address)))
    fault(std::string(what) + " at " + text(Where(site)) +
          " with an address that is not in the block's shared memory; give it what shared or dynamic_shared returned");
}

}  // namespace
}  // namespace simt

namespace strata::cuda {
inline namespace STRATA_SIDE {
namespace machine {

using simt::Access;
using simt::state;

void* shared(const void* key, std::size_t bytes, std::size_t alignment, Site site) {
  const simt::Inside inside;
  return simt::shared_object(key, bytes, alignment, site);
}

void* dynamic_shared(Site site) {
  const simt::Inside inside;
  if (state.launch->shared_bytes == 0)
    simt::fault("dynamic_shared at " + simt::text(simt::Where(site)) +
                ", and the launch gives no such memory; set Launch::shared_bytes");
  return simt::shared_object(nullptr, state.launch->shared_bytes, 128, site);
}

void load(void* value, const void* from, std::size_t bytes, Site site) {
  const simt::Inside inside;
  simt::check_aligned(from, bytes, "load", site);
  simt::watch(from, bytes, Access::read, site);
  std::memcpy(value, from, bytes);
}

void store(void* to, const void* value, std::size_t bytes, Site site) {
  const simt::Inside inside;
  simt::check_aligned(to, bytes, "store", site);
  simt::watch(to, bytes, Access::write, site);
  std::memcpy(to, value, bytes);
}

void read_row(const void* row, Site site) {
  const simt::Inside inside;
  simt::check_shared(row, "load_matrices", site);
  simt::check_aligned(row, 16, "load_matrices", site);
  simt::watch(row, 16, Access::read, site);
}

void atomic(void* object, std::size_t bytes, void (*change)(void*, void*), void* operand, Site site) {
  const simt::Inside inside;
  simt::check_aligned(object, bytes, "atomic_add", site);
  simt::watch(object, bytes, Access::atomic, site);
  change(object, operand);
}

void copy_async(void* to, const void* from, std::size_t bytes, std::size_t valid, Site site) {
  const simt::Inside inside;
  simt::check_shared(to, "copy_async", site);
  simt::check_aligned(to, bytes, "copy_async", site);
  if (valid > bytes)
    simt::fault("copy_async at " + simt::text(simt::Where(site)) + " of " + std::to_string(bytes) + " bytes, " +
                std::to_string(valid) + " of them valid; at most all of them are");
  simt::Thread& self = *state.running;
  simt::Copy copy{static_cast<std::byte*>(to), bytes, {}, self.groups};
  if (valid > 0) {
    simt::check_aligned(from, bytes, "copy_async", site);
    simt::watch(from, valid, Access::read, site);
    std::memcpy(copy.value.data(), from, valid);
  }
  simt::watch_copy_begin(to, bytes, site);
  std::memset(to, 0xff, bytes);  // what it holds until the copy lands is anybody's guess
  self.copies.push_back(copy);
}

void commit_copies() { ++state.running->groups; }

void wait_copies(int groups_in_flight, Site site) {
  const simt::Inside inside;
  simt::Thread& self = *state.running;
  std::size_t landed = 0;
  for (; landed < self.copies.size(); ++landed) {
    const simt::Copy& copy = self.copies[landed];
    if (copy.group + static_cast<std::uint64_t>(groups_in_flight) >= self.groups) break;
    simt::watch_copy_end(copy.to, copy.bytes, site);
    std::memcpy(copy.to, copy.value.data(), copy.bytes);
  }
  self.copies.erase(self.copies.begin(), self.copies.begin() + static_cast<std::ptrdiff_t>(landed));
}

}  // namespace machine
}  // namespace STRATA_SIDE
}  // namespace strata::cuda
