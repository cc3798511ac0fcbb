// Every kernel of model/cuda_runner.cuh, for tools/check_cuda.
//
// registers: probe_kernel 16
// registers: load_kernel 40
// registers: softmax_forward_kernel 40
// registers: cross_entropy_kernel 40
// registers: confusion_kernel 40
// registers: advance_kernel 40
#include <strata/model/cuda_runner.cuh>
#include <strata/model/evaluate.hpp>
#include <strata/model/predictor.hpp>

#include <layers/all_cuda.hpp>

using namespace strata;

struct Layers : Seq<Softmax<>> {};
using Net = Network<Layers, Input<10>>;

Evaluation use(Model<Net, Cuda<>>& model, const Dataset& data) {
  Predictor<Net, Cuda<>> predictor{model};
  predict(predictor, data);
  predict(model, data);
  return evaluate(model, data);
}
