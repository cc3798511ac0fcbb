// A small trained model, and its file to be changed: what the tests of models in files share.
#pragma once

#include <strata/model/files.hpp>
#include <strata/strata.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace saved {

using namespace strata;

struct DigitsLayers : Seq<Conv<4, 3>, MaxPool<2>, Dense<6, ReLU>, Dropout<20>, BatchNorm<>, Softmax<5>> {};
using Net = Network<DigitsLayers, Input<8, 8, 1>>;

inline Dataset data() {
  std::vector<std::uint8_t> pixels(40 * 64);
  std::vector<std::int32_t> labels(40);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * 31 + i / 64 * 7);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::int32_t>(i % 5);
  return Dataset::own(Shape::image(8, 8, 1), 5, std::move(pixels), std::move(labels));
}

/// A model that has seen some steps, so that no tensor and no moment is zero.
inline Model<Net> trained(std::uint64_t s = 7) {
  Model<Net> model{seed(s), threads(1)};
  fit(model, data(), Adam{}, {.epochs = 2, .batch = 16, .progress = Progress::silent});
  return model;
}

template <class N>
bool same_parameters(const Model<N>& a, const Model<N>& b) {
  return std::memcmp(a.parameters().data(), b.parameters().data(), a.parameters().size_bytes()) == 0;
}

/// All of a model that a file could change, as bytes.
template <class N>
std::string state_of(const Model<N>& model) {
  const TrainingState& t = model.training();
  std::string out(reinterpret_cast<const char*>(model.parameters().data()), model.parameters().size_bytes());
  if (t.moments.size() > 0) out.append(reinterpret_cast<const char*>(t.moments.data()), t.moments.size());
  return out + t.optimizer + "," + std::to_string(t.slots) + "," + std::to_string(t.steps) + "," +
         std::to_string(t.epochs) + "," + std::to_string(t.epochs_before) + "," + std::to_string(model.seed().value);
}

inline const std::string nothing = "nothing was thrown";

/// The tensors of a model's file, to be changed and written again.
struct Contents {
  safetensors::File file;
  safetensors::Metadata metadata;
  std::vector<safetensors::TensorView> tensors;

  explicit Contents(const std::string& path)
      : file(safetensors::File::read(path)),
        metadata(file.metadata()),
        tensors(file.tensors().begin(), file.tensors().end()) {}

  safetensors::TensorView& operator[](const std::string& name) {
    return *std::find_if(tensors.begin(), tensors.end(), [&](const auto& t) { return t.name == name; });
  }
  std::string& text(const std::string& key) {
    return std::find_if(metadata.begin(), metadata.end(), [&](const auto& m) { return m.first == key; })->second;
  }
  void write(const std::string& path) const { safetensors::write(path, metadata, tensors); }
};

}  // namespace saved
