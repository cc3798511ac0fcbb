// oneDNN: the convolutions of VGG-16 one by one, direct and by Winograd, each in the memory formats that it chooses.
#include <dnnl.hpp>

#include "../cell.hpp"
#include "environment.hpp"

#include <omp.h>

#include <exception>
#include <unordered_map>

namespace bench {
namespace {

struct Convolution {
  int side, channels, filters, count;
};

/// Times one convolution with bias and ReLU. False where oneDNN has no such algorithm for it.
bool layer(const Cell& cell, const Convolution& c, dnnl::algorithm algorithm, const char* mode) {
  using dnnl::memory;
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  const auto any = memory::format_tag::any;
  const auto f32 = memory::data_type::f32;
  const dnnl::convolution_forward::desc desc(
      dnnl::prop_kind::forward_inference, algorithm, {{cell.batch, c.channels, c.side, c.side}, f32, any},
      {{c.filters, c.channels, 3, 3}, f32, any}, {{c.filters}, f32, memory::format_tag::x},
      {{cell.batch, c.filters, c.side, c.side}, f32, any}, {1, 1}, {1, 1}, {1, 1});
  dnnl::post_ops relu;
  relu.append_eltwise(1, dnnl::algorithm::eltwise_relu, 0, 0);
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(relu);
  dnnl::convolution_forward::primitive_desc primitive;
  try {
    primitive = dnnl::convolution_forward::primitive_desc(desc, attributes, engine);
  } catch (const dnnl::error&) {
    return false;
  }
  std::unordered_map<int, memory> arguments;
  const std::pair<int, memory::desc> operands[] = {{DNNL_ARG_SRC, primitive.src_desc()},
                                                   {DNNL_ARG_WEIGHTS, primitive.weights_desc()},
                                                   {DNNL_ARG_BIAS, primitive.bias_desc()},
                                                   {DNNL_ARG_DST, primitive.dst_desc()}};
  for (const auto& [name, format] : operands) {
    memory operand(format, engine);
    auto* values = static_cast<float*>(operand.get_data_handle());
    for (std::size_t i = 0; i < format.get_size() / sizeof(float); ++i) values[i] = static_cast<float>(i % 17) / 170;
    arguments.emplace(name, operand);
  }
  const dnnl::convolution_forward convolution(primitive);
  const Times times = measure(cell.seconds, [&] {
    convolution.execute(stream, arguments);
    stream.wait();
  });
  const std::string shape = std::to_string(c.side) + "x" + std::to_string(c.side) + "x" + std::to_string(c.channels) +
                            "-" + std::to_string(c.filters);
  report("onednn", cell, times, std::string(mode) + ", " + primitive.impl_info_str(), shape, c.count);
  return true;
}

void run(const Cell& cell) {
  if (cell.model != "R13" || cell.work != "layers")
    throw std::invalid_argument("oneDNN has no cell but --model R13 --work layers");
  omp_set_num_threads(cell.threads);
  for (const Convolution& c : {Convolution{256, 3, 64, 1},
                               {256, 64, 64, 1},
                               {128, 64, 128, 1},
                               {128, 128, 128, 1},
                               {64, 128, 256, 1},
                               {64, 256, 256, 2},
                               {32, 256, 512, 1},
                               {32, 512, 512, 2},
                               {16, 512, 512, 3}}) {
    layer(cell, c, dnnl::algorithm::convolution_direct, "direct");
    layer(cell, c, dnnl::algorithm::convolution_winograd, "winograd");
  }
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::be_at_your_best(argv);
  const bench::Cell cell = bench::parse(argc, argv);
  try {
    bench::run(cell);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "onednn: %s\n", error.what());
    return 1;
  }
}
