// A file as memory: the operating system reads what is looked at, and drops it again where memory is short.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/file.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#if defined(__unix__) || defined(__APPLE__)
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#else
#include <vector>
#endif

namespace strata {

/// The bytes of a file, to be read. The file may be deleted or replaced by another (FileWriter does that) meanwhile;
/// who makes it shorter ends the program. Where there is no mmap, it is read whole.
class MappedFile {
 public:
  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept { swap(other); }
  MappedFile& operator=(MappedFile&& other) noexcept {
    swap(other);
    return *this;
  }

  /// All bytes; they stay where they are when this moves.
  std::span<const std::byte> bytes() const { return {data_, size_}; }

#if defined(__unix__) || defined(__APPLE__)
  /// Throws Error with the path and the system's reason where it cannot be opened or mapped.
  explicit MappedFile(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) throw detail::file_error(path, "cannot open", errno);
    struct ::stat facts {};
    int code = ::fstat(file, &facts) == 0 ? 0 : errno;
    size_ = code == 0 ? static_cast<std::size_t>(facts.st_size) : 0;
    void* const data = size_ > 0 ? ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file, 0) : nullptr;
    if (data == MAP_FAILED) code = errno;
    ::close(file);
    if (code != 0) throw detail::file_error(path, "cannot map into memory", code);
    data_ = static_cast<const std::byte*>(data);
  }

  ~MappedFile() {
    if (size_ > 0) ::munmap(const_cast<std::byte*>(data_), size_);
  }

  /// Has `bytes` bytes of a mapped file from `from` on read from disk, and does not wait for them.
  static void read_ahead(const void* from, std::size_t bytes) {
    static const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto begin = reinterpret_cast<std::uintptr_t>(from), first = begin / page * page;
    ::madvise(reinterpret_cast<void*>(first), begin + bytes - first, MADV_WILLNEED);
  }

 private:
#else
  explicit MappedFile(const std::string& path) : read_(read_file(path)), data_(read_.data()), size_(read_.size()) {}
  static void read_ahead(const void*, std::size_t) {}

 private:
  std::vector<std::byte> read_;
#endif
  void swap(MappedFile& other) {
#if !defined(__unix__) && !defined(__APPLE__)
    std::swap(read_, other.read_);
#endif
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }

  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace strata
