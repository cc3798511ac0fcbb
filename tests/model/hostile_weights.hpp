// Checks that hold for imported weights whatever the file holds. The tests and tests/fuzz share them.
#pragma once

#include <strata/model/transfer.hpp>
#include <strata/strata.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace hostile_weights {

using namespace strata;

// Square kernels, so that shapes alone tell nothing, and a normalisation that takes a bias.
struct Layers : Seq<Conv<3, 3, Same, NoBias>, BatchNorm<Epsilon<1, 100000>>, ReLU, Flatten, Dense<12>, Dense<12>> {};
using Net = Network<Layers, Input<2, 2, 3>>;

/// A file to be spoilt.
struct Contents {
  std::vector<std::vector<float>> values;
  std::vector<safetensors::TensorView> tensors;
  safetensors::Metadata metadata{};

  safetensors::TensorView& add(const std::string& name, std::vector<std::int64_t> shape, float value = 0.5f) {
    std::int64_t size = 1;
    for (const std::int64_t s : shape) size *= s;
    values.push_back(std::vector<float>(static_cast<std::size_t>(size), value));
    for (std::size_t i = 0; i < values.back().size(); ++i) values.back()[i] += static_cast<float>(i) / 64;
    tensors.push_back(safetensors::view(name, std::move(shape), std::span<const float>(values.back())));
    return tensors.back();
  }
  void remove(const std::string& name) {
    std::erase_if(tensors, [&](const safetensors::TensorView& t) { return t.name == name; });
  }
  safetensors::TensorView& operator[](const std::string& name) {
    for (safetensors::TensorView& t : tensors)
      if (t.name == name) return t;
    throw Error("no such tensor");
  }
};

inline Contents good() {
  Contents c;
  c.values.reserve(64);
  c.add("f.0.weight", {3, 3, 3, 3});
  c.add("f.0.bias", {3}, 2);
  for (const char* part : {"weight", "bias", "running_mean", "running_var"}) c.add("f.1." + std::string(part), {3});
  for (const char* layer : {"g.0", "g.10"}) {
    c.add(layer + std::string(".weight"), {12, 12});
    c.add(layer + std::string(".bias"), {12});
  }
  return c;
}

/// Imports a file of these bytes; true where it is taken. Throws std::logic_error where a promise is broken: what is
/// taken is finite and told, what is refused leaves the parameters as they were and says why in a few lines.
inline bool read_hostile_weights(const std::vector<std::byte>& bytes) {
  const auto promise = [](bool kept, const char* what) {
    if (!kept) throw std::logic_error(what);
  };
  static Model<Net> model{seed(3)};
  const std::vector<float> before(std::as_const(model).parameters().begin(), std::as_const(model).parameters().end());
  try {
    const ImportReport report =
        detail::import_weights(safetensors::File::parse(bytes), view_of<Net>(), {}, model.parameters().data());
    promise(!report.loaded.empty() && !to_string(report).empty(), "something is loaded and told");
    for (const float v : std::as_const(model).parameters()) promise(std::isfinite(v), "all values are finite");
    return true;
  } catch (const Error& e) {
    promise(std::strlen(e.what()) < 1500, "the message is short");
    promise(std::memcmp(before.data(), std::as_const(model).parameters().data(), 4 * before.size()) == 0,
            "the parameters stay");
    return false;
  }
}

}  // namespace hostile_weights
