// The search for races: whether two accesses of a kernel are ordered by CUDA's rules, whatever the schedule was.
//
//     same thread                     ordered
//     same block                      ordered if a sync_block lies between them
//     same warp                       ordered if a sync_warp of both lanes, or a chain of them, lies between them;
//                                     shuffles and the other meetings order nothing
//     different blocks                never, except that shared memory is another one
//     atomic and atomic               no conflict
//     a copy from global to shared    a write by its thread, from its start to the wait that covers it; until then
//                                     nobody may read or write there, not even that thread
//
// Launches are ordered: each begins with an empty memory.
#pragma once

#include <simt/machine/watch.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>

namespace simt {

/// Remembers the last accesses to each word of memory, and complains about those that conflict.
class Races {
 public:
  void forget();
  void judge(std::uintptr_t address, std::size_t bytes, Access, bool is_shared, const Where&);
  void set_copy(std::uintptr_t address, std::size_t bytes, bool in_flight, const Where&);

 private:
  /// One access to the bytes of a word of four that `bytes` names.
  struct Record {
    std::uint64_t block = 0;  ///< 0: none
    Where where{};
    std::uint32_t barriers = 0;
    std::uint32_t warp_barriers = 0;
    std::uint16_t rank = 0;
    std::uint8_t bytes = 0;
    Access access{};
  };
  struct Word {
    Record writes[2], reads[4];
    std::uint8_t next_write = 0, next_read = 0;
    std::uint8_t in_flight = 0;  ///< bytes
    Where copied_at{};
    std::uint64_t copied_in = 0;  ///< block
  };
  static constexpr std::uintptr_t page_bytes = 1024;
  struct Page {
    std::uint64_t launch = 0;
    Word words[page_bytes / 4];
  };

  Word& word(std::uintptr_t address);
  void judge_word(Word&, const Record& now, bool is_shared);

  std::uint64_t launch_ = 1;
  std::unordered_map<std::uintptr_t, std::unique_ptr<Page>> pages_;
  /// Pages found lately, by the last bits of their numbers.
  struct Found {
    std::uintptr_t number = 0;
    Page* page = nullptr;
  };
  std::array<Found, 64> found_{};
};

}  // namespace simt
