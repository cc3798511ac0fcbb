// VGG-16 (Simonyan and Zisserman 2014, configuration D): five blocks of convolutions of 3 x 3, each halved by pooling.
//
// Layers and tensors bear the names that Keras gives them, block1_conv1 to block5_conv3, with strata's numbers behind
// the poolings: block1_max_pool1.
#pragma once

#include <strata/layers/batch_norm/batch_norm.hpp>
#include <strata/layers/conv/conv.hpp>
#include <strata/layers/dense/dense.hpp>
#include <strata/layers/dropout/dropout.hpp>
#include <strata/layers/flatten/flatten.hpp>
#include <strata/layers/max_pool/max_pool.hpp>
#include <strata/layers/relu/relu.hpp>
#include <strata/layers/softmax/softmax.hpp>
#include <strata/plan/network.hpp>
#include <strata/plan/seq.hpp>

namespace strata::zoo {

/// A convolution of VGG: 3 x 3 in a frame of zeros, and ReLU.
template <int Filters>
using VggConv = Conv<Filters, 3, Same, ReLU>;

/// The same with batch normalisation between, whose shift is the bias.
template <int Filters>
using VggConvBatchNorm = Seq<Conv<Filters, 3, Same, NoBias>, BatchNorm<>, ReLU>;

/// The same as torchvision's vgg16_bn has it, which adds another number to the variance.
template <int Filters>
using VggConvBatchNormTorch = Seq<Conv<Filters, 3, Same, NoBias>, BatchNorm<Epsilon<1, 100000>>, ReLU>;

/// The five blocks, of `Layer<Filters>`: `Width` filters in the first convolution, 8 times as many in the last.
/// A height x width x channels image becomes height / 32 x width / 32 x 8 Width, rounded down at each pooling.
template <template <int Filters> class Layer, int Width = 64>
struct Vgg16Blocks : Seq<Named<"block1", Seq<Repeat<2, Layer<Width>>, MaxPool<2>>>,      //
                         Named<"block2", Seq<Repeat<2, Layer<2 * Width>>, MaxPool<2>>>,  //
                         Named<"block3", Seq<Repeat<3, Layer<4 * Width>>, MaxPool<2>>>,  //
                         Named<"block4", Seq<Repeat<3, Layer<8 * Width>>, MaxPool<2>>>,  //
                         Named<"block5", Seq<Repeat<3, Layer<8 * Width>>, MaxPool<2>>>> {};

/// The convolutional base: 14,714,688 parameters behind three channels; 256 x 256 pixels become 8 x 8 x 512.
struct Vgg16Base : Vgg16Blocks<VggConv> {};

/// The base with batch normalisation, as one trains it from nothing. `fold` makes Vgg16Base's weights of its own.
struct Vgg16BaseBatchNorm : Vgg16Blocks<VggConvBatchNorm> {};

/// The whole network for ImageNet's 1,000 classes: `Vgg16<>` takes 224 x 224 pixels as Keras' and Caffe's weights
/// want them, `Vgg16<Torch>` as torchvision's do. 138,357,544 parameters.
struct Vgg16Layers
    : Seq<Vgg16Base, Flatten, Named<"fc", Seq<Dense<4096, ReLU>, Dropout<50>, Dense<4096, ReLU>, Dropout<50>>>,
          Named<"predictions", Dense<1000>>, Softmax<>> {};
template <class Preprocessing = Caffe>
using Vgg16 = Network<Vgg16Layers, Input<224, 224, 3, Preprocessing>>;

}  // namespace strata::zoo
