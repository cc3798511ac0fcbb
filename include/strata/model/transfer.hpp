// Weights from elsewhere: of another network or framework, under a new head, with batch normalisation folded away.
#pragma once

#include <strata/core/text.hpp>
#include <strata/io/import/import.hpp>
#include <strata/io/safetensors.hpp>
#include <strata/model/fold.hpp>
#include <strata/model/model.hpp>

#include <cstddef>
#include <cstring>
#include <string>

namespace strata {

/// Reads weights from a file that another network of strata's left, or PyTorch or Keras, and leaves what the file has
/// not as it is: a base from a file, under a head that is to be trained. Training begins afresh.
///
///     ImportReport report = import_weights(model, "vgg16.safetensors", {.skip = {"classifier."}});
///     std::puts(to_string(report).c_str());       // which tensor went where
///
/// Files of strata's are read by names. Others are read by names where all of the file's layers are called as the
/// network's, or all of the network's as the file's; else layer by layer in order, where kind and shape must fit, as
/// far as the file goes; or as ImportOptions::names says. Axes become strata's, see Framework; a dense kernel behind a
/// flattened image is permuted, and the bias of a convolution that has none here goes into the batch normalisation
/// behind it. F16 and BF16 become floats. tools/convert_weights makes such files of .h5, .keras and .pth.
///
/// No file but strata's says how pixels become numbers: torchvision's networks take Input<..., Torch>, Keras' VGG
/// Input<..., Caffe>.
///
/// Throws Error where a shape does not fit, a layer has no place or several, names do not tell the framework, batch
/// normalisations add another epsilon, the two have nothing in common, the file's input is preprocessed in another way,
/// a value is not finite, and where load would for a damaged file. After an error the model is as it was.
template <class Net, class Backend>
ImportReport import_weights(Model<Net, Backend>& model, const std::string& path, const ImportOptions& options = {}) {
  ImportReport report;
  if constexpr (detail::is_valid<Net>) {
    const safetensors::File file = safetensors::File::read(path);
    try {
      report = detail::import_weights(file, view_of<Net>(), options, model.parameters().data());
    } catch (const Error& e) {
      throw Error(joined({path, ": not loaded: ", e.what()}));
    }
    model.training() = {};
  }
  return report;
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
