// Networks that several tests share: published systems in full, and small ones built the same way that train in no
// time.
#pragma once

#include <strata/strata.hpp>

namespace reference {

using namespace strata;

/// A simple convolutional net for MNIST.
struct R1Layers : Seq<Conv<32, 3, ReLU>, MaxPool<2>, Flatten, Dense<100, ReLU>, Softmax<10>> {};
using R1 = Network<R1Layers, Input<28, 28, 1>>;

/// A multilayer perceptron.
struct R2Layers : Seq<Dense<397, ReLU>, Dense<397, ReLU>, Softmax<10>> {};
using R2 = Network<R2Layers, Input<784>::with<Centered>>;

/// One convolution and average pooling.
struct R3Layers : Seq<Conv<32, 5, ReLU>, AvgPool<2>, Flatten, Dense<20, ReLU>, Softmax<10>> {};
using R3 = Network<R3Layers, Input<28, 28, 1>>;

/// A tuned net: leaky rectifiers, dropout, batch normalisation around every dense layer.
struct R5Layers : Seq<Conv<64, 3>, LeakyReLU<8>, MaxPool<2>, Dropout<20>,            //
                      Conv<128, 3>, LeakyReLU<8>, MaxPool<2>, Dropout<20>, Flatten,  //
                      BatchNorm<>, Dense<128, Uniform<1, 20>>, BatchNorm<>, ReLU, Dropout<20>, BatchNorm<>,
                      Dense<10, Uniform<1, 20>>, BatchNorm<>, Softmax<>> {};
using R5 = Network<R5Layers, Input<28, 28, 1>>;

/// Two convolutions and three dense layers.
struct R6Layers : Seq<Conv<32, 3, ReLU>, MaxPool<2>, Conv<64, 3, ReLU>, MaxPool<2>, Flatten, Dense<128, ReLU>,
                      Dropout<20>, Dense<64, ReLU>, Dropout<20>, Softmax<10>> {};
using R6 = Network<R6Layers, Input<28, 28, 1>>;

/// Pooling before the rectifier, dropout of whole channels between a convolution and its pooling, log-probabilities.
struct R8Layers : Seq<Conv<10, 5>, MaxPool<2>, ReLU, Conv<20, 5>, ChannelDropout<50>, MaxPool<2>, ReLU, Flatten,
                      Dense<50, ReLU>, Dense<10>, LogSoftmax<>> {};
using R8 = Network<R8Layers, Input<28, 28, 1>>;

/// A linear convolution and two dense layers.
struct R12Layers : Seq<Conv<28, 3>, MaxPool<2>, Flatten, Dense<128, ReLU>, Dropout<20>, Softmax<10>> {};
using R12 = Network<R12Layers, Input<28, 28, 1>>;

/// The convolutional base of VGG-16, and the classifier that R13 puts on it.
template <int Filters>
using VggConv = Conv<Filters, 3, Same, ReLU>;
struct VggBaseLayers
    : Seq<Repeat<2, VggConv<64>>, MaxPool<2>, Repeat<2, VggConv<128>>, MaxPool<2>, Repeat<3, VggConv<256>>, MaxPool<2>,
          Repeat<3, VggConv<512>>, MaxPool<2>, Repeat<3, VggConv<512>>, MaxPool<2>> {};
using VggBase = Network<VggBaseLayers, Input<256, 256, 3, Caffe>>;
struct R13Layers : Seq<VggBaseLayers, Flatten, Dense<256, ReLU>, Softmax<10>> {};
using R13 = Network<R13Layers, Input<256, 256, 3, Caffe>>;

/// R12's way with fewer filters and units.
struct SmallR12Layers : Seq<Conv<6, 3>, MaxPool<3>, Flatten, Dense<23, ReLU>, Dropout<20>, Softmax<10>> {};
using SmallR12 = Network<SmallR12Layers, Input<28, 28, 1>>;

/// R5's way with fewer filters and units.
struct SmallR5Layers : Seq<Conv<5, 3>, LeakyReLU<8>, MaxPool<2>, Dropout<20>,           //
                           Conv<9, 3>, LeakyReLU<8>, MaxPool<2>, Dropout<20>, Flatten,  //
                           BatchNorm<>, Dense<17, Uniform<1, 20>>, BatchNorm<>, ReLU, Dropout<20>, BatchNorm<>,
                           Dense<10, Uniform<1, 20>>, BatchNorm<>, Softmax<>> {};
using SmallR5 = Network<SmallR5Layers, Input<28, 28, 1>>;

}  // namespace reference
