// Stands in for simt/cublas: the library itself, with the epilogues that it has.
#pragma once

namespace simt {

class Cublas {
 public:
  explicit Cublas(bool) {}
  ~Cublas() {}
  Cublas(const Cublas&) = delete;
  Cublas& operator=(const Cublas&) = delete;
};

}  // namespace simt
