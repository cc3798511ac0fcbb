// libtorch: the reference models in PyTorch's C++ interface, in whichever of its modes is fastest: tensors in its own
// order or channels-last; for prediction also frozen and optimised for inference (weights packed by oneDNN).
#include <torch/script.h>
#include <torch/torch.h>

#include "../cell.hpp"
#include "../samples.hpp"
#include "environment.hpp"
#include "torch_networks.hpp"

#include <exception>
#include <functional>
#include <memory>
#include <utility>

namespace bench {
namespace {

namespace F = torch::nn::functional;

/// A network that runs layer by layer.
struct Eager : torch::nn::Module {
  explicit Eager(const TorchNetwork& n) : net(n) {
    for (std::size_t i = 0; i < net.layers.size(); ++i) {
      const Layer& l = net.layers[i];
      const std::string name = "l" + std::to_string(i);
      convolutions.emplace_back(nullptr), dense.emplace_back(nullptr), norms.emplace_back(nullptr);
      if (l.kind == Layer::convolution)
        convolutions[i] =
            register_module(name, torch::nn::Conv2d(torch::nn::Conv2dOptions(l.in, l.out, 3).padding(l.padding)));
      if (l.kind == Layer::dense) dense[i] = register_module(name, torch::nn::Linear(l.in, l.out));
      if (l.kind == Layer::batch_norm)
        norms[i] =
            register_module(name, torch::nn::BatchNorm1d(torch::nn::BatchNorm1dOptions(l.in).eps(1e-3).momentum(.01)));
    }
  }

  torch::Tensor forward(torch::Tensor x) {
    for (std::size_t i = 0; i < net.layers.size(); ++i) switch (net.layers[i].kind) {
        case Layer::convolution:
          x = convolutions[i]->forward(x);
          break;
        case Layer::dense:
          x = dense[i]->forward(x);
          break;
        case Layer::batch_norm:
          x = norms[i]->forward(x);
          break;
        case Layer::relu:
          x = torch::relu_(x);
          break;
        case Layer::leaky_relu:
          x = torch::leaky_relu_(x, .08);
          break;
        case Layer::pool:
          x = torch::max_pool2d(x, 2);
          break;
        case Layer::flatten:
          x = x.flatten(1);
          break;
        case Layer::dropout:
          x = torch::dropout(x, .2, is_training());
          break;
      }
    return x;
  }

  TorchNetwork net;
  std::vector<torch::nn::Conv2d> convolutions;
  std::vector<torch::nn::Linear> dense;
  std::vector<torch::nn::BatchNorm1d> norms;
};

/// The same network as one script, frozen and optimised for inference. It ends in softmax.
torch::jit::Module frozen(Eager& eager) {
  torch::jit::Module module("frozen");
  std::string script = "def forward(self, x):\n";
  for (std::size_t i = 0; i < eager.net.layers.size(); ++i) {
    const Layer& l = eager.net.layers[i];
    const std::string at = std::to_string(i);
    auto keep = [&](const std::string& name, const torch::Tensor& value) {
      module.register_parameter(name + at, value.detach(), false);
      return "self." + name + at;
    };
    script += "  x = ";
    switch (l.kind) {
      case Layer::convolution:
        script += "torch.conv2d(x, " + keep("w", eager.convolutions[i]->weight) + ", " +
                  keep("b", eager.convolutions[i]->bias) + ", [1, 1], [" + std::to_string(l.padding) + ", " +
                  std::to_string(l.padding) + "], [1, 1], 1)";
        break;
      case Layer::dense:
        script += "torch.linear(x, " + keep("w", eager.dense[i]->weight) + ", " + keep("b", eager.dense[i]->bias) + ")";
        break;
      case Layer::batch_norm:
        script += "torch.batch_norm(x, " + keep("w", eager.norms[i]->weight) + ", " + keep("b", eager.norms[i]->bias) +
                  ", " + keep("m", eager.norms[i]->running_mean) + ", " + keep("v", eager.norms[i]->running_var) +
                  ", False, 0.01, 0.001, True)";
        break;
      case Layer::relu:
        script += "torch.relu(x)";
        break;
      case Layer::leaky_relu:
        script += "torch.leaky_relu(x, 0.08)";
        break;
      case Layer::pool:
        script += "torch.max_pool2d(x, [2, 2], [2, 2], [0, 0], [1, 1], False)";
        break;
      case Layer::flatten:
        script += "torch.flatten(x, 1)";
        break;
      case Layer::dropout:
        script += "x";
        break;
    }
    script += "\n";
  }
  module.define(script + "  return torch.softmax(x, 1)\n");
  module.eval();
  torch::jit::Module ready = torch::jit::freeze(module);
  return torch::jit::optimize_for_inference(ready);
}

/// `count` samples as a tensor, in the order that the mode wants.
torch::Tensor inputs(const TorchNetwork& net, const Samples& samples, int first, int count, bool channels_last) {
  const std::vector<float> values = samples.floats();
  const std::int64_t size = net.channels ? net.channels * net.side * net.side : 784;
  const auto from = torch::from_blob(const_cast<float*>(values.data()) + first * size, {count, size});
  if (net.channels == 0) return (from - .5).clone();
  const auto image = from.view({count, net.side, net.side, net.channels}).permute({0, 3, 1, 2});
  return image.contiguous(channels_last ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous).clone();
}

/// A mode of the program: its name and one step in it.
struct Candidate {
  std::string name;
  std::function<void()> step;
};

/// Whole steps on batches of floats that are ready in memory.
Candidate training(const Cell& cell, const Samples& samples, int batches, bool channels_last) {
  const TorchNetwork net = torch_network(cell.model);
  struct State {
    std::shared_ptr<Eager> model;
    std::unique_ptr<torch::optim::Optimizer> optimizer;
    std::vector<std::pair<torch::Tensor, torch::Tensor>> batches;
    std::size_t next = 0;
  };
  const auto state = std::make_shared<State>();
  state->model = std::make_shared<Eager>(net);
  if (channels_last)
    for (torch::Tensor& p : state->model->parameters())
      if (p.dim() == 4) p.set_data(p.contiguous(torch::MemoryFormat::ChannelsLast));
  const double rate = cell.model == "R13" ? 1e-5 : cell.model == "R2" || cell.model == "R6" ? .001 : .01;
  if (cell.model == "R1")
    state->optimizer =
        std::make_unique<torch::optim::SGD>(state->model->parameters(), torch::optim::SGDOptions(rate).momentum(.9));
  else
    state->optimizer =
        std::make_unique<torch::optim::Adam>(state->model->parameters(), torch::optim::AdamOptions(rate).eps(1e-7));
  for (int b = 0; b < batches; ++b) {
    const auto labels = torch::from_blob(const_cast<std::int32_t*>(samples.labels.data()) + b * cell.batch,
                                         {cell.batch}, torch::kInt32);
    state->batches.emplace_back(inputs(net, samples, b * cell.batch, cell.batch, channels_last),
                                labels.to(torch::kInt64));
  }
  return {channels_last ? "channels-last" : "contiguous", [state] {
            auto& [x, y] = state->batches[state->next++ % state->batches.size()];
            state->model->zero_grad(true);  // fresh gradients cost less than clearing and adding
            const auto loss = F::cross_entropy(state->model->forward(x), y);
            loss.backward();
            state->optimizer->step();
            if (!std::isfinite(loss.item<float>())) std::fprintf(stderr, "libtorch: the loss is not finite\n");
          }};
}

/// Predictions of floats that are ready in memory.
Candidate prediction(const Cell& cell, const Samples& samples, int batches, bool channels_last, bool freeze) {
  const TorchNetwork net = torch_network(cell.model);
  const auto model = std::make_shared<Eager>(net);
  model->eval();
  if (channels_last)
    for (torch::Tensor& p : model->parameters())
      if (p.dim() == 4) p.set_data(p.contiguous(torch::MemoryFormat::ChannelsLast));
  const auto x = std::make_shared<std::vector<torch::Tensor>>();
  for (int b = 0; b < batches; ++b) x->push_back(inputs(net, samples, b * cell.batch, cell.batch, channels_last));
  const auto next = std::make_shared<std::size_t>(0);
  const std::string name = std::string(channels_last ? "channels-last" : "contiguous") + (freeze ? ", frozen" : "");
  if (!freeze)
    return {name, [model, x, next] {
              const c10::InferenceMode inference;
              torch::softmax(model->forward((*x)[(*next)++ % x->size()]), 1);
            }};
  const auto script = std::make_shared<torch::jit::Module>(frozen(*model));
  return {name, [script, x, next] {
            const c10::InferenceMode inference;
            script->forward({(*x)[(*next)++ % x->size()]});
          }};
}

/// Measures the fastest of the candidates, which short trials choose.
void measure_best(const Cell& cell, const std::vector<std::function<Candidate()>>& makers) {
  double best = 1e30;
  std::size_t chosen = 0;
  for (std::size_t i = 0; makers.size() > 1 && i < makers.size(); ++i) {
    const Candidate candidate = makers[i]();
    const double time = measure(std::max(.2, cell.seconds / 5), candidate.step).median;
    std::fprintf(stderr, "%s: %.6g us\n", candidate.name.c_str(), time * 1e6);
    if (time < best) best = time, chosen = i;
  }
  const Candidate candidate = makers[chosen]();
  report("libtorch", cell, measure(cell.seconds, candidate.step), candidate.name);
}

/// R1's weights read from a file, one prediction.
void first(const Cell& cell) {
  const auto model = std::make_shared<Eager>(torch_network("R1"));
  torch::load(model, cell.weights);
  model->eval();
  const c10::InferenceMode inference;
  const auto y = torch::softmax(model->forward(inputs(model->net, digits(1), 0, 1, false)), 1);
  report_first("libtorch", y[0][0].item<float>());
}

void run(const Cell& cell) {
  at::set_num_threads(cell.threads);
  torch::manual_seed(1);
  if (cell.work == "save") return torch::save(std::make_shared<Eager>(torch_network("R1")), cell.weights);
  if (cell.work == "first") return first(cell);
  const bool images = torch_network(cell.model).channels > 0, photos = cell.model == "R13";
  const int batches = photos ? 2 : std::max(1, 64 / cell.batch);
  const Samples samples = samples_of(photos, batches * cell.batch);
  std::vector<std::function<Candidate()>> makers;
  for (const bool channels_last : {false, true}) {
    if (channels_last && !images) continue;
    if (cell.work == "train")
      makers.push_back([&, channels_last] { return training(cell, samples, batches, channels_last); });
    if (cell.work == "predict")
      for (const bool freeze : {false, true})
        makers.push_back(
            [&, channels_last, freeze] { return prediction(cell, samples, batches, channels_last, freeze); });
  }
  if (makers.empty()) throw std::invalid_argument("libtorch has no work " + cell.work);
  measure_best(cell, makers);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::be_at_your_best(argv);
  const bench::Cell cell = bench::parse(argc, argv);
  try {
    bench::run(cell);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "libtorch: %s\n", error.what());
    return 1;
  }
}
