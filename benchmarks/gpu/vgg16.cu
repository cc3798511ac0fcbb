// VGG-16's convolutional base on photos of 256 x 256, its distinct convolutions one by one, and a head's training.
#include <reference_models.hpp>

#include "networks.cuh"

namespace {

template <int Filters>
struct Alone : strata::Seq<reference::VggConv<Filters>> {};

/// A convolution of `Size` x `Size` pixels and `Channels` channels: "conv 256 3 64".
template <int Size, int Channels, int Filters>
bench::Cell convolution() {
  using Net = strata::Network<Alone<Filters>, strata::Input<Size, Size, Channels>>;
  const std::string name =
      "conv " + std::to_string(Size) + " " + std::to_string(Channels) + " " + std::to_string(Filters);
  return bench::predict<Net, strata::Tf32>(name, 16, 10);
}

/// R13: what a step of training costs where the features of the frozen base are not kept.
struct FrozenBase : strata::Seq<strata::Frozen<reference::VggBaseLayers>, strata::Flatten,
                                strata::Dense<256, strata::ReLU>, strata::Softmax<10>> {};
using R13 = strata::Network<FrozenBase, strata::Input<256, 256, 3, strata::Caffe>>;

}  // namespace

int main(int count, char** words) {
  const std::vector<bench::Cell> cells{
      bench::predict<reference::VggBase, strata::Tf32>("VGG16", 1, 10),
      bench::predict<reference::VggBase, strata::Tf32>("VGG16", 16, 10),
      bench::train<R13, strata::Tf32>("R13", 16, strata::Adam{}, 16),
      convolution<256, 3, 64>(),
      convolution<256, 64, 64>(),
      convolution<128, 128, 128>(),
      convolution<64, 256, 256>(),
      convolution<32, 512, 512>(),
      convolution<16, 512, 512>(),
  };
  return bench::answer(count, words, cells);
}
