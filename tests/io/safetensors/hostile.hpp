// Checks that hold for the safetensors reader whatever bytes it is given. The fuzz test and tests/fuzz share them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include <strata/io/safetensors.hpp>

/// Reads `bytes`. Returns the message of the Error, or nothing when they are a file, whose promises are then checked.
/// Throws std::logic_error when one is broken; undefined behaviour is for the sanitizers to find.
inline std::string read_hostile(const std::vector<std::byte>& bytes) {
  using namespace strata::safetensors;
  const auto promise = [](bool kept, const char* what) {
    if (!kept) throw std::logic_error(what);
  };
  try {
    const File file = File::parse(bytes);
    const std::byte* at = nullptr;
    for (const TensorView& t : file.tensors()) {
      promise(file.find(t.name) == &t, "every tensor is found by its name");
      promise(at == nullptr || at == t.data.data(), "the tensors lie behind one another");
      at = t.data.data() + t.data.size();
      std::uint64_t count = 0;
      promise(detail::count_elements(t.shape, count), "the shape is possible");
      const auto each = static_cast<std::uint64_t>(bytes_per_element(t.dtype));
      promise(each == 0 || count * each == t.data.size(), "the size fits");
      unsigned sum = 0;
      for (const std::byte b : t.data) sum += static_cast<unsigned>(b);
      promise(sum <= 255 * t.data.size(), "all bytes can be read");
      try {
        promise(file.values<float>(t.name).size() == count, "all values are there");
        promise(t.dtype == DType::f32 || t.dtype == DType::f16 || t.dtype == DType::bf16, "only these are floats");
      } catch (const strata::Error&) {
        promise(t.dtype != DType::f32 && t.dtype != DType::f16 && t.dtype != DType::bf16, "these are floats");
      }
    }
    const File again = File::parse(serialize(file.metadata(), file.tensors()));
    promise(again.metadata() == file.metadata(), "the metadata survive");
    promise(again.tensors().size() == file.tensors().size(), "the tensors survive");
    for (const TensorView& t : file.tensors()) {
      const TensorView& copy = again.tensor(t.name);
      promise(copy.dtype == t.dtype && copy.other_dtype == t.other_dtype && copy.shape == t.shape &&
                  std::equal(copy.data.begin(), copy.data.end(), t.data.begin(), t.data.end()),
              "each tensor survives");
    }
    return {};
  } catch (const strata::Error& e) {
    promise(std::string(e.what()).size() < 1000, "messages are short");
    return e.what();
  }
}
