// Models in files: weights alone, or checkpoints from which training goes on as if it had never stopped.
#pragma once

#include <strata/core/text.hpp>
#include <strata/io/class_names.hpp>
#include <strata/io/safetensors.hpp>
#include <strata/io/weights.hpp>
#include <strata/model/model.hpp>
#include <strata/model/predictor.hpp>
#include <strata/model/training_state.hpp>

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace strata {

/// What goes into a model's file besides the model.
struct SaveOptions {
  std::vector<std::string> classes{};  ///< their names, in the order of the outputs; none by default
};

namespace detail {

/// More moments than any optimizer keeps; a file that tells of more is damaged.
inline constexpr int most_moments = 16;

/// "adam/moment_1/": what stands before the names of an optimizer's moments, counted from 1.
[[gnu::cold]] inline std::string moment_prefix(const std::string& optimizer, int moment) {
  return joined({optimizer, "/moment_", moment, "/"});
}

/// Writes an arena, and the state of training where there is one.
[[gnu::cold]] inline void save_file(const std::string& path, const NetworkView& net, const float* arena, Seed seed,
                                    const SaveOptions& options, const TrainingState* training) {
  safetensors::Metadata metadata = network_metadata(net);
  add_metadata(metadata, metadata_key::seed, {seed.value});
  std::vector<safetensors::TensorView> views;
  try {
    if (!options.classes.empty()) {
      check_class_names(options.classes, net.shapes.back().channels);
      add_metadata(metadata, class_names_key, {class_names_text(options.classes)});
    }
    append_views(views, stored_tensors(net), arena);
    if (training) {
      add_metadata(metadata, metadata_key::optimizer, {training->optimizer});
      add_metadata(metadata, metadata_key::slots, {training->slots});
      add_metadata(metadata, metadata_key::steps, {training->steps});
      add_metadata(metadata, metadata_key::epochs, {training->epochs});
      add_metadata(metadata, metadata_key::epochs_before, {training->epochs_before});
      for (int m = 0; m < training->slots; ++m)
        append_views(views, stored_tensors(net, moment_prefix(training->optimizer, m + 1), true),
                     training->moments.floats() + m * net.trainable_floats);
    }
  } catch (const Error& e) {
    throw Error(joined({path, ": not saved: ", e.what()}));
  }
  safetensors::write(path, metadata, views);
}

/// What a file holds, checked against a network.
struct LoadedFile {
  AlignedBuffer arena;
  TrainingState training;
  Seed seed;
};

[[gnu::cold]] inline LoadedFile load_checked(const safetensors::File& file, const NetworkView& net, bool checkpoint) {
  LoadedFile loaded;
  TrainingState& state = loaded.training;
  check_network(file, net);
  std::vector<StoredTensor> expected = stored_tensors(net);
  const std::string* optimizer = file.metadata(metadata_key::optimizer);
  if (optimizer) {
    constexpr std::uint64_t most = INT64_MAX;
    state.optimizer = *optimizer;
    state.slots = static_cast<int>(metadata_number(file, metadata_key::slots, most_moments));
    state.steps = static_cast<std::int64_t>(metadata_number(file, metadata_key::steps, most));
    state.epochs = static_cast<std::int64_t>(metadata_number(file, metadata_key::epochs, most));
    if (file.metadata(metadata_key::epochs_before))
      state.epochs_before = static_cast<std::int64_t>(
          metadata_number(file, metadata_key::epochs_before, static_cast<std::uint64_t>(state.epochs)));
    loaded.seed.value = metadata_number(file, metadata_key::seed, UINT64_MAX);
    for (int m = 1; m <= state.slots; ++m)
      for (StoredTensor& t : stored_tensors(net, moment_prefix(*optimizer, m), true)) expected.push_back(std::move(t));
  } else if (checkpoint) {
    throw Error(
        "the file holds weights, but not where training stood; read it with load, or write it with "
        "save_checkpoint");
  }
  check_tensors(file, expected);
  loaded.arena = AlignedBuffer(net.arena_bytes);
  copy_tensors(file, stored_tensors(net), loaded.arena.floats());
  if (checkpoint) {
    state.moments = AlignedBuffer(static_cast<std::size_t>(state.slots * net.trainable_floats) * sizeof(float));
    for (int m = 0; m < state.slots; ++m)
      copy_tensors(file, stored_tensors(net, moment_prefix(*optimizer, m + 1), true),
                   state.moments.floats() + m * net.trainable_floats);
  }
  return loaded;
}

/// Reads a file for a network. Throws Error; nothing is changed before all of it is good.
[[gnu::cold]] inline LoadedFile load_file(const std::string& path, const NetworkView& net, bool checkpoint) {
  const safetensors::File file = safetensors::File::read(path);
  try {
    return load_checked(file, net, checkpoint);
  } catch (const Error& e) {
    throw Error(joined({path, ": not loaded: ", e.what()}));
  }
}

}  // namespace detail

/// Writes a model's weights and running averages to a safetensors file, which Python's `safetensors` reads as well.
///
/// Tensors are called as in describe(): "conv_1/kernel" (height, width, in, out), "dense_1/bias", "batch_norm_1/gamma".
/// The metadata hold the architecture's text, its fingerprint, the preprocessing of the input and the seed. The file is
/// written aside and renamed, so that after an error an older file is as it was.
///
///     save(model, "pets.safetensors", {.classes = {"cat", "dog"}});
///
/// Throws Error where the file cannot be written, a weight is not finite, or check_class_names refuses the names.
template <class Net, class Backend>
void save(const Model<Net, Backend>& model, const std::string& path, const SaveOptions& options = {}) {
  if constexpr (detail::is_valid<Net>)
    detail::save_file(path, view_of<Net>(), model.parameters().data(), model.seed(), options, nullptr);
}

/// Reads a model's weights and running averages from a file that save, save_checkpoint or another program wrote. The
/// model keeps its seed; its training begins afresh.
///
/// A file of strata's must be of the same architecture and preprocessing; the Error tells the difference layer by
/// layer. A file without strata's metadata is taken when its tensors have the names and shapes of the network's. F16
/// and BF16 become floats; other types, tensors that are missing, too many or of another shape, values that are not
/// finite and files that are damaged are errors. After an error the model is as it was.
template <class Net, class Backend>
void load(Model<Net, Backend>& model, const std::string& path) {
  if constexpr (detail::is_valid<Net>) {
    const detail::LoadedFile loaded = detail::load_file(path, view_of<Net>(), false);
    std::memcpy(model.parameters().data(), loaded.arena.data(), model.parameters().size_bytes());
    model.training() = {};
  }
}

/// A Predictor of the weights in a file, for programs that only predict: no model is made, so none is initialised.
/// Takes and refuses the files that load does.
///
///     Predictor<Net> predictor = load_predictor<Net>("digits.safetensors");
template <class Net, class Backend = Cpu<>>
Predictor<Net, Backend> load_predictor(const std::string& path, Threads t = threads(1)) {
  if constexpr (detail::is_valid<Net>) {
    return Predictor<Net, Backend>(detail::load_file(path, view_of<Net>(), false).arena, t);
  } else {
    return Predictor<Net, Backend>(path);
  }
}

/// Writes what save writes, and where training stands: the optimizer's moments ("adam/moment_1/conv_1/kernel"), steps
/// and epochs. Throws as save does.
template <class Net, class Backend>
void save_checkpoint(const Model<Net, Backend>& model, const std::string& path, const SaveOptions& options = {}) {
  if constexpr (detail::is_valid<Net>)
    detail::save_file(path, view_of<Net>(), model.parameters().data(), model.seed(), options, &model.training());
}

/// Reads what save_checkpoint wrote, the seed included, so that the next fit goes on as if the program had never
/// stopped: with equal data, options and optimizer, 2 + 3 epochs leave the same bits as 5 (in one build, on one
/// instruction set). Throws as load does; after an error the model is as it was.
template <class Net, class Backend>
void load_checkpoint(Model<Net, Backend>& model, const std::string& path) {
  if constexpr (detail::is_valid<Net>) {
    detail::LoadedFile loaded = detail::load_file(path, view_of<Net>(), true);
    std::memcpy(model.parameters().data(), loaded.arena.data(), model.parameters().size_bytes());
    model.training() = std::move(loaded.training);
    model.reseed(loaded.seed);
  }
}

}  // namespace strata
