// Every kernel of train/cuda_trainer.cuh, for tools/check_cuda.
//
// registers: probe_kernel 16
// registers: load_kernel 40
// registers: elementwise_forward_kernel 40
// registers: cross_entropy_kernel 40
// registers: confusion_kernel 40
// registers: optimize_kernel 64
// registers: advance_kernel 64
// registers: augment_kernel 64
// registers: squares_kernel 32
// registers: clip_kernel 32
// registers: accumulate_kernel 32
#include <strata/train/cuda_trainer.cuh>
#include <strata/train/fit.hpp>
#include <strata/train/optimizer/adam.hpp>

#include <layers/all_cuda.hpp>

using namespace strata;

struct Layers : Seq<ReLU, Softmax<>> {};
using Net = Network<Layers, Input<10>>;

History use(Model<Net, Cuda<>>& model, const Dataset& data) {
  return fit(model, data, Adam{}, {.epochs = 2, .validation = data});
}
