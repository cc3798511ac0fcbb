#include <simt/machine/races.hpp>
#include <simt/machine/state.hpp>

#include <algorithm>
#include <utility>

namespace simt {
namespace {

const char* name(Access access) {
  return access == Access::read ? "reads" : access == Access::write ? "writes" : "changes by an atomic";
}

/// Counts a complaint. The first about a pair of places in the text is written down by `describe`.
template <class Describe>
void complain(const Where& now, const Where& then, const Describe& describe) {
  constexpr std::size_t enough = 5;
  ++state.complaint_count;
  for (const auto& [first, second] : state.complained)
    if (first == now.key() && second == then.key()) return;
  if (state.complained.size() >= enough) return;
  state.complained.emplace_back(now.key(), then.key());
  state.complaints.push_back(describe());
}

std::uint8_t bytes_of_word(std::uintptr_t word, std::uintptr_t address, std::size_t bytes) {
  const std::uintptr_t begin = std::max(word, address), end = std::min(word + 4, address + bytes);
  return static_cast<std::uint8_t>(((1u << (end - begin)) - 1) << (begin - word));
}

std::uint32_t own_time(const Thread& t) { return t.heard[t.lane()]; }

}  // namespace

void Races::forget() {
  ++launch_;
  if (pages_.size() > 1024) {  // 40 MB that this launch may not need
    pages_.clear();
    found_.fill({});
  }
}

Races::Word& Races::word(std::uintptr_t address) {
  const std::uintptr_t number = address / page_bytes;
  Found& found = found_[number % found_.size()];
  if (found.page == nullptr || found.number != number) {
    std::unique_ptr<Page>& page = pages_[number];
    if (page == nullptr) page = std::make_unique<Page>();
    found = {number, page.get()};
  }
  if (found.page->launch != launch_) {
    found.page->launch = launch_;
    for (Word& w : found.page->words) w = Word{};
  }
  return found.page->words[address % page_bytes / 4];
}

void Races::judge(std::uintptr_t address, std::size_t bytes, Access access, bool is_shared, const Where& where) {
  const Thread& self = *state.running;
  Record now{
      state.block_number, where, state.barriers, own_time(self), static_cast<std::uint16_t>(self.rank), 0, access};
  for (std::uintptr_t w = address & ~std::uintptr_t{3}; w < address + bytes; w += 4) {
    now.bytes = bytes_of_word(w, address, bytes);
    judge_word(word(w), now, is_shared);
  }
}

void Races::judge_word(Word& word, const Record& now, bool is_shared) {
  const Thread& self = *state.running;
  const auto ordered = [&](const Record& then) {
    if (then.block == 0) return true;
    if (then.block != now.block) return is_shared;
    if (then.rank == now.rank || then.barriers != now.barriers) return true;
    // The other lane's barriers that this one has heard of: above the other's time at its access, if one lies between.
    return then.rank / warp_size == now.rank / warp_size && self.heard[then.rank % warp_size] > then.warp_barriers;
  };
  const auto conflict = [&](const Record& then) {
    if ((then.bytes & now.bytes) == 0 || ordered(then)) return;
    if (then.access == Access::atomic && now.access == Access::atomic) return;
    const bool other_block = then.block != now.block;
    complain(now.where, then.where, [&] {
      return "race on " + std::string(is_shared ? "shared" : "global") + " memory: block " + text(state.block) +
             ", thread " + std::to_string(now.rank) + " " + name(now.access) + " at " + text(now.where) +
             " what thread " + std::to_string(then.rank) + (other_block ? " of another block " : " ") +
             name(then.access) + " at " + text(then.where) + "; " +
             (other_block ? "blocks are not ordered: give each its own output, or use another launch"
              : then.rank / warp_size == now.rank / warp_size ? "put a sync_warp or sync_block between them"
                                                              : "put a sync_block between them");
    });
  };
  if ((word.in_flight & now.bytes) != 0 && word.copied_in == now.block)
    complain(now.where, word.copied_at, [&] {
      return "block " + text(state.block) + ", thread " + std::to_string(now.rank) + " " + name(now.access) + " at " +
             text(now.where) + " what the copy_async at " + text(word.copied_at) +
             " still writes; wait for its group first: wait_copies with a smaller number";
    });
  if (now.access == Access::read)
    for (const Record& r : word.reads)  // nothing new: the thread has read it since its last barrier
      if (r.block == now.block && r.rank == now.rank && r.barriers == now.barriers &&
          r.warp_barriers == now.warp_barriers && (now.bytes & ~r.bytes) == 0)
        return;
  for (const Record& w : word.writes) conflict(w);
  if (now.access != Access::read) {
    for (const Record& r : word.reads) conflict(r);
    // A write replaces one that it follows; else both stay, such as the halves of a word. An atomic replaces atomics
    // alone: it conflicts with less than a plain write.
    Record* place = nullptr;
    for (Record& w : word.writes)
      if (const bool stronger = w.access == Access::write && now.access == Access::atomic;
          place == nullptr && (w.block == 0 || ((w.bytes & ~now.bytes) == 0 && !stronger)))
        place = &w;
    if (place == nullptr) place = &word.writes[word.next_write++ % 2];
    *place = now;
    return;
  }
  // A read may be forgotten for one that follows it: whoever is ordered behind this one is ordered behind that one.
  Record* place = nullptr;
  for (Record& r : word.reads)
    if (place == nullptr && (r.block == 0 || ((r.bytes & ~now.bytes) == 0 && ordered(r)))) place = &r;
  if (place == nullptr) place = &word.reads[word.next_read++ % 4];
  *place = now;
}

void Races::set_copy(std::uintptr_t address, std::size_t bytes, bool in_flight, const Where& where) {
  for (std::uintptr_t w = address & ~std::uintptr_t{3}; w < address + bytes; w += 4) {
    Word& at = word(w);
    const std::uint8_t which = bytes_of_word(w, address, bytes);
    at.in_flight = static_cast<std::uint8_t>(in_flight ? at.in_flight | which : at.in_flight & ~which);
    if (!in_flight) continue;
    at.copied_at = where;
    at.copied_in = state.block_number;
  }
}

}  // namespace simt
