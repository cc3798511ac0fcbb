// Meetings of the lanes of a warp.
#include <simt/machine/state.hpp>

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace simt {
namespace {

std::string hexadecimal(unsigned lanes) {
  char number[16];
  std::snprintf(number, sizeof number, "0x%08x", lanes);
  return number;
}

void check_mask(unsigned lanes, const char* what, Site site) {
  const Thread& self = *state.running;
  const std::string here = std::string(what) + " at " + text(Where(site));
  if ((lanes >> self.lane() & 1) == 0)
    fault("lane " + std::to_string(self.lane()) + " calls " + here + " with the mask " + hexadecimal(lanes) +
          ", which leaves it out; a lane takes part only where its mask names it");
  for (unsigned l = 0; l < warp_size; ++l) {
    if ((lanes >> l & 1) == 0) continue;
    const unsigned rank = self.warp() * warp_size + l;
    if (rank >= state.threads || state.thread[rank].state == Thread::State::returned)
      fault("the mask " + hexadecimal(lanes) + " of " + here + " names lane " + std::to_string(l) + ", which " +
            (rank >= state.threads ? "does not exist" : "has returned") +
            "; name the lanes that take part, and let all of them come");
  }
}

/// The meeting that the running lane belongs to: a waiting one, or a new one.
Meeting& join(unsigned lanes, const char* what, Site site) {
  const Thread& self = *state.running;
  check_mask(lanes, what, site);
  auto& meetings = state.meetings[self.warp()];
  for (Meeting& m : meetings) {
    const bool same = m.lanes == lanes && std::strcmp(m.what, what) == 0 && m.site == site;
    if (same) return m;
    // A meeting of other lanes may go on meanwhile. This one cannot: it waits for the running lane, and one that is
    // there is wanted here.
    if ((m.lanes >> self.lane() & 1) == 0 || (m.arrived & lanes) == 0) continue;
    const std::string others = std::string(m.what) + " at " + text(Where(m.site));
    const std::string here = std::string(what) + " at " + text(Where(site));
    if (m.lanes != lanes)
      fault("it comes to " + here + " with the mask " + hexadecimal(lanes) + " while others wait in " + others +
            " with " + hexadecimal(m.lanes) + "; lanes that meet give the same mask");
    fault("it comes to " + here + " while others of its warp wait in " + others +
          "; all lanes of a mask come to the same one");
  }
  meetings.emplace_back();
  Meeting& m = meetings.back();
  m.what = what;
  m.site = site;
  m.lanes = lanes;
  m.first_rank = self.warp() * warp_size;
  return m;
}

/// Counts the running lane in. True for the last one, which has to settle the meeting.
bool arrive(Meeting& m) {
  m.arrived |= 1u << state.running->lane();
  return m.arrived == m.lanes;
}

void settle(Meeting& m) {
  for (unsigned l = 0; l < warp_size; ++l)
    if (m.lanes >> l & 1)
      if (Thread& t = state.thread[m.first_rank + l]; t.state == Thread::State::at_warp_meeting)
        t.state = Thread::State::ready;
  auto& meetings = state.meetings[state.running->warp()];
  meetings.erase(meetings.begin() + (&m - meetings.data()));
}

}  // namespace
}  // namespace simt

namespace strata::cuda {
inline namespace STRATA_SIDE {
namespace machine {

using simt::state;

void meet(const char* what, unsigned lanes, const void* in, std::size_t in_bytes, void* out, std::size_t out_bytes,
          Exchange* exchange, Site site) {
  const simt::Inside inside;
  simt::Meeting& m = simt::join(lanes, what, site);
  const unsigned self = state.running->lane();
  if (m.arrived == 0) std::memset(m.in.data(), 0xff, warp_size * in_bytes);
  std::memcpy(m.in.data() + self * in_bytes, in, in_bytes);
  m.out[self] = out;
  if (!simt::arrive(m)) return simt::wait(simt::Thread::State::at_warp_meeting, what, site);
  alignas(16) std::array<std::byte, warp_size * simt::Meeting::most_bytes> results;
  exchange(m.in.data(), results.data());
  for (unsigned l = 0; l < warp_size; ++l)
    if (lanes >> l & 1) std::memcpy(m.out[l], results.data() + l * out_bytes, out_bytes);
  simt::settle(m);
}

void sync_warp(unsigned lanes, Site site) {
  const simt::Inside inside;
  simt::Meeting& m = simt::join(lanes, "sync_warp", site);
  if (!simt::arrive(m)) return simt::wait(simt::Thread::State::at_warp_meeting, "sync_warp", site);
  // Each lane goes one barrier further, and all of them have heard what any of them had.
  std::array<std::uint32_t, warp_size> heard{};
  for (unsigned l = 0; l < warp_size; ++l)
    if (lanes >> l & 1)
      for (unsigned k = 0; k < warp_size; ++k)
        heard[k] = std::max(heard[k], state.thread[m.first_rank + l].heard[k] + (k == l ? 1 : 0));
  for (unsigned l = 0; l < warp_size; ++l)
    if (lanes >> l & 1) state.thread[m.first_rank + l].heard = heard;
  simt::settle(m);
}

}  // namespace machine
}  // namespace STRATA_SIDE
}  // namespace strata::cuda
