// Accesses collected into requests, by their place in the text.
#pragma once

#include <simt/machine/watch.hpp>

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace simt {

/// What one load or store has cost.
struct TrafficSite {
  Where where{};
  Access access{};
  bool is_shared = false;
  std::uint64_t requests = 0, cost = 0, ideal = 0;

  double factor() const { return ideal == 0 ? 1 : static_cast<double>(cost) / static_cast<double>(ideal); }

  struct Request {
    std::uint32_t lanes = 0;
    std::uint32_t bytes = 0;  ///< of a lane
    std::array<std::uintptr_t, 32> address{};
  };
  std::vector<std::uint32_t> times;             ///< by thread of the block that runs
  std::vector<std::vector<Request>> in_flight;  ///< by warp
};

struct TrafficSites {
  std::unordered_map<std::uintptr_t, TrafficSite> shared, global;

  void note(std::uintptr_t address, std::size_t bytes, Access, bool is_shared, const Where&);
  void end_of_block();
};

/// Where accesses are counted now; null: nowhere.
extern TrafficSites* traffic_sites;

}  // namespace simt
