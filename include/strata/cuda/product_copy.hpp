// How a block fetches the tiles of a factor from global memory, and the simplest factor: a matrix.
//
// A factor is a type: what lies side by side, how many floats one copy takes, and where a float lies:
//
//     struct Factor {
//       static constexpr Along along;                 // the copies of a warp go along it
//       static constexpr int width;                   // 1, 2 or 4 floats of it: aligned, and all inside or all outside
//       struct Line;  Line line(int part, int i) const;     // what is known of a line, whatever the depth
//       struct Depth; Depth depth(int part, int k) const;   // what is known of a depth, whatever the line
//       const float* at(const Line&, const Depth&) const;   // null outside: a zero
//     };
//
// A thread copies the same packets of a tile each time. So what divisions tell of its lines stays in registers, and the
// loop pays for one depth a tile (Along::depth) or for one a packet (Along::lines).
#pragma once

#include <strata/cuda/product_tile.hpp>

#include <cstdint>
#include <numeric>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The floats of one copy where every packet begins at a multiple of each of these.
template <int... Multiples>
inline constexpr int copy_width = [] {
  int width = 4;
  ((width = std::gcd(width, Multiples)), ...);
  return width;
}();

/// A matrix in memory, Pitch floats from one row of memory to the next, Length of them side by side: along the depths
/// or along the lines. `count` is how many rows of memory there are.
template <Along A, int Pitch, int Length>
struct MatrixFactor {
  static constexpr Along along = A;
  static constexpr int width = copy_width<Pitch, Length>;

  /// Floats from the first one, -1 outside.
  using Line = std::int64_t;
  using Depth = std::int64_t;

  const float* values;
  int count;

  STRATA_DEVICE Line line(int /*part*/, int i) const { return A == Along::depth ? row(i) : within(i); }
  STRATA_DEVICE Depth depth(int /*part*/, int k) const { return A == Along::depth ? within(k) : row(k); }
  STRATA_DEVICE const float* at(Line line, Depth depth) const {
    return line >= 0 && depth >= 0 ? values + (line + depth) : nullptr;
  }

 private:
  STRATA_DEVICE std::int64_t within(int i) const { return i < Length ? i : -1; }
  STRATA_DEVICE std::int64_t row(int i) const { return i < count ? std::int64_t{i} * Pitch : -1; }
};

/// One thread's share of the tiles of a factor: every tile has Lines lines at Depth depths.
template <class Factor, int Lines, int Depth, unsigned Threads>
class FactorCopies {
  static constexpr bool along_depth = Factor::along == Along::depth;
  static constexpr int width = Factor::width;
  static constexpr unsigned beside = (along_depth ? Depth : Lines) / width;  // packets side by side
  static constexpr unsigned rows = along_depth ? Lines : Depth;              // of memory
  static constexpr unsigned rows_together = Threads / beside;
  static constexpr unsigned copies = (rows + rows_together - 1) / rows_together;
  static_assert(Threads % beside == 0 && Lines % width == 0 && Depth % width == 0);

 public:
  using Tile = ProductTile<Factor::along, Lines, Depth>;

  /// For the lines from `first_line` on.
  STRATA_DEVICE FactorCopies(const Factor& factor, int part, int first_line, unsigned thread)
      : factor_(factor), part_(part), packet_(thread % beside * width), row_(thread / beside) {
    STRATA_UNROLL
    for (unsigned i = 0; i < lines; ++i)
      lines_[i] = factor.line(part, first_line + static_cast<int>(along_depth ? row_ + i * rows_together : packet_));
  }

  /// Starts the copies of the tile whose first depth is `first_depth`.
  STRATA_DEVICE void start(float* tile, int first_depth) const {
    if constexpr (along_depth) {
      const auto depth = factor_.depth(part_, first_depth + static_cast<int>(packet_));
      STRATA_UNROLL
      for (unsigned i = 0; i < copies; ++i)
        if (const unsigned row = row_ + i * rows_together; is_whole || row < rows)
          copy(tile + Tile::at(row, packet_), factor_.at(lines_[i], depth));
    } else {
      STRATA_UNROLL
      for (unsigned i = 0; i < copies; ++i)
        if (const unsigned row = row_ + i * rows_together; is_whole || row < rows)
          copy(tile + Tile::at(packet_, row),
               factor_.at(lines_[0], factor_.depth(part_, first_depth + static_cast<int>(row))));
    }
  }

 private:
  static constexpr bool is_whole = rows % rows_together == 0;
  static constexpr unsigned lines = along_depth ? copies : 1;

  static STRATA_DEVICE void copy(float* to, const float* from) {
    copy_async<width * 4>(to, from, from != nullptr ? width * 4 : 0);
  }

  const Factor& factor_;
  int part_;
  unsigned packet_, row_;
  typename Factor::Line lines_[lines];
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
