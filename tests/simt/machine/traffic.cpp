#include <simt/machine/state.hpp>
#include <simt/machine/traffic.hpp>
#include <simt/machine/traffic_sites.hpp>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace simt {

TrafficSites* traffic_sites = nullptr;

namespace {

using Request = TrafficSite::Request;

/// The different units of `unit` bytes that some lanes touch.
std::vector<std::uintptr_t> units(const Request& r, unsigned begin, unsigned end, std::uintptr_t unit) {
  std::vector<std::uintptr_t> all;
  for (unsigned l = begin; l < end; ++l)
    if (r.lanes >> l & 1)
      for (std::uintptr_t u = r.address[l] / unit; u <= (r.address[l] + r.bytes - 1) / unit; ++u) all.push_back(u);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

void add_shared(TrafficSite& site, const Request& r) {
  const unsigned together = r.bytes <= 4 ? 32 : r.bytes <= 8 ? 16 : 8;
  for (unsigned begin = 0; begin < 32; begin += together) {
    const auto words = units(r, begin, begin + together, 4);
    if (words.empty()) continue;
    std::array<std::uint64_t, 32> in_bank{};
    for (const std::uintptr_t w : words) ++in_bank[w % 32];
    site.cost += *std::max_element(in_bank.begin(), in_bank.end());
    site.ideal += (words.size() + 31) / 32;
  }
}

void add_global(TrafficSite& site, const Request& r) {
  site.cost += units(r, 0, 32, 32).size();
  site.ideal += (units(r, 0, 32, 1).size() + 31) / 32;
}

double worst(const std::unordered_map<std::uintptr_t, TrafficSite>& sites) {
  double factor = 1;
  for (const auto& [key, site] : sites) factor = std::max(factor, site.factor());
  return factor;
}

}  // namespace

void TrafficSites::note(std::uintptr_t address, std::size_t bytes, Access access, bool is_shared, const Where& where) {
  TrafficSite& site = (is_shared ? shared : global)[where.key() * 2 + (access == Access::read ? 0 : 1)];
  if (site.requests == 0 && site.in_flight.empty()) {
    site.where = where;
    site.access = access;
    site.is_shared = is_shared;
  }
  const Thread& self = *state.running;
  if (site.times.size() < state.threads) site.times.resize(state.threads);
  if (site.in_flight.size() < state.meetings.size()) site.in_flight.resize(state.meetings.size());
  const std::uint32_t time = site.times[self.rank]++;
  auto& requests = site.in_flight[self.warp()];
  if (requests.size() <= time) requests.resize(time + 1);
  Request& r = requests[time];
  r.lanes |= 1u << self.lane();
  r.bytes = static_cast<std::uint32_t>(bytes);
  r.address[self.lane()] = address;
}

void TrafficSites::end_of_block() {
  for (auto* sites : {&shared, &global})
    for (auto& [key, site] : *sites) {
      for (auto& requests : site.in_flight) {
        for (const Request& r : requests) {
          site.is_shared ? add_shared(site, r) : add_global(site, r);
          ++site.requests;
        }
        requests.clear();
      }
      std::fill(site.times.begin(), site.times.end(), 0);
    }
}

Traffic::Traffic() : sites_(new TrafficSites), former_(std::exchange(traffic_sites, sites_)) {}

Traffic::~Traffic() {
  traffic_sites = former_;
  delete sites_;
}

double Traffic::bank_conflicts() const { return worst(sites_->shared); }
double Traffic::worst_sectors() const { return worst(sites_->global); }

double Traffic::sectors() const {
  TrafficSite all;
  for (const auto& [key, site] : sites_->global) {
    all.cost += site.cost;
    all.ideal += site.ideal;
  }
  return all.factor();
}

std::string Traffic::report() const {
  std::vector<const TrafficSite*> all;
  for (const auto* sites : {&sites_->shared, &sites_->global})
    for (const auto& [key, site] : *sites) all.push_back(&site);
  std::sort(all.begin(), all.end(), [](const auto* a, const auto* b) { return a->factor() > b->factor(); });
  std::string report;
  for (const TrafficSite* site : all) {
    char line[256];
    std::snprintf(line, sizeof line, "%-28s %s %-6s %8llu requests, %s over ideal %.2f\n", text(site->where).c_str(),
                  site->is_shared ? "shared" : "global", site->access == Access::read ? "load" : "store",
                  static_cast<unsigned long long>(site->requests), site->is_shared ? "transactions" : "sectors",
                  site->factor());
    report += line;
  }
  return report;
}

}  // namespace simt
