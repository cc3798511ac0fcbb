// A file as memory: the system reads what is looked at, and drops it again where memory gets short.
#pragma once

#include <strata/core/file.hpp>

#include <cerrno>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

#if __has_include(<sys/mman.h>)
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#define STRATA_MAPS_FILES 1
#endif

namespace strata::detail {

/// The bytes of a file, to be read. A file that FileWriter replaces meanwhile, or that is deleted, keeps its bytes as
/// long as it is mapped; nobody may cut it shorter. Where the system maps no files, it is read into memory.
class MappedFile {
 public:
  MappedFile() = default;

  /// Throws Error with the path and the system's reason.
  [[gnu::cold]] explicit MappedFile(const std::string& path) {
#ifdef STRATA_MAPS_FILES
    errno = 0;
    struct Descriptor {
      int number;
      ~Descriptor() {
        if (number >= 0) ::close(number);
      }
    };
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    struct stat facts {};
    if (file.number < 0 || ::fstat(file.number, &facts) != 0) throw file_error(path, "cannot open", errno);
    if (!S_ISREG(facts.st_mode)) throw Error(joined({path, ": is no file"}));
    if (facts.st_size == 0) return;
    void* const at = ::mmap(nullptr, static_cast<std::size_t>(facts.st_size), PROT_READ, MAP_SHARED, file.number, 0);
    if (at == MAP_FAILED) throw file_error(path, "cannot map", errno);
    bytes_ = {static_cast<const std::byte*>(at), static_cast<std::size_t>(facts.st_size)};
#else
    read_ = read_file(path);
    bytes_ = read_;
#endif
  }

  MappedFile(MappedFile&& other) noexcept { *this = std::move(other); }
  MappedFile& operator=(MappedFile&& other) noexcept {
    std::swap(bytes_, other.bytes_);
#ifndef STRATA_MAPS_FILES
    std::swap(read_, other.read_);
#endif
    return *this;
  }

  ~MappedFile() {
#ifdef STRATA_MAPS_FILES
    if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
#endif
  }

  /// At an address that suits any number.
  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
#ifndef STRATA_MAPS_FILES
  std::vector<std::byte> read_;
#endif
};

}  // namespace strata::detail
