// cuBLASLt without a GPU: descriptors and layouts are the library's own, and only the product is computed here, as they
// say. So transposes, leading dimensions, epilogues and their pointers are tested; NVIDIA's kernels are not.
//
// Products go the way of launches: into the stream, or into the graph that it records.
#pragma once

namespace simt {

/// How the library is, while this object lives.
class Cublas {
 public:
  explicit Cublas(bool has_epilogues);
  ~Cublas();
  Cublas(const Cublas&) = delete;
  Cublas& operator=(const Cublas&) = delete;
};

}  // namespace simt
