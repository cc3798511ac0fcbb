// The reference models as lists of layers, from which libtorch's eager and frozen forms are made.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

/// A layer: what it is and its numbers.
struct Layer {
  enum Kind { convolution, dense, relu, leaky_relu, pool, flatten, dropout, batch_norm } kind;
  int in = 0, out = 0;  ///< channels or units
  int padding = 0;      ///< of a convolution of 3 x 3
};

/// A row of the reference models, without its softmax.
struct TorchNetwork {
  std::vector<Layer> layers;
  int channels = 1, side = 28;  ///< of the input; a vector of 784 where there are no channels
};

inline TorchNetwork vgg16() {
  TorchNetwork net{{}, 3, 256};
  int channels = 3;
  const int blocks[5][2] = {{2, 64}, {2, 128}, {3, 256}, {3, 512}, {3, 512}};
  for (const auto& [count, filters] : blocks) {
    for (int i = 0; i < count; ++i) {
      net.layers.push_back({Layer::convolution, channels, filters, 1});
      net.layers.push_back({Layer::relu});
      channels = filters;
    }
    net.layers.push_back({Layer::pool});
  }
  for (const Layer l : {Layer{Layer::flatten}, {Layer::dense, 32768, 256}, {Layer::relu}, {Layer::dense, 256, 10}})
    net.layers.push_back(l);
  return net;
}

inline TorchNetwork torch_network(const std::string& model) {
  using L = Layer;
  if (model == "R1")
    return {{{L::convolution, 1, 32},
             {L::relu},
             {L::pool},
             {L::flatten},
             {L::dense, 5408, 100},
             {L::relu},
             {L::dense, 100, 10}}};
  if (model == "R2")
    return {{{L::dense, 784, 397}, {L::relu}, {L::dense, 397, 397}, {L::relu}, {L::dense, 397, 10}}, 0};
  if (model == "R5")
    return {{{L::convolution, 1, 64},
             {L::leaky_relu},
             {L::pool},
             {L::dropout},
             {L::convolution, 64, 128},
             {L::leaky_relu},
             {L::pool},
             {L::dropout},
             {L::flatten},
             {L::batch_norm, 3200},
             {L::dense, 3200, 128},
             {L::batch_norm, 128},
             {L::relu},
             {L::dropout},
             {L::batch_norm, 128},
             {L::dense, 128, 10},
             {L::batch_norm, 10}}};
  if (model == "R6")
    return {{{L::convolution, 1, 32},
             {L::relu},
             {L::pool},
             {L::convolution, 32, 64},
             {L::relu},
             {L::pool},
             {L::flatten},
             {L::dense, 1600, 128},
             {L::relu},
             {L::dropout},
             {L::dense, 128, 64},
             {L::relu},
             {L::dropout},
             {L::dense, 64, 10}}};
  if (model == "R13") return vgg16();
  throw std::invalid_argument("there is no model " + model);
}

}  // namespace bench
