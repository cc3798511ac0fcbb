// cuda/passes.cuh, for tools/check_cuda: it has no kernel of its own.
#include <strata/cuda/backend.cuh>
#include <strata/layers.hpp>
#include <strata/layers/max_pool/cuda.cuh>

using namespace strata;

// Nothing where there is no pooling; scratch and the winners where there is one.
template <class... Ops>
using Group = GroupSpec<Cuda<>, Mode::training, Image<8, 8, 4>, Ops...>;
static_assert(cuda::requirements<Group<ReLU>>().kept_per_sample == 0);
static_assert(cuda::requirements<Group<ReLU, MaxPool<2>>>().kept_per_sample == 64);
static_assert(cuda::requirements<Group<ReLU, MaxPool<2>>>().forward_per_sample == 0);
static_assert(cuda::requirements<Group<Dropout<20>, MaxPool<2>>>().forward_per_sample == 1024);
