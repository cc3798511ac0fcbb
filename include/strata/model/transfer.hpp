// Weights of one network for another: a base under a new head, batch normalisation folded away.
#pragma once

#include <strata/core/text.hpp>
#include <strata/io/safetensors.hpp>
#include <strata/io/weights.hpp>
#include <strata/model/fold.hpp>
#include <strata/model/model.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

namespace strata {

/// What load_shared found, by the tensors' names.
struct SharedTensors {
  std::vector<std::string> loaded;  ///< of the network and the file
  std::vector<std::string> fresh;   ///< of the network alone: they keep the values that they had
  std::vector<std::string> unused;  ///< of the file alone
};

/// "26 tensors loaded, 4 keep their values (dense_1/kernel, ...), 2 of the file are unused (...)".
[[gnu::cold]] inline std::string to_string(const SharedTensors& shared) {
  const auto some = [](const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < 4; ++i) append(text, {i == 0 ? "" : ", ", names[i]});
    return names.size() > 4 ? text + ", ..." : text;
  };
  std::string text = joined({shared.loaded.size(), " tensors loaded"});
  if (!shared.fresh.empty()) append(text, {", ", shared.fresh.size(), " keep their values (", some(shared.fresh), ")"});
  if (!shared.unused.empty())
    append(text, {", ", shared.unused.size(), " of the file are unused (", some(shared.unused), ")"});
  return text;
}

namespace detail {

/// Reads what a file and a network have in common into `arena`. Throws before anything is changed.
[[gnu::cold]] inline SharedTensors load_shared(const safetensors::File& file, const NetworkView& net, float* arena) {
  const std::string* preprocessing = file.metadata(metadata_key::preprocessing);
  if (preprocessing && *preprocessing != preprocessing_text(net))
    throw Error(joined({"the file's network takes its input differently:\n  file: ", shown_line(*preprocessing),
                        "; program: ", preprocessing_text(net), "\ngive Input<...> the preprocessing of the file"}));
  SharedTensors shared;
  std::vector<StoredTensor> both;
  for (StoredTensor& t : stored_tensors(net)) {
    const safetensors::TensorView* found = file.find(t.name);
    if (found == nullptr) {
      shared.fresh.push_back(t.name);
      continue;
    }
    const safetensors::TensorView wanted{.name = t.name, .shape = t.shape()};
    if (found->shape != wanted.shape)
      throw Error(joined({shown(t.name), " is ", safetensors::detail::described(*found), ", and the network's is ",
                          safetensors::detail::described(wanted),
                          "; put the network's layer into a Named block where it is another"}));
    shared.loaded.push_back(t.name);
    both.push_back(std::move(t));
  }
  for (const safetensors::TensorView& t : file.tensors())
    if (std::find(shared.loaded.begin(), shared.loaded.end(), t.name) == shared.loaded.end())
      shared.unused.push_back(t.name);
  if (both.empty())
    throw Error(joined({"it has no tensor of the network; its first is ",
                        file.tensors().empty() ? std::string("none") : shown(file.tensors().front().name),
                        ", the network's is ", shown(stored_tensors(net).front().name)}));
  AlignedBuffer values(net.arena_bytes);
  std::memcpy(values.data(), arena, net.arena_bytes);
  copy_tensors(file, both, values.floats());
  std::memcpy(arena, values.data(), net.arena_bytes);
  return shared;
}

}  // namespace detail

/// Reads the weights that a file and the network have in common, by name, and leaves the others as they are: a base
/// from a file, under a head that is to be trained. Training begins afresh.
///
///     const SharedTensors shared = load_shared(model, "base.safetensors");   // std::puts(to_string(shared).c_str());
///
/// Throws Error where a tensor has another shape under the same name, where they have none in common, where the file's
/// input is preprocessed in another way, and where load would for a damaged file. After an error the model is as it
/// was.
template <class Net, class Backend>
SharedTensors load_shared(Model<Net, Backend>& model, const std::string& path) {
  SharedTensors shared;
  if constexpr (detail::is_valid<Net>) {
    const safetensors::File file = safetensors::File::read(path);
    try {
      shared = detail::load_shared(file, view_of<Net>(), model.parameters().data());
    } catch (const Error& e) {
      throw Error(joined({path, ": not loaded: ", e.what()}));
    }
    model.training() = {};
  }
  return shared;
}

/// Gives `to` the weights of `from` with its batch normalisation folded into the convolutions: `to` is the network that
/// is left, or its front. They predict the same up to rounding.
///
///     Model<Network<zoo::Vgg16Base, In>> base;
///     copy_folded(trained, base);                   // trained: zoo::Vgg16BaseBatchNorm under a head
template <class Net, class Backend, class Plain, class OtherBackend>
void copy_folded(const Model<Net, Backend>& from, Model<Plain, OtherBackend>& to) {
  using Folded = FoldedNetwork<Net>;
  constexpr bool fits = [] {
    const auto& have = Folded::parameters.segments;
    const auto& want = Plain::parameters.segments;
    if (want.size() > have.size()) return false;
    for (std::size_t i = 0; i < want.size(); ++i)
      if (want[i].parameter.extents != have[i].parameter.extents || want[i].parameter.rank != have[i].parameter.rank)
        return false;
    return true;
  }();
  static_assert(fits, "copy_folded: the second network is not the first one, folded, nor its front");
  if constexpr (fits) {
    AlignedBuffer folded(Folded::parameters.arena_bytes());
    fold_parameters<Net>(from.parameters().data(), folded.floats());
    for (std::size_t i = 0; i < Plain::parameters.segments.size(); ++i)
      std::memcpy(to.parameters().data() + Plain::parameters.segments[i].offset,
                  folded.floats() + Folded::parameters.segments[i].offset,
                  static_cast<std::size_t>(Plain::parameters.segments[i].parameter.size()) * sizeof(float));
    to.training() = {};
  }
}

}  // namespace strata
