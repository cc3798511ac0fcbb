// VGG-16's convolutional base on photos of 256 x 256, and its distinct convolutions one by one.
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

}  // namespace

int main(int count, char** words) {
  const std::vector<bench::Cell> cells{
      bench::predict<reference::VggBase, strata::Tf32>("VGG16", 1, 10),
      bench::predict<reference::VggBase, strata::Tf32>("VGG16", 16, 10),
      convolution<256, 3, 64>(),
      convolution<256, 64, 64>(),
      convolution<128, 128, 128>(),
      convolution<64, 256, 256>(),
      convolution<32, 512, 512>(),
      convolution<16, 512, 512>(),
  };
  return bench::answer(count, words, cells);
}
