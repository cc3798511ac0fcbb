// The traffic of kernels as the memories see it.
//
// The k-th execution of one load or store by the lanes of a warp is one request. Shared memory answers a request in as
// many transactions as its fullest bank has different words; 8 bytes a lane go by half warps, 16 bytes by quarters.
// Global memory moves sectors of 32 bytes. Ideal is what the different bytes that were asked for need.
#pragma once

#include <string>

namespace simt {

struct TrafficSites;

/// Counts the traffic of all launches while it lives.
class Traffic {
 public:
  Traffic();
  ~Traffic();
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;

  /// Transactions over the ideal of the worst place in the text: 1 is free of bank conflicts.
  double bank_conflicts() const;

  /// Sectors over the ideal, of the worst place and of all together.
  double worst_sectors() const;
  double sectors() const;

  /// A line for each place in the text, the worst first.
  std::string report() const;

 private:
  TrafficSites* sites_;
  TrafficSites* former_;
};

}  // namespace simt
