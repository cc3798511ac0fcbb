// A function that fit calls behind each epoch.
#pragma once

#include <strata/train/history.hpp>

#include <type_traits>
#include <utility>

namespace strata {

/// Holds any function of an EpochRecord, by value; empty by default. (std::function would do, but its header costs each
/// program a tenth of a second to compile.)
class EpochHook {
 public:
  EpochHook() = default;

  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, EpochHook> && std::is_invocable_v<F&, const EpochRecord&>)
      EpochHook(F&& f)
      : function_(new std::remove_cvref_t<F>(std::forward<F>(f))), of_(&operations<std::remove_cvref_t<F>>) {}

  EpochHook(const EpochHook& other) : function_(other ? other.of_->copy(other.function_) : nullptr), of_(other.of_) {}
  EpochHook(EpochHook&& other) noexcept : function_(std::exchange(other.function_, nullptr)), of_(other.of_) {}
  EpochHook& operator=(EpochHook other) noexcept {
    std::swap(function_, other.function_);
    std::swap(of_, other.of_);
    return *this;
  }
  ~EpochHook() {
    if (function_) of_->destroy(function_);
  }

  explicit operator bool() const { return function_ != nullptr; }
  void operator()(const EpochRecord& record) const { of_->call(function_, record); }

 private:
  struct Operations {
    void (*call)(void*, const EpochRecord&);
    void* (*copy)(const void*);
    void (*destroy)(void*);
  };

  template <class F>
  static constexpr Operations operations{[](void* f, const EpochRecord& r) { (*static_cast<F*>(f))(r); },
                                         [](const void* f) -> void* { return new F(*static_cast<const F*>(f)); },
                                         [](void* f) { delete static_cast<F*>(f); }};

  void* function_ = nullptr;
  const Operations* of_ = nullptr;
};

}  // namespace strata
