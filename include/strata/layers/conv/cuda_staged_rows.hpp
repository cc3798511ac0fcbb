// Rows of one image in shared memory, for kernels that go over a first convolution's windows.
//
// The patches of neighbouring windows overlap and begin at any float. So a block fetches the rows that its windows look
// at once, in order and in packets, and reads the patches from there. Zeros around the image lie there as well.
#pragma once

#include <strata/cuda/byte_batch.hpp>
#include <strata/cuda/primitives.hpp>
#include <strata/layers/conv/cuda_patches.hpp>

#include <algorithm>
#include <cstdint>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// A row of the image, zeros included, of which windows W of the pooling over the convolution C see patches.
template <class C, class W>
struct StagedRow {
  static constexpr int patch_height = (W::height - 1) * C::stride + C::kernel_height;
  static constexpr int patch_width = (W::width - 1) * C::stride + C::kernel_width;  ///< pixels
  static constexpr int step = W::stride * C::stride;                                ///< pixels from window to window

  static constexpr int left = C::left * C::channels, image = C::width * C::channels;  ///< floats
  static constexpr int floats = std::max((W::columns - 1) * step + patch_width, C::left + C::width) * C::channels;
  static constexpr int packet = copy_width<floats, image, left>;
  static constexpr int packets = floats / packet;

  /// Lanes that fetch a row: as many as write to all banks at once, or a multiple. So no access reaches from row to
  /// row.
  static constexpr int lanes = static_cast<int>(strata::detail::round_up(packets, 32 / packet));

  /// Floats from row to row. A warp's windows stand in one row and go on in the next one: there they shall meet the
  /// banks behind those of the row's last window, and as soon as possible.
  static constexpr int pitch = [] {
    int best = 0, least = 32;
    const int first = static_cast<int>(strata::detail::round_up(floats, packet));
    for (int p = first; p < first + 32; p += packet) {
      const int skipped = ((p - W::columns * C::channels) * step % 32 + 32) % 32;
      if (skipped < least) best = p, least = skipped;
    }
    return best;
  }();
};

/// The rows that any `Windows` windows of an image look at, one behind the other.
template <class C, class W, int Windows>
class StagedRows {
 public:
  using Row = StagedRow<C, W>;
  static constexpr int window_rows = std::min(W::rows, (Windows + W::columns - 2) / W::columns + 1);
  static constexpr int rows = (window_rows - 1) * Row::step + Row::patch_height;
  static constexpr int floats = rows * Row::pitch;  ///< of shared memory

  STRATA_DEVICE explicit StagedRows(float* memory) : memory_(memory), first_(0) {}

  /// Fetches what windows [begin, end) of a sample look at, by a block of Threads threads, from bytes where there are
  /// some, else from floats. To be followed by a barrier.
  template <unsigned Threads>
  STRATA_DEVICE void fetch(const float* images, const ByteBatch& bytes, unsigned sample, int begin, int end) {
    if (bytes.data != nullptr) {
      const std::uint8_t* const from = bytes.data + bytes.cursor->item(sample) * (C::height * Row::image);
      fetch<Threads>(begin, end, [&](int i) { return bytes.template values<C::channels, Row::packet>(from, i); });
    } else {
      const float* const from = images + sample * C::in_stride;
      fetch<Threads>(begin, end, [&](int i) { return load<Row::packet>(from + i); });
    }
  }

  /// Where the patch of the window in (row, column) begins.
  STRATA_DEVICE const float* patch(int row, int column) const {
    return memory_ + ((row - first_) * Row::step * Row::pitch + column * Row::step * C::channels);
  }

 private:
  /// `read` gives the packet of the image that begins at an element.
  template <unsigned Threads, class Read>
  STRATA_DEVICE void fetch(int begin, int end, const Read& read) {
    first_ = begin / W::columns;
    const int top = first_ * Row::step - C::top;
    const int fetched = ((end - 1) / W::columns - first_) * Row::step + Row::patch_height;
    for (int i = static_cast<int>(thread_index().x); i < fetched * Row::lanes; i += static_cast<int>(Threads)) {
      const int row = i / Row::lanes, at = i % Row::lanes * Row::packet;
      if (at >= Row::floats) continue;
      const int y = top + row, x = at - Row::left;
      Packet<float, Row::packet> values{};
      if (static_cast<unsigned>(y) < C::height && static_cast<unsigned>(x) < Row::image)
        values = read(y * Row::image + x);
      store(memory_ + (row * Row::pitch + at), values);
    }
  }

  float* memory_;
  int first_;  ///< row of windows
};

/// Floats of shared memory that staged rows may take: what every GPU gives a block unasked.
inline constexpr int most_staged = 48 * 1024 / 4;

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
