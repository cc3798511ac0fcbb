// Stands in for the machine of tests/simt where kernels run on a GPU: its settings have no effect, its memory is the
// CPU's that the GPU reaches.
#pragma once

#include <gpu/mapped.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace simt {

/// Kernels run on a GPU.
inline constexpr bool is_simulated = false;

struct Schedule {
  bool shuffled = false;
  std::uint64_t seed = 0;
};

/// A GPU has one schedule of its own, which differs from run to run.
inline constexpr std::array three_schedules{Schedule{}, Schedule{true, 1}, Schedule{true, 2}};

inline constexpr std::size_t sm_80 = 163 * 1024, sm_90 = 227 * 1024;

struct Settings {
  Schedule schedule{};
  std::size_t shared_limit = sm_80;
  bool find_races = true;
};

class Machine {
 public:
  explicit Machine(const Settings&) {}
  ~Machine() {}
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
};

constexpr bool sees_accesses() { return false; }
inline constexpr bool may_see_accesses = false;
constexpr std::uint64_t threads_run() { return 0; }  // nobody counts

class Fault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Nothing is counted; cases that look at traffic are skipped.
class Traffic {
 public:
  Traffic() {}
  ~Traffic() {}
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;

  double bank_conflicts() const { return 0; }
  double worst_sectors() const { return 0; }
  double sectors() const { return 0; }
  std::string report() const { return {}; }
};

/// As simt/global.hpp: elements that nobody wrote are bytes of 0xff.
template <class T>
class Global {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit Global(std::size_t size) : size_(size), memory_(size * sizeof(T)) {}
  Global(std::size_t size, const T& value) : Global(size) {
    T* const all = data();
    for (std::size_t i = 0; i < size; ++i) all[i] = value;
  }
  Global(const std::vector<T>& values) : Global(values.size()) {
    T* const all = data();
    for (std::size_t i = 0; i < size_; ++i) all[i] = values[i];
  }

  T* data() { return static_cast<T*>(memory_.get()); }
  const T* data() const { return static_cast<const T*>(memory_.get()); }
  std::size_t size() const { return size_; }
  T* begin() { return data(); }
  T* end() { return data() + size_; }
  T& operator[](std::size_t i) { return data()[i]; }
  const T& operator[](std::size_t i) const { return data()[i]; }

 private:
  std::size_t size_;
  gpu_test::Mapped memory_;
};

}  // namespace simt
