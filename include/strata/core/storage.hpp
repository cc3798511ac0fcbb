// Ownership of memory. std::unique_ptr and std::shared_ptr would do, but in g++'s C++20 <memory> brings half of
// <iostream> along. With <thread>, which includes it, that is more than a third of all standard headers' cost.
#pragma once

#include <atomic>
#include <type_traits>
#include <utility>

namespace strata {

/// Owns one value in the heap, or an array (`Owned<std::byte[]>`), or nothing. The value stays where it is when this
/// moves.
template <class T>
class Owned {
 public:
  using Value = std::remove_extent_t<T>;

  Owned() = default;
  /// Takes over what `new` has made.
  explicit Owned(Value* made) : value_(made) {}
  Owned(Owned&& other) noexcept : value_(std::exchange(other.value_, nullptr)) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Owned() { reset(); }

  /// Ends the value.
  void reset() {
    Value* value = std::exchange(value_, nullptr);
    if constexpr (std::is_array_v<T>)
      delete[] value;
    else
      delete value;
  }

  /// The value, or the first of the array; nullptr where there is none.
  Value* get() const { return value_; }
  Value& operator*() const { return *value_; }
  Value* operator->() const { return value_; }
  /// Whether there is a value.
  explicit operator bool() const { return value_ != nullptr; }

 private:
  Value* value_ = nullptr;
};

/// What std::shared_ptr of any library is like.
template <class P>
concept SharedPointer = requires(const P& pointer) {
  pointer.get();
  pointer.use_count();
};

/// Keeps a value alive, of whatever type, as long as a copy of this lives; or keeps nothing. Copies may be made and end
/// in several threads at once.
class Storage {
 public:
  Storage() = default;

  /// Shares what a std::shared_ptr owns.
  template <SharedPointer P>
  Storage(P pointer) : Storage(holding(std::move(pointer))) {}

  /// Keeps `value`. The elements of a vector, and an AlignedBuffer's bytes, stay where they are when it moves in: views
  /// of them hold.
  template <class T>
  static Storage holding(T value) {
    Storage storage;
    storage.kept_ = new Holding<T>(std::move(value));
    return storage;
  }

  Storage(const Storage& other) : kept_(other.kept_) {
    if (kept_) kept_->owners.fetch_add(1, std::memory_order_relaxed);
  }
  Storage(Storage&& other) noexcept : kept_(std::exchange(other.kept_, nullptr)) {}
  Storage& operator=(Storage other) noexcept {
    std::swap(kept_, other.kept_);
    return *this;
  }
  ~Storage() {
    if (kept_ && kept_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) delete kept_;
  }

  /// Whether it keeps something.
  explicit operator bool() const { return kept_ != nullptr; }

 private:
  struct Kept {
    std::atomic<long> owners{1};
    virtual ~Kept() = default;
  };

  template <class T>
  struct Holding final : Kept {
    explicit Holding(T&& v) : value(std::move(v)) {}
    T value;
  };

  Kept* kept_ = nullptr;
};

}  // namespace strata
