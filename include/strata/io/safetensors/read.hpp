// Reading safetensors: every rule of the format is checked before anyone sees a tensor.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/file.hpp>
#include <strata/core/text.hpp>
#include <strata/io/json.hpp>
#include <strata/io/safetensors/tensor.hpp>

namespace strata::safetensors {

/// The longest header that the format allows, in bytes.
inline constexpr std::uint64_t max_header_bytes = 100'000'000;

/// A safetensors file in memory. Its tensors are views into it and live as long as it does; moving it keeps them.
///
/// Whatever the bytes are, reading gives a File that keeps all rules of the format, or an Error that names the file,
/// the tensor and what is wrong. The rules: the header is at most 100 MB of UTF-8 JSON, an object that begins with '{'
/// and has no duplicate key; shapes and offsets are whole numbers; a tensor's bytes are as many as its shape and type
/// need; the tensors cover the rest of the file without overlap or hole. Keys of a tensor besides dtype, shape and
/// data_offsets are skipped, as the format's own reader does. A type that strata does not know is no error: the tensor
/// is DType::other, its size is not checked against its shape, and only copy_to() and values() refuse it.
class File {
 public:
  /// Reads the file at `path`. Throws Error.
  static File read(const std::string& path) { return parse(read_file(path), path); }

  /// Takes the bytes of a file. `origin` is what errors call it, usually its path. Throws Error.
  static File parse(std::vector<std::byte> bytes, std::string origin = {}) {
    File file;
    file.bytes_ = std::move(bytes);
    file.origin_ = std::move(origin);
    file.explained([&file] { file.read_header(); });
    return file;
  }

  File(File&&) = default;
  File& operator=(File&&) = default;
  File(const File&) = delete;  // the views would point into the original
  File& operator=(const File&) = delete;

  /// All tensors in the order of their bytes in the file.
  std::span<const TensorView> tensors() const { return {tensors_.data(), tensors_.size()}; }

  /// The tensor of that name, or nullptr.
  const TensorView* find(std::string_view name) const {
    const auto less = [this](std::size_t i, std::string_view wanted) { return tensors_[i].name < wanted; };
    const auto at = std::lower_bound(by_name_.begin(), by_name_.end(), name, less);
    return at != by_name_.end() && tensors_[*at].name == name ? &tensors_[*at] : nullptr;
  }

  /// The tensor of that name. Throws Error, with some of the names that are there, when there is none.
  const TensorView& tensor(std::string_view name) const {
    const TensorView* found = find(name);
    if (found) return *found;
    std::string message = "there is no tensor " + detail::shown(name) + "; the file has ";
    if (tensors_.empty())
      message += "none";
    else
      append(message, {tensors_.size(), ": "});
    for (std::size_t i = 0; i < tensors_.size() && i < 8; ++i) {
      append(message, {i > 0 ? ", " : "", detail::shown(tensors_[i].name)});
    }
    throw Error(joined({prefix(), message, tensors_.size() > 8 ? ", ..." : ""}));
  }

  /// Copies the elements of the tensor of that name to `out`, which must have as many. Only conversions that keep every
  /// value are made: F16 and BF16 to float. Throws Error when there is no such tensor, or its size or type is another.
  template <Element T>
  void copy_to(std::string_view name, std::span<T> out) const {
    const TensorView& found = tensor(name);
    explained([&] {
      detail::check_type<T>(found);
      detail::copy_elements<T>(found, out);
    });
  }

  /// The elements of the tensor of that name, in row-major order. Throws as copy_to does.
  template <Element T>
  std::vector<T> values(std::string_view name) const {
    const TensorView& found = tensor(name);
    explained([&] { detail::check_type<T>(found); });  // before the shape is the measure of an allocation
    std::uint64_t count = 0;
    detail::count_elements(found.shape, count);
    std::vector<T> out(static_cast<std::size_t>(count));
    detail::copy_elements<T>(found, std::span<T>(out));
    return out;
  }

  /// All metadata in the order of the file; empty when there is none.
  const Metadata& metadata() const { return metadata_; }

  /// The metadata's value for `key`, or nullptr.
  const std::string* metadata(std::string_view key) const {
    for (const auto& [k, value] : metadata_) {
      if (k == key) return &value;
    }
    return nullptr;
  }

 private:
  struct Entry {  // a tensor as the header describes it, before its offsets are known to be good
    TensorView view;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };

  File() = default;

  std::string prefix() const { return joined({"safetensors: ", origin_.empty() ? "" : origin_ + ": "}); }

  /// Runs `step` and puts the file's name before the message of the Error it throws.
  template <class Step>
  void explained(Step&& step) const {
    try {
      step();
    } catch (const Error& e) {
      throw Error(joined({prefix(), e.what()}));
    }
  }

  [[gnu::cold]] void read_header() {
    constexpr std::size_t length_bytes = 8;
    if (bytes_.size() < length_bytes) {
      throw Error(
          joined({"the file has ", bytes_.size(),
                  " bytes, and 8 are needed for the header's length alone; it is truncated or no safetensors file"}));
    }
    std::uint64_t length = 0;
    std::memcpy(&length, bytes_.data(), length_bytes);
    if (length > max_header_bytes) {
      throw Error(joined({"the header's length is given as ", length, " bytes, and the format allows ",
                          max_header_bytes, "; this is no safetensors file"}));
    }
    const std::size_t rest = bytes_.size() - length_bytes;
    if (length > rest) {
      throw Error(joined({"the header's length is given as ", length, " bytes, and only ", rest,
                          " follow; the file is truncated or no safetensors file"}));
    }
    const auto header_bytes = static_cast<std::size_t>(length);
    const std::string_view header(reinterpret_cast<const char*>(bytes_.data()) + length_bytes, header_bytes);
    if (header.empty() || header[0] != '{') {
      throw Error("the header does not begin with '{'; this is no safetensors file");
    }

    std::vector<Entry> entries;
    try {
      json::Reader reader(header);
      reader.object([&](std::string key) {
        if (key == "__metadata__") {
          read_metadata(reader);
        } else {
          entries.push_back(read_entry(reader, std::move(key)));
        }
      });
      reader.end();
    } catch (const Error& e) {
      throw Error(joined({"header: ", e.what()}));
    }
    place(std::move(entries), {bytes_.data() + length_bytes + header_bytes, rest - header_bytes});
  }

  [[gnu::cold]] void read_metadata(json::Reader& reader) {
    try {
      metadata_.clear();
      reader.object([&](std::string key) { metadata_.emplace_back(std::move(key), reader.string()); });
    } catch (const Error& e) {
      throw Error(joined({"__metadata__: ", e.what()}));
    }
  }

  [[gnu::cold]] static Entry read_entry(json::Reader& reader, std::string name) {
    Entry entry;
    entry.view.name = std::move(name);
    try {
      bool has_dtype = false, has_shape = false, has_offsets = false;
      reader.object([&](const std::string& key) {
        if (key == "dtype") {
          has_dtype = true;
          std::string word = reader.string();
          if (word.empty()) throw Error("dtype is empty");
          entry.view.dtype = detail::dtype_named(word);
          if (entry.view.dtype == DType::other) entry.view.other_dtype = std::move(word);
        } else if (key == "shape") {
          has_shape = true;
          reader.array([&] {
            const std::uint64_t size = reader.unsigned_integer();
            if (size > INT64_MAX) throw Error(joined({"a shape of ", size, " is larger than 2^63 - 1"}));
            entry.view.shape.push_back(static_cast<std::int64_t>(size));
          });
        } else if (key == "data_offsets") {
          has_offsets = true;
          std::size_t count = 0;
          reader.array([&] {
            const std::uint64_t offset = reader.unsigned_integer();
            (count == 0 ? entry.begin : entry.end) = offset;
            if (++count > 2) throw Error("data_offsets has more than two numbers");
          });
          if (count != 2) throw Error(joined({"data_offsets has ", count, " numbers, expected two"}));
        } else {
          reader.skip();
        }
      });
      const char* missing = !has_dtype ? "dtype" : !has_shape ? "shape" : !has_offsets ? "data_offsets" : nullptr;
      if (missing) throw Error(joined({missing, " is missing"}));
    } catch (const Error& e) {
      throw Error(joined({"tensor ", detail::shown(entry.view.name), ": ", e.what()}));
    }
    return entry;
  }

  /// Checks the offsets of all tensors against `data`, the part behind the header, and makes the views.
  [[gnu::cold]] void place(std::vector<Entry> entries, std::span<const std::byte> data) {
    for (const Entry& e : entries) {
      if (e.begin > e.end) {
        throw Error(joined(
            {"tensor ", detail::shown(e.view.name), " begins at byte ", e.begin, " and ends before, at byte ", e.end}));
      }
      if (e.end > data.size()) {
        throw Error(joined({"tensor ", detail::shown(e.view.name), " ends at byte ", e.end, ", the file has ",
                            data.size(), " bytes of data; the file is truncated"}));
      }
      detail::check_size(e.view, e.end - e.begin);
    }
    const std::vector<std::size_t> order = strata::detail::sorted_places(
        entries.size(), entries.data(), [](const void* array, std::size_t a, std::size_t b) {
          const auto* all = static_cast<const Entry*>(array);
          if (all[a].begin != all[b].begin) return all[a].begin < all[b].begin;
          return all[a].end != all[b].end ? all[a].end < all[b].end : a < b;
        });
    std::uint64_t covered = 0;
    const Entry* before = nullptr;
    for (const std::size_t i : order) {
      const Entry& e = entries[i];
      if (e.begin < covered) {  // not the first, since that begins at 0 or behind
        throw Error(joined({"tensor ", detail::shown(e.view.name), " begins at byte ", e.begin, ", inside tensor ",
                            detail::shown(before->view.name), ", which ends at byte ", before->end}));
      }
      if (e.begin > covered) {
        throw Error(joined({"bytes ", covered, " to ", e.begin, " of the data, before tensor ",
                            detail::shown(e.view.name), ", belong to no tensor"}));
      }
      covered = e.end;
      before = &e;
    }
    if (covered != data.size()) {
      throw Error(joined(
          {"bytes ", covered, " to ", data.size(), " of the data, at the end of the file, belong to no tensor"}));
    }

    tensors_.reserve(entries.size());
    for (const std::size_t i : order) {
      Entry& e = entries[i];
      e.view.data = data.subspan(static_cast<std::size_t>(e.begin), static_cast<std::size_t>(e.end - e.begin));
      tensors_.push_back(std::move(e.view));
    }
    by_name_ = strata::detail::sorted_places(tensors_.size(), tensors_.data(),
                                             [](const void* array, std::size_t a, std::size_t b) {
                                               const auto* all = static_cast<const TensorView*>(array);
                                               return all[a].name.compare(all[b].name) < 0;
                                             });
  }

  std::string origin_;
  std::vector<std::byte> bytes_;
  std::vector<TensorView> tensors_;
  std::vector<std::size_t> by_name_;  // places in tensors_, sorted by name
  Metadata metadata_;
};

}  // namespace strata::safetensors
