// cuda/chain.cuh, for tools/check_cuda: it has no kernel of its own.
#include <strata/cuda/backend.cuh>
#include <strata/layers/dropout/dropout.hpp>
#include <strata/layers/relu/relu.hpp>

using namespace strata;

using Group = GroupSpec<Cuda<>, Mode::training, Vector<8>, ReLU, Dropout<20>, ReLU>;
using All = cuda::BeforeReduction<Group>;
static_assert(All::is_positional && !All::has_tensors);
static_assert(std::is_empty_v<cuda::Chain<Group, 0, 1>::Words<4>>);
