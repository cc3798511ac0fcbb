// The small network of digits that drops whole channels: `channel_dropout_cnn` trains it, `greek` goes on from it.
#pragma once

#include <strata/strata.hpp>

namespace example {

struct Channels : strata::Seq<strata::Conv<10, 5, strata::TorchUniform>, strata::MaxPool<2>, strata::ReLU,  //
                              strata::Conv<20, 5, strata::TorchUniform>, strata::ChannelDropout<50>,        //
                              strata::MaxPool<2>, strata::ReLU, strata::Flatten,                            //
                              strata::Dense<50, strata::ReLU, strata::TorchUniform>,                        //
                              strata::Dense<10, strata::TorchUniform>, strata::LogSoftmax<>> {};
using ChannelsNet = strata::Network<Channels, strata::Input<28, 28, 1>>;

/// How it learns as it was published: this rule, for so many epochs of batches of so many images.
inline constexpr double channels_learning_rate = 0.01;
inline constexpr double channels_momentum = 0.5;
inline constexpr int channels_epochs = 10, channels_batch = 64;

}  // namespace example
