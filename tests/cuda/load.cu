// Every kernel of cuda/load.cuh, for tools/check_cuda.
//
// registers: load_kernel 40
#include <strata/cuda/load.cuh>

using namespace strata;

template <class In, class T>
void load_one(const cuda::Cursor* cursor, const T* data, float* input, std::int64_t* index) {
  cuda::load_batch<In>(nullptr, 32, cursor, data, input, index);
}

void load_all(const cuda::Cursor* cursor, const std::uint8_t* bytes, const float* floats, float* input,
              std::int64_t* index) {
  load_one<Input<28, 28, 1>>(cursor, bytes, input, index);
  load_one<Input<28, 28, 1>>(cursor, floats, input, index);
  load_one<Input<5, 5, 1, Centered>>(cursor, bytes, input, index);
  load_one<Input<224, 224, 3, Torch>>(cursor, bytes, input, index);
  load_one<Input<224, 224, 3, Caffe>>(cursor, bytes, input, index);
  load_one<Input<3>>(cursor, floats, input, index);
}
