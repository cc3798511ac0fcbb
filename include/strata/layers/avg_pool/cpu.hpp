// AvgPool on the CPU. The mean is over the pixels of a window that lie inside the image.
#pragma once

#include <strata/cpu/pooling.hpp>
#include <strata/layers/avg_pool/avg_pool.hpp>

namespace strata::cpu {
inline namespace STRATA_ISA {

/// The kernels of a layer L whose windows fold to averages.
template <class L>
struct average_kernel {
  template <Shape In>
  static constexpr std::int64_t kept_bytes() {
    return 0;
  }

  template <bool Training>
  class Fold {
   public:
    template <int N>
    STRATA_INLINE void begin(const V (&x)[N], int at) {
      sum_ = V{};
      add(x, at);
    }
    template <int N>
    STRATA_INLINE void add(const V (&x)[N], int) {
      strata::detail::unroll<N>([&](auto i) STRATA_INLINE { sum_ += x[i]; });
    }
    STRATA_INLINE V result(int members) const { return sum_ * (1.0f / static_cast<float>(members)); }
    template <int Lanes>
    STRATA_INLINE void keep(std::byte*, int) const {}

   private:
    V sum_;
  };

  /// The gradient of a window goes to all its pixels in equal shares.
  class Spread {
   public:
    template <int Lanes>
    STRATA_INLINE Spread(const std::byte*, int, V dy, std::integral_constant<int, Lanes>, int members)
        : share_(dy * (1.0f / static_cast<float>(members))) {}
    STRATA_INLINE V at(int) const { return share_; }

   private:
    V share_;
  };

  /// dx of one sample, where gradient(index, count) gives dy of the outputs that begin at index.
  template <Shape In, class Gradient>
  static void backward(const std::byte*, float* dx, Gradient gradient) {
    std::memset(dx, 0, sizeof(float) * static_cast<std::size_t>(In.size()));
    constexpr int height = L::window(In).kernel.height, width = L::window(In).kernel.width;
    for_windows<L, In>(0, L::output(In).shape.height, [&](int from, int top, int left) STRATA_INLINE {
      const int i0 = std::max(0, top), i1 = std::min(In.height, top + height);
      const int j0 = std::max(0, left), j1 = std::min(In.width, left + width);
      const float scale = 1.0f / static_cast<float>((i1 - i0) * (j1 - j0));
      for_vectors<In.channels>([&](int c, auto count) STRATA_INLINE {
        const V share = gradient(from + c, count) * scale;
        for (int i = i0; i < i1; ++i)
          for (int j = j0; j < j1; ++j) {
            float* to = dx + (i * In.width + j) * In.channels + c;
            store<count>(to, load<count>(to) + share);
          }
      });
    });
  }
};

template <auto P, class... Options>
struct kernel<AvgPool<P, Options...>> : average_kernel<AvgPool<P, Options...>> {};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
