// The same beneath check_cuda_group (compiled_once_cuda.cpp).
#pragma once

namespace layer_test {

extern template class GroupMemory<strata::cuda::GroupArgs>;
extern template void check_schedules<CudaRun>(const CudaGroup&, std::initializer_list<int>, bool,
                                              References (*)(const Position&));
extern template void check_traffic<CudaRun>(const CudaGroup&, int, bool, double);

}  // namespace layer_test
