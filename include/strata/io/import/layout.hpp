// The axes of one framework's tensors in another's order.
//
// A kernel of PyTorch's is [out, c, h, w], and one of strata's [h, w, c, out]. A dense kernel behind an image that
// became a vector is the same with the image's height and width, since PyTorch counts its inputs as c, h, w and strata
// as h, w, c; any other dense kernel has h = w = 1. What a normalisation keeps of such a vector has out = 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <strata/io/import/layers.hpp>
#include <strata/io/safetensors.hpp>

namespace strata::detail {

/// The axes of a tensor in a file: out, channels, height, width.
struct ForeignAxes {
  std::int64_t out = 1, channels = 1, height = 1, width = 1;

  /// Whether the elements lie in another order than in the file.
  bool is_permuted() const { return (height > 1 || width > 1) && channels > 1; }
  bool is_transposed() const { return out > 1 && channels * height * width > 1; }
};

/// How a PyTorch file has the tensor. Others are as they are.
inline ForeignAxes torch_axes(const OwnLayer& layer, const StoredTensor& t) {
  const auto& extents = t.segment->parameter.extents;
  const int rank = t.segment->parameter.rank;
  const bool is_kernel = t.segment->parameter.name == std::string_view("kernel");
  if (is_kernel && rank == 4) return {extents[3], extents[2], extents[0], extents[1]};
  const bool was_image = layer.image.rank == 3 && layer.image.size() == extents[0];
  ForeignAxes axes{1, extents[0], 1, 1};
  if (was_image) axes = {1, layer.image.channels, layer.image.height, layer.image.width};
  if (is_kernel && rank == 2) return {extents[1], axes.channels, axes.height, axes.width};
  if (layer.kind == LayerKind::normalisation && rank == 1) return axes;
  return {1, t.segment->parameter.size(), 1, 1};
}

/// The shape that the tensor has in a file of the framework.
inline std::vector<std::int64_t> foreign_shape(const OwnLayer& layer, const StoredTensor& t, Framework framework) {
  std::vector<std::int64_t> shape = t.shape();
  if (framework != Framework::torch || t.segment->parameter.name != std::string_view("kernel")) return shape;
  const ForeignAxes a = torch_axes(layer, t);
  if (shape.size() == 4) return {a.out, a.channels, a.height, a.width};
  if (shape.size() == 2) return {a.out, a.channels * a.height * a.width};
  return shape;
}

/// Element i of a tensor of floats.
inline float float_at(const safetensors::TensorView& t, std::size_t i) {
  if (t.dtype == safetensors::DType::f32) {
    float value;
    std::memcpy(&value, t.data.data() + 4 * i, 4);
    return value;
  }
  std::uint16_t narrow;
  std::memcpy(&narrow, t.data.data() + 2 * i, 2);
  return t.dtype == safetensors::DType::f16 ? safetensors::detail::float_from_f16(narrow)
                                            : safetensors::detail::float_from_bf16(narrow);
}

/// Copies a tensor of these axes to [height, width, channels, out].
[[gnu::cold]] inline void copy_axes(const safetensors::TensorView& from, const ForeignAxes& a, float* to) {
  constexpr std::int64_t tile = 16;  // outputs, whose lines of the file a cache holds together
  const std::int64_t pixels = a.height * a.width, depth = pixels * a.channels;
  for (std::int64_t first = 0; first < a.out; first += tile) {
    const std::int64_t last = first + tile < a.out ? first + tile : a.out;
    for (std::int64_t c = 0; c < a.channels; ++c)
      for (std::int64_t p = 0; p < pixels; ++p)
        for (std::int64_t o = first; o < last; ++o)
          to[(p * a.channels + c) * a.out + o] = float_at(from, static_cast<std::size_t>(o * depth + c * pixels + p));
  }
}

}  // namespace strata::detail
