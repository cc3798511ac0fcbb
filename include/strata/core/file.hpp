// Reading a file whole, and writing one aside so that the old file lives until the new one is complete.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/text.hpp>

namespace strata {

namespace detail {

/// An open file that is closed at the latest when this goes (std::unique_ptr would bring half of <iostream> along).
class FileHandle {
 public:
  FileHandle() = default;
  FileHandle(const FileHandle&) = delete;
  FileHandle& operator=(const FileHandle&) = delete;
  ~FileHandle() { close(); }

  std::FILE* get() const { return file_; }
  void open(const char* path, const char* mode) {
    close();
    file_ = std::fopen(path, mode);
  }
  /// False when the last bytes could not be written.
  bool close() {
    std::FILE* file = file_;
    file_ = nullptr;
    return file == nullptr || std::fclose(file) == 0;
  }

 private:
  std::FILE* file_ = nullptr;
};

/// Whether something is at `path` that is not known to be missing: what cannot be opened for another reason counts, so
/// that reading it tells why.
[[gnu::cold]] inline bool file_exists(const std::string& path) {
  FileHandle file;
  errno = 0;
  file.open(path.c_str(), "rb");
  return file.get() != nullptr || errno != ENOENT;
}

/// "PATH: WHAT: the system's reason", from errno.
[[gnu::cold]] inline Error file_error(const std::string& path, const std::string& what, int code) {
  return Error(joined({path, ": ", what, ": ", code != 0 ? std::strerror(code) : "unknown reason"}));
}

}  // namespace detail

/// All bytes of the file at `path`. Pipes work too.
///
/// Throws Error with the path and the system's reason when the file cannot be opened or read, or does not fit into
/// memory.
[[gnu::cold]] inline std::vector<std::byte> read_file(const std::string& path) {
  errno = 0;
  detail::FileHandle file;
  file.open(path.c_str(), "rb");
  if (!file.get()) throw detail::file_error(path, "cannot open", errno);

  // The size is a hint only: a pipe has none, a directory claims 2^63 - 1, and a file may change while it is read.
  std::size_t hint = 0;
  if (std::fseek(file.get(), 0, SEEK_END) == 0) {
    const long end = std::ftell(file.get());
    if (end > 0) hint = static_cast<std::size_t>(end);
    if (std::fseek(file.get(), 0, SEEK_SET) != 0) throw detail::file_error(path, "cannot read", errno);
  }
  constexpr std::size_t first_chunk = std::size_t{1} << 16;
  std::vector<std::byte> bytes;
  std::size_t used = 0;
  std::size_t wanted = hint > 0 && hint < first_chunk ? hint + 1 : first_chunk;  // one more, so that the end shows
  while (true) {
    try {
      bytes.resize(wanted);
    } catch (const std::exception&) {  // bad_alloc, or length_error where the size is absurd
      throw Error(joined({path, ": cannot read: it needs ", wanted, " bytes of memory, which are not there"}));
    }
    errno = 0;
    used += std::fread(bytes.data() + used, 1, bytes.size() - used, file.get());
    if (used < bytes.size()) break;
    wanted = hint >= used ? hint + 1 : used * 2;
  }
  if (std::ferror(file.get())) throw detail::file_error(path, "cannot read", errno);
  bytes.resize(used);
  return bytes;
}

/// Writes a file aside, under a temporary name in the same folder (PATH.tmp0 or the next free number), and renames it
/// when it is complete, so that a reader sees the old file or the new one and never a part.
///
/// Whatever fails (no room, a short write, an error on closing or renaming, an exception of the caller's), the
/// temporary file is removed and an older file at `path` stays as it was. The new file has the permissions that new
/// files get; a symbolic link at `path` is replaced by the file. Two writers of one path do not disturb each other: the
/// last to commit wins.
///
///     FileWriter file{"weights.bin"};
///     file.write(header);
///     file.write(values);
///     file.commit();
class FileWriter {
 public:
  /// Creates the temporary file. Throws Error when that is not possible.
  explicit FileWriter(std::string path) : path_(std::move(path)) {
    constexpr int most_leftovers = 1000;
    for (int i = 0; i < most_leftovers; ++i) {
      temporary_ = joined({path_, ".tmp", i});
      errno = 0;
      file_.open(temporary_.c_str(), "wbx");  // x: never open what another writer is writing
      if (file_.get()) return;
      if (errno != EEXIST) throw detail::file_error(path_, "cannot create a file in its folder", errno);
    }
    throw Error(joined({path_, ": cannot write: ", most_leftovers, " files from ", path_, ".tmp0 to ", temporary_,
                        " are in the way; delete them"}));
  }

  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  /// Removes what was written unless commit() succeeded.
  ~FileWriter() {
    file_.close();
    if (!temporary_.empty()) std::remove(temporary_.c_str());
  }

  /// Appends bytes. Throws Error with the path and the system's reason.
  void write(std::span<const std::byte> bytes) {
    if (bytes.empty()) return;
    errno = 0;
    if (!file_.get() || std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) fail(errno);
    written_ += bytes.size();
  }

  /// Appends text. Throws as above.
  void write(std::string_view text) { write(std::as_bytes(std::span<const char>(text.data(), text.size()))); }

  /// Closes the file and gives it its name. Nothing can be written afterwards. Throws Error as above.
  void commit() {
    errno = 0;
    if (!file_.get() || std::fflush(file_.get()) != 0) fail(errno);
    errno = 0;
    if (!file_.close()) fail(errno);
    errno = 0;
    if (std::rename(temporary_.c_str(), path_.c_str()) != 0) fail(errno);
    temporary_.clear();
  }

 private:
  [[noreturn]] void fail(int code) {
    file_.close();  // a caller who goes on after a failed write fails again, rather than commit a file with a gap
    throw detail::file_error(path_, joined({"cannot write (stopped after ", written_, " bytes)"}), code);
  }

  std::string path_;
  std::string temporary_;  // empty once it is renamed
  detail::FileHandle file_;
  std::uint64_t written_ = 0;  // bytes
};

}  // namespace strata
