// Layers that are bound by memory: pooling, batch normalisation, dropout, softmax, by themselves.
#include "register.hpp"

namespace bench {
namespace {

using namespace strata;

/// Forward and backward, counted as the bytes of input and output, read or written once.
template <class In, class... Ops>
void add(const std::string& name, int batch) {
  using Group = GroupSpec<Cpu<>, Mode::training, In, Ops...>;
  const Work work{0, 4.0 * batch * static_cast<double>(Group::input.size() + Group::output.size())};
  add_forward<Mode::training, In, Ops...>(name, batch, work);
  add_backward<In, Ops...>(name, batch, work);
}

}  // namespace

void add_passes() {
  add<Image<26, 26, 64>, MaxPool<2>>("max_pool/26x26x64/b32", 32);
  add<Image<26, 26, 64>, AvgPool<2>>("avg_pool/26x26x64/b32", 32);
  add<Vector<3200>, BatchNorm<>>("batch_norm/3200/b256", 256);
  add<Image<26, 26, 64>, BatchNorm<>>("batch_norm/26x26x64/b32", 32);
  add<Vector<3200>, Dropout<20>>("dropout/3200/b256", 256);
  add<Image<26, 26, 64>, ReLU>("relu/26x26x64/b32", 32);
  add<Image<26, 26, 64>, LeakyReLU<8>>("leaky_relu/26x26x64/b32", 32);
  add<Vector<10>, Softmax<>>("softmax/10/b256", 256);
  add<Vector<1000>, Softmax<>>("softmax/1000/b256", 256);
}

}  // namespace bench
