// Writing safetensors: the header is planned and checked first, then everything streams to the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/file.hpp>
#include <strata/core/text.hpp>
#include <strata/io/json.hpp>
#include <strata/io/safetensors/read.hpp>
#include <strata/io/safetensors/tensor.hpp>

namespace strata::safetensors {

namespace detail {

[[gnu::cold]] inline void check_text(std::string_view what, std::string_view text) {
  if (strata::detail::find_invalid_utf8(text) != std::string_view::npos) {
    throw Error(joined({what, " ", shown(text), " is not valid UTF-8"}));
  }
}

[[gnu::cold]] inline void check_unique(std::vector<std::string> names, std::string_view what) {
  const std::string* twice = strata::detail::find_twice(names);
  if (twice) throw Error(joined({what, " ", shown(*twice), " is given twice"}));
}

/// What precedes the data: the header with its length before it, and the tensors in the order of the file.
struct Layout {
  std::string header;  // a multiple of 8 bytes, so that the data is as aligned as the file
  std::vector<const TensorView*> order;
};

[[gnu::cold]] inline void append_metadata(std::string& out, const Metadata& metadata) {
  std::vector<std::string> keys;
  out += "\"__metadata__\":{";
  for (const auto& [key, value] : metadata) {
    check_text("the metadata's key", key);
    check_text("the metadata's value", value);
    if (!keys.empty()) out += ',';
    keys.push_back(key);
    json::append_quoted(out, key);
    out += ':';
    json::append_quoted(out, value);
  }
  out += '}';
  check_unique(std::move(keys), "the metadata's key");
}

[[gnu::cold]] inline void append_entry(std::string& out, const TensorView& t, std::uint64_t begin, std::uint64_t end) {
  json::append_quoted(out, t.name);
  out += ":{\"dtype\":";
  json::append_quoted(out, t.dtype == DType::other ? std::string_view(t.other_dtype) : name_of(t.dtype));
  out += ",\"shape\":[";
  for (std::size_t i = 0; i < t.shape.size(); ++i) append(out, {i > 0 ? "," : "", t.shape[i]});
  append(out, {"],\"data_offsets\":[", begin, ",", end, "]}"});
}

[[gnu::cold]] inline Layout plan_file(const Metadata& metadata, std::span<const TensorView> tensors) {
  Layout layout;
  std::vector<std::string> names;
  for (const TensorView& t : tensors) {
    check_text("the tensor name", t.name);
    check_text("the data type", t.other_dtype);
    if (t.name == "__metadata__") throw Error("a tensor cannot be called '__metadata__', the format keeps that name");
    if ((t.dtype == DType::other) == t.other_dtype.empty() || dtype_named(t.other_dtype) != DType::other) {
      throw Error(
          joined({"tensor ", shown(t.name), ": other_dtype ", shown(t.other_dtype),
                  " must name a type that strata does not know where dtype is DType::other, and be empty elsewhere"}));
    }
    check_size(t, t.data.size());
    names.push_back(t.name);
  }
  check_unique(std::move(names), "the tensor name");
  for (const int width : {8, 4, 2, 1, 0}) {
    for (const TensorView& t : tensors) {
      if (bytes_per_element(t.dtype) == width) layout.order.push_back(&t);
    }
  }

  std::string& out = layout.header;
  out.assign(8, '\0');
  out += '{';
  if (!metadata.empty()) append_metadata(out, metadata);
  std::uint64_t at = 0;
  for (const TensorView* t : layout.order) {
    if (out.back() != '{') out += ',';
    append_entry(out, *t, at, at + t->data.size());
    at += t->data.size();
  }
  out += '}';
  while (out.size() % 8 != 0) out += ' ';
  const std::uint64_t length = out.size() - 8;
  if (length > max_header_bytes) {
    throw Error(joined({"the header would have ", length, " bytes, and the format allows ", max_header_bytes}));
  }
  std::memcpy(out.data(), &length, 8);
  return layout;
}

}  // namespace detail

/// Writes a safetensors file.
///
/// The tensors' bytes lie in the order given, wider elements first, so that every element is at a multiple of its own
/// size in the file (PyTorch maps files and needs that). Names, metadata and shapes are checked before the file is
/// touched; it is written aside and renamed (see FileWriter), so that after an error an older file is as it was.
///
/// Throws Error: a name twice, text that is not UTF-8, a shape that does not fit the bytes, a file that cannot be
/// written.
[[gnu::cold]] inline void write(const std::string& path, const Metadata& metadata,
                                std::span<const TensorView> tensors) {
  detail::Layout layout;
  try {
    layout = detail::plan_file(metadata, tensors);
  } catch (const Error& e) {
    throw Error(joined({"safetensors: ", path, ": cannot write: ", e.what()}));
  }
  FileWriter file(path);
  file.write(layout.header);
  for (const TensorView* t : layout.order) file.write(t->data);
  file.commit();
}

/// The bytes that write() would write. Throws Error as it does.
[[gnu::cold]] inline std::vector<std::byte> serialize(const Metadata& metadata, std::span<const TensorView> tensors) {
  try {
    const detail::Layout layout = detail::plan_file(metadata, tensors);
    std::size_t size = layout.header.size();
    for (const TensorView* t : layout.order) size += t->data.size();
    std::vector<std::byte> out(size);
    std::byte* to = out.data();
    std::memcpy(to, layout.header.data(), layout.header.size());
    to += layout.header.size();
    for (const TensorView* t : layout.order) {
      if (!t->data.empty()) std::memcpy(to, t->data.data(), t->data.size());
      to += t->data.size();
    }
    return out;
  } catch (const Error& e) {
    throw Error(joined({"safetensors: cannot write: ", e.what()}));
  }
}

}  // namespace strata::safetensors
