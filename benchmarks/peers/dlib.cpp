// dlib: the reference models in dlib's own network types, on tensors that are ready in memory.
#include "dlib_networks.hpp"

#include "../cell.hpp"
#include "../samples.hpp"
#include "environment.hpp"

#include <exception>

extern "C" void openblas_set_num_threads(int);

namespace bench {
namespace {

#if defined(STRATA_BENCH_DLIB_NATIVE)
constexpr const char* build = "built for this processor";
#else
constexpr const char* build = "as packaged";
#endif

/// Sample `n` as what dlib's input layers take.
void set_image(matrix<float>& to, const Samples& samples, const std::vector<float>& values, std::size_t n,
               std::size_t channel = 0) {
  to.set_size(samples.height, samples.width);
  const auto pixels = static_cast<std::size_t>(to.size()), channels = static_cast<std::size_t>(samples.channels);
  for (std::size_t p = 0; p < pixels; ++p) *(to.begin() + p) = values[(n * pixels + p) * channels + channel];
}
void set_image(std::array<matrix<float>, 3>& to, const Samples& samples, const std::vector<float>& values,
               std::size_t n) {
  for (std::size_t c = 0; c < 3; ++c) set_image(to[c], samples, values, n, c);
}

/// The samples in batches of tensors, made by the net's own input layer.
template <class Net>
std::vector<resizable_tensor> tensors(Net& net, const Cell& cell, const Samples& samples, int batches) {
  const std::vector<float> values = samples.floats();
  std::vector<typename Net::input_type> images(static_cast<std::size_t>(cell.batch));
  std::vector<resizable_tensor> x(static_cast<std::size_t>(batches));
  std::size_t n = 0;
  for (resizable_tensor& batch : x) {
    for (auto& image : images) set_image(image, samples, values, n++);
    net.to_tensor(images.begin(), images.end(), batch);
  }
  return x;
}

/// The numbers that are not part of dlib's types.
template <class Net>
void set_rates(Net& net) {
  visit_computational_layers(net, [](leaky_relu_& l) { l = leaky_relu_(.08f); });
  visit_computational_layers(net, [](dropout_& l) { l = dropout_(.2f); });
}

template <class Net>
Times train(const Cell& cell, const Samples& samples, int batches) {
  Net net;
  set_rates(net);
  const std::vector<resizable_tensor> x = tensors(net, cell, samples, batches);
  std::vector<std::vector<unsigned long>> y;
  for (int b = 0; b < batches; ++b) {
    const auto from = samples.labels.begin() + b * cell.batch;
    y.emplace_back(from, from + cell.batch);
  }
  std::size_t next = 0;
  auto steps = [&](auto solver, double rate) {
    std::vector<decltype(solver)> solvers(Net::num_computational_layers, solver);
    const auto stack = make_sstack(solvers);
    return measure(cell.seconds, [&] {
      const std::size_t b = next++ % x.size();
      net.compute_parameter_gradients(x[b], y[b].begin());
      net.update_parameters(stack, rate);
    });
  };
  return cell.model == "R1" ? steps(sgd(0, .9f), .01) : steps(adam(0, .9f, .999f), cell.model == "R5" ? .01 : .001);
}

template <class Net>
Times predict(const Cell& cell, const Samples& samples, int batches) {
  softmax<typename Net::subnet_type> net;
  set_rates(net);
  const std::vector<resizable_tensor> x = tensors(net, cell, samples, batches);
  // affine layers are made of trained ones; made alone they pass values on, which takes the same time
  std::size_t next = 0;
  float sum = 0;
  const Times times = measure(cell.seconds, [&] { sum += net.forward(x[next++ % x.size()]).host()[0]; });
  if (!(sum >= 0)) std::fprintf(stderr, "dlib: predictions are no probabilities\n");
  return times;
}

template <template <class> class Net>
void run(const Cell& cell) {
  const bool photos = cell.model == "R13";
  const int batches = photos ? 2 : std::max(1, 64 / cell.batch);
  const Samples samples = samples_of(photos, batches * cell.batch);
  if (cell.work == "train" && !photos) {
    if constexpr (!std::is_same_v<Net<Training>, R13<Training>>)
      report("dlib", cell, train<Net<Training>>(cell, samples, batches), build);
  } else if (cell.work == "predict") {
    report("dlib", cell, predict<Net<Prediction>>(cell, samples, batches), build);
  } else {
    throw std::invalid_argument("dlib has no work " + cell.work + " on " + cell.model);
  }
}

/// Writes R1's weights, or reads them and predicts once.
void first(const Cell& cell) {
  softmax<R1<Prediction>::subnet_type> net;
  Cell one = cell;
  one.batch = 1;
  if (cell.work == "first") deserialize(cell.weights) >> net;
  const float probability = net.forward(tensors(net, one, digits(1), 1)[0]).host()[0];
  if (cell.work == "first")
    report_first("dlib", probability);
  else
    serialize(cell.weights) << net;
}

void run(const Cell& cell) {
  openblas_set_num_threads(cell.threads);
  if (cell.work == "first" || cell.work == "save") return first(cell);
  if (cell.model == "R1") return run<R1>(cell);
  if (cell.model == "R2") return run<R2>(cell);
  if (cell.model == "R5") return run<R5>(cell);
  if (cell.model == "R6") return run<R6>(cell);
  if (cell.model == "R13") return run<R13>(cell);
  throw std::invalid_argument("there is no model " + cell.model);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::be_at_your_best(argv);
  const bench::Cell cell = bench::parse(argc, argv);
  try {
    bench::run(cell);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dlib: %s\n", error.what());
    return 1;
  }
}
