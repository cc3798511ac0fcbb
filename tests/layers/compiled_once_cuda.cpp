// Compiles what compiled_once_cuda.hpp promises.
#include <layers/cuda_run.hpp>

namespace layer_test {

template class GroupMemory<strata::cuda::GroupArgs>;
template void check_schedules<CudaRun>(const CudaGroup&, std::initializer_list<int>, bool,
                                       References (*)(const Position&));
template void check_traffic<CudaRun>(const CudaGroup&, int, bool, double);

}  // namespace layer_test
