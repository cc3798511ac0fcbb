// Every kernel of cuda/augment.cuh, for tools/check_cuda.
//
// registers: augment_kernel 64
#include <strata/cuda/augment.cuh>

using namespace strata;

template <class In, class T>
void load(const cuda::Cursor* cursor, const T* data, const Augmentation& augmentation, float* input,
          std::int64_t* index) {
  cuda::augment_batch<In>(nullptr, 32, cursor, data, augmentation, philox::Key(3), input, index);
}
template void load<Input<28, 28, 1>>(const cuda::Cursor*, const std::uint8_t*, const Augmentation&, float*,
                                     std::int64_t*);
template void load<Input<28, 28, 1>>(const cuda::Cursor*, const float*, const Augmentation&, float*, std::int64_t*);
template void load<Input<32, 32, 3, Caffe>>(const cuda::Cursor*, const std::uint8_t*, const Augmentation&, float*,
                                            std::int64_t*);
