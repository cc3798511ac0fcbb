// R13: VGG-16 on 256 x 256 photos, trained by Adam, forward as a whole and its convolutions one by one.
#include "work.hpp"

#include <string>

namespace bench {
namespace {

/// One convolution with its bias and ReLU, `count` of which the network has.
template <int Side, int Channels, int Filters, class Backend>
void layer_by(const Cell& cell, int count, const char* mode) {
  struct Layers : strata::Seq<strata::Conv<Filters, 3, strata::Same, strata::ReLU>> {};
  using Net = strata::Network<Layers, strata::Input<Side, Side, Channels>>;
  const strata::Model<Net, Backend> model{strata::seed(1), strata::threads(1)};
  strata::Predictor<Net, Backend> predictor{model, strata::threads(cell.threads)};
  auto& executor = predictor.runner().prediction(predictor.weights(), cell.batch);
  float* input = executor.input(cell.batch);
  for (std::int64_t i = 0; i < cell.batch * executor.input_stride; ++i) input[i] = static_cast<float>(i % 17) / 17;
  const Times times =
      measure(cell.seconds, [&] { executor.forward(predictor.parameters().data(), cell.batch, {}, 0); });
  report("strata", cell, times, mode,
         std::to_string(Side) + "x" + std::to_string(Side) + "x" + std::to_string(Channels) + "-" +
             std::to_string(Filters),
         count);
}

/// Directly, and as a Predictor chooses by itself.
template <int Side, int Channels, int Filters>
void layer(const Cell& cell, int count) {
  layer_by<Side, Channels, Filters, strata::Cpu<strata::Convolution::direct>>(cell, count, "direct");
  layer_by<Side, Channels, Filters, strata::Cpu<>>(cell, count, "automatic");
}

}  // namespace

bool run_r13(const Cell& cell) {
  if (cell.work == "train") {
    report("strata", cell, train<reference::R13>(cell, strata::Adam{.learning_rate = 1e-5}));
    return true;
  }
  if (cell.work == "predict") {
    strata::Model<reference::R13> model{strata::seed(1), strata::threads(1)};
    for (const char* layer : {"conv_1", "conv_5", "conv_13", "dense_1"}) {  // see `trained`
      const std::span<float> bias = model.tensor(std::string(layer) + "/bias");
      for (std::size_t i = 0; i < bias.size(); ++i) bias[i] = i % 2 == 0 ? .05f : -.05f;
    }
    report("strata", cell, predict(cell, model));
    return true;
  }
  if (cell.work != "layers") return false;
  layer<256, 3, 64>(cell, 1);
  layer<256, 64, 64>(cell, 1);
  layer<128, 64, 128>(cell, 1);
  layer<128, 128, 128>(cell, 1);
  layer<64, 128, 256>(cell, 1);
  layer<64, 256, 256>(cell, 2);
  layer<32, 256, 512>(cell, 1);
  layer<32, 512, 512>(cell, 2);
  layer<16, 512, 512>(cell, 3);
  return true;
}

}  // namespace bench
