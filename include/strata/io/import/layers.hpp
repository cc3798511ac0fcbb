// The layers of a file of weights and those of a network, in one language: which part of a layer a tensor is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/text.hpp>
#include <strata/io/safetensors.hpp>
#include <strata/io/text.hpp>
#include <strata/io/weights.hpp>
#include <strata/plan/view.hpp>

namespace strata {

/// In whose names and axes a file's tensors are.
///
///                   convolution            dense                     normalisation
///     keras         kernel [h, w, in, out] kernel [in, out]          gamma, beta, moving_mean, moving_variance
///     torch         weight [out, in, h, w] weight [out, in]          weight, bias, running_mean, running_var
///
/// An image becomes a vector in the order height, width, channels in Keras, and channels, height, width in PyTorch.
/// Strata's own files are as Keras'. `automatic` takes what the names say.
enum class Framework { automatic, keras, torch };

namespace detail {

/// "block1_conv1" and "kernel", of "block1_conv1/kernel", "block1_conv1/kernel:0" or "block1_conv1.kernel".
struct TensorName {
  std::string_view layer, part;
};

inline TensorName split_name(std::string_view name) {
  const std::size_t end = name.ends_with(":0") ? name.size() - 2 : name.size();
  const std::string_view bare = name.substr(0, end);
  const std::size_t cut = bare.find_last_of("/.");
  if (cut == std::string_view::npos) return {{}, bare};
  return {bare.substr(0, cut), bare.substr(cut + 1)};
}

/// What a layer's main tensor is.
enum class LayerKind { kernel, normalisation, other };

/// A layer of a file. `parts` are the tensors' names in strata's words.
struct FileLayer {
  std::string name{};
  LayerKind kind = LayerKind::other;
  std::size_t rank = 0;  ///< of the kernel
  std::vector<const safetensors::TensorView*> tensors{};
  std::vector<std::string> parts{};

  const safetensors::TensorView* find(std::string_view part) const {
    for (std::size_t i = 0; i < parts.size(); ++i)
      if (parts[i] == part) return tensors[i];
    return nullptr;
  }
};

/// A layer of the network.
struct OwnLayer {
  std::string name{};
  LayerKind kind = LayerKind::other;
  std::size_t rank = 0;
  std::size_t operation = 0;
  std::vector<StoredTensor> tensors{};
  Shape image{};                ///< what its input was before it became a vector; of rank 1 where it never was another
  bool takes_its_bias = false;  ///< a batch normalisation directly behind a kernel without a bias

  const StoredTensor* find(std::string_view part) const {
    for (const StoredTensor& t : tensors)
      if (part == t.segment->parameter.name) return &t;
    return nullptr;
  }
};

/// Whether a tensor only counts training's steps.
inline bool is_counter(std::string_view name) { return split_name(name).part == "num_batches_tracked"; }

/// What the names of a file say of its framework. Throws where they say nothing, or two things.
[[gnu::cold]] inline Framework framework_of(const std::vector<const safetensors::TensorView*>& tensors) {
  const safetensors::TensorView *keras = nullptr, *torch = nullptr;
  for (const safetensors::TensorView* t : tensors) {
    const std::string_view part = split_name(t->name).part;
    if (part == "kernel" || part == "gamma" || part == "beta" || part.starts_with("moving_")) keras = t;
    if (part == "weight" || part.starts_with("running_") || part == "num_batches_tracked") torch = t;
  }
  if (keras != nullptr && torch != nullptr)
    throw Error(
        joined({"its tensors are named in two ways, ", shown(keras->name), " as Keras' and ", shown(torch->name),
                " as PyTorch's; say in ImportOptions::framework in whose order their axes are"}));
  if (keras == nullptr && torch == nullptr)
    throw Error(
        joined({"its tensors are named neither as Keras' (kernel) nor as PyTorch's (weight); its first is ",
                tensors.empty() ? std::string("none") : shown(tensors.front()->name),
                ". Say in ImportOptions::framework in whose order their axes are, and which are which in ::names"}));
  return torch != nullptr ? Framework::torch : Framework::keras;
}

/// The file's tensors by layers, in the order of the file. Throws where a layer has a part twice.
[[gnu::cold]] inline std::vector<FileLayer> layers_of(const std::vector<const safetensors::TensorView*>& tensors,
                                                      Framework framework) {
  std::vector<FileLayer> layers;
  std::vector<std::string> names;
  for (const safetensors::TensorView* t : tensors) names.emplace_back(split_name(t->name).layer);
  const std::vector<std::size_t> sorted =
      sorted_places(names.size(), names.data(), [](const void* array, std::size_t a, std::size_t b) {
        const auto* all = static_cast<const std::string*>(array);
        const int order = all[a].compare(all[b]);
        return order != 0 ? order < 0 : a < b;
      });
  // Places of the layers' first tensors, so that hostile files of many tensors take no quadratic time.
  std::vector<std::size_t> first(names.size());
  for (std::size_t i = 0; i < sorted.size(); ++i)
    first[sorted[i]] = i > 0 && names[sorted[i]] == names[sorted[i - 1]] ? first[sorted[i - 1]] : sorted[i];
  std::vector<std::size_t> layer_at(names.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (first[i] == i) {
      layer_at[i] = layers.size();
      layers.push_back({.name = names[i]});
    }
    FileLayer& layer = layers[layer_at[first[i]]];
    std::string part(split_name(tensors[i]->name).part);
    if (framework == Framework::torch) {
      if (part == "running_mean") part = "moving_mean";
      if (part == "running_var") part = "moving_variance";
      if (part == "weight") part = tensors[i]->shape.size() == 1 ? "gamma" : "kernel";
    }
    if (const safetensors::TensorView* twice = layer.find(part))
      throw Error(joined({shown(twice->name), " and ", shown(tensors[i]->name), " are both the ", part, " of layer ",
                          shown(layer.name)}));
    layer.tensors.push_back(tensors[i]);
    layer.parts.push_back(part);
    if (part == "kernel") {
      layer.kind = LayerKind::kernel;
      layer.rank = tensors[i]->shape.size();
    }
    if (part == "gamma" || part == "beta" || part == "moving_mean" || part == "moving_variance")
      layer.kind = LayerKind::normalisation;
  }
  if (framework == Framework::torch)
    for (FileLayer& layer : layers)
      for (std::string& part : layer.parts)
        if (layer.kind == LayerKind::normalisation && part == "bias") part = "beta";
  return layers;
}

/// The network's layers that have tensors, in its order.
[[gnu::cold]] inline std::vector<OwnLayer> layers_of(const NetworkView& net) {
  std::vector<OwnLayer> layers;
  const std::vector<std::string> names = operation_names(net);
  const std::vector<StoredTensor> tensors = stored_tensors(net);
  std::vector<Shape> image(net.shapes.size());  // of each value, behind reshapes and what keeps values in their places
  image[0] = net.shapes[0];
  std::size_t next = 0;
  for (std::size_t k = 0; k < net.operations.size(); ++k) {
    const PlannedOperation& op = net.operations[k];
    const auto from = static_cast<std::size_t>(op.inputs[0]), to = static_cast<std::size_t>(op.output);
    const Role role = op.operation->role(Mode::inference);
    const bool keeps_places = role == Role::reshape || role == Role::elementwise || role == Role::identity;
    image[to] = keeps_places && net.shapes[to].rank == 1 ? image[from] : net.shapes[to];
    if (next == tensors.size() || tensors[next].segment->operation != static_cast<int>(k)) continue;
    OwnLayer layer{.name = names[k], .operation = k, .image = image[from]};
    for (; next < tensors.size() && tensors[next].segment->operation == static_cast<int>(k); ++next)
      layer.tensors.push_back(tensors[next]);
    if (const StoredTensor* kernel = layer.find("kernel")) {
      layer.kind = LayerKind::kernel;
      layer.rank = kernel->shape().size();
    } else if (layer.find("moving_mean") != nullptr && layer.find("gamma") != nullptr) {
      layer.kind = LayerKind::normalisation;
      layer.takes_its_bias = !layers.empty() && layers.back().operation + 1 == k &&
                             layers.back().kind == LayerKind::kernel && layers.back().find("bias") == nullptr;
    }
    layers.push_back(std::move(layer));
  }
  return layers;
}

}  // namespace detail
}  // namespace strata
