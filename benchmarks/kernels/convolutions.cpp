// Convolutions of the reference models: forward, both gradients, and fused with ReLU and pooling.
#include "register.hpp"

namespace bench {
namespace {

using namespace strata;

/// Multiply-adds of one pass, twice; border taps that Same skips are counted, at most 8 % of a 16 x 16 image.
template <class Layer, class In>
double flops(int batch) {
  const Shape out = Layer::output(In::shape).shape;
  const std::int64_t kernel = Layer::parameters(In::shape)[0].size() / out.channels;
  return 2.0 * batch * static_cast<double>(out.size()) * static_cast<double>(kernel);
}

template <class In, class Layer>
void add(const std::string& name, int batch, bool input_gradient = true) {
  const Work work{flops<Layer, In>(batch), 0};
  add_forward<Mode::training, In, Layer>(name, batch, work);
  add_gradients<In, Layer>(name, batch, work, input_gradient);
}

/// With ReLU and pooling, whose operations are not counted: what is compared is the time.
template <class In, class Layer>
void add_pooled(const std::string& name, int batch) {
  const Work work{flops<Layer, In>(batch), 0};
  add_forward<Mode::inference, In, Layer, ReLU>(name + "+relu", batch, work);
  add_forward<Mode::inference, In, Layer, ReLU, MaxPool<2>>(name + "+relu+pool,predicting", batch, work);
  add_forward<Mode::training, In, Layer, ReLU, MaxPool<2>>(name + "+relu+pool,training", batch, work);
}

}  // namespace

void add_convolutions() {
  add<Image<28, 28, 1>, Conv<32, 3>>("conv/a:28x28x1-32/b32", 32, false);
  add_pooled<Image<28, 28, 1>, Conv<32, 3>>("conv/a:28x28x1-32/b32", 32);
  add<Image<13, 13, 32>, Conv<64, 3>>("conv/b:13x13x32-64/b128", 128);
  add_pooled<Image<13, 13, 32>, Conv<64, 3>>("conv/b:13x13x32-64/b128", 128);
  add<Image<13, 13, 64>, Conv<128, 3>>("conv/c:13x13x64-128/b256", 256);
  add<Image<256, 256, 64>, Conv<64, 3, Same>>("conv/d1:256x256x64-64,same/b1", 1);
  add<Image<64, 64, 256>, Conv<256, 3, Same>>("conv/d2:64x64x256-256,same/b1", 1);
  add<Image<16, 16, 512>, Conv<512, 3, Same>>("conv/d3:16x16x512-512,same/b1", 1);
  add<Image<56, 56, 64>, Conv<256, 1>>("conv/e:56x56x64-256,1x1/b1", 1);
  add<Image<28, 28, 1>, Conv<10, 5>>("conv/f:28x28x1-10,5x5/b32", 32, false);
}

}  // namespace bench
