// One sample's random changes: drawn, and applied pixel by pixel.
//
// Random numbers are Philox words of the stream `augmentation`, by the batch's number and the sample's place in it.
// Elements 0 to 11 are the sample's own numbers, those from 64 on the knots of the elastic grid.
#pragma once

#include <strata/augment/augmentation.hpp>
#include <strata/augment/turn.hpp>
#include <strata/core/philox.hpp>

#include <cstdint>

namespace strata::detail {

/// A sample's changes, with the numbers drawn.
struct Warp {
  static constexpr int most_knots = 7;  ///< of an axis: a cubic B-spline over 4 cells has them

  float xx, xy, x0;  ///< x in the image = xx * x + xy * y + x0
  float yx, yy, y0;
  float contrast, brightness;  ///< factors
  int knots;                   ///< of each axis; 0: the grid is not bent
  float bend[most_knots * most_knots][2];
};

/// A number from -1 up to 1.
STRATA_HD inline float either_way(const philox::Draw& draw, std::uint32_t sample, std::uint32_t element) {
  return 2 * philox::uniform(philox::word(draw, sample, element)) - 1;
}

/// The numbers of Augmentation's formula for one sample.
struct Geometry {
  double rotation, shear;         ///< degrees
  double shift_x, shift_y;        ///< pixels
  double zoom_x, zoom_y;          ///< factors
  double flip_x = 1, flip_y = 1;  ///< -1 where it is mirrored
  double crop_x = 0, crop_y = 0;  ///< pixels, in front of all else
};

/// The places of the result's pixels in an image of `height` by `width`.
STRATA_HD inline void set_places(Warp& w, const Geometry& g, int height, int width) {
  const Turn rotation = turn(g.rotation), shear = turn(g.shear);
  const double c = rotation.cosine, s = rotation.sine, cx = 0.5 * width - 0.5, cy = 0.5 * height - 0.5;
  // R S Z, then R T.
  const double xx = c * g.zoom_x, xy = (-c * shear.sine - s * shear.cosine) * g.zoom_y;
  const double yx = s * g.zoom_x, yy = (-s * shear.sine + c * shear.cosine) * g.zoom_y;
  const double tx = c * g.shift_x - s * g.shift_y + g.crop_x, ty = s * g.shift_x + c * g.shift_y + g.crop_y;
  w.xx = static_cast<float>(g.flip_x * xx);
  w.xy = static_cast<float>(g.flip_x * xy);
  w.x0 = static_cast<float>(g.flip_x * (tx - xx * cx - xy * cy) + cx);
  w.yx = static_cast<float>(g.flip_y * yx);
  w.yy = static_cast<float>(g.flip_y * yy);
  w.y0 = static_cast<float>(g.flip_y * (ty - yx * cx - yy * cy) + cy);
}

/// Draws the changes of a sample of `height` by `width` pixels. `part` of `parts` fills its share of the grid; part 0
/// does the rest.
STRATA_HD inline void draw_warp(Warp& w, const Augmentation& a, int height, int width, const philox::Draw& draw,
                                std::uint32_t sample, unsigned part = 0, unsigned parts = 1) {
  const int knots = a.elastic > 0 ? a.elastic_cells + 3 : 0;
  for (unsigned k = part; k < static_cast<unsigned>(knots * knots); k += parts)
    for (unsigned axis = 0; axis < 2; ++axis)
      w.bend[k][axis] = static_cast<float>(a.elastic) * either_way(draw, sample, 64 + 2 * k + axis);
  if (part != 0) return;
  const auto drawn = [&](std::uint32_t element) { return static_cast<double>(either_way(draw, sample, element)); };
  const auto pixels = [&](std::uint32_t element) {
    const float u = philox::uniform(philox::word(draw, sample, element));
    return static_cast<double>(static_cast<int>(u * static_cast<float>(2 * a.crop + 1)) - a.crop);
  };
  set_places(w,
             {.rotation = a.rotation * drawn(0),
              .shear = a.shear * drawn(3),
              .shift_x = a.shift_x * width * drawn(1),
              .shift_y = a.shift_y * height * drawn(2),
              .zoom_x = 1 + a.zoom * drawn(4),
              .zoom_y = 1 + a.zoom * drawn(5),
              .flip_x = a.flip_x && drawn(6) < 0 ? -1.0 : 1.0,
              .flip_y = a.flip_y && drawn(7) < 0 ? -1.0 : 1.0,
              .crop_x = pixels(10),
              .crop_y = pixels(11)},
             height, width);
  w.contrast = static_cast<float>(1 + a.contrast * drawn(8));
  w.brightness = static_cast<float>(1 + a.brightness * drawn(9));
  w.knots = knots;
}

/// The weights of the four knots around place t, from 0 to 1, of a cell (uniform cubic B-spline).
STRATA_HD inline void spline(float t, float (&weights)[4]) {
  const float u = 1 - t;
  weights[0] = u * u * u / 6;
  weights[1] = (3 * t * t * t - 6 * t * t + 4) / 6;
  weights[2] = (3 * u * u * u - 6 * u * u + 4) / 6;
  weights[3] = t * t * t / 6;
}

/// Where pixel (y, x) of the result lies in the image.
struct Point {
  float y, x;
};

STRATA_HD inline Point point_of(const Warp& w, int height, int width, int y, int x) {
  const auto fx = static_cast<float>(x), fy = static_cast<float>(y);
  Point p{w.yx * fx + w.yy * fy + w.y0, w.xx * fx + w.xy * fy + w.x0};
  if (w.knots == 0) return p;
  const int cells = w.knots - 3;
  const float at_y = (fy + 0.5f) / static_cast<float>(height) * static_cast<float>(cells);
  const float at_x = (fx + 0.5f) / static_cast<float>(width) * static_cast<float>(cells);
  const int cell_y = static_cast<int>(at_y), cell_x = static_cast<int>(at_x);
  float of_y[4], of_x[4];
  spline(at_y - static_cast<float>(cell_y), of_y);
  spline(at_x - static_cast<float>(cell_x), of_x);
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j) {
      const auto& bend = w.bend[(cell_y + i) * w.knots + cell_x + j];
      p.x += of_y[i] * of_x[j] * bend[0];
      p.y += of_y[i] * of_x[j] * bend[1];
    }
  return p;
}

/// The pixel that stands for pixel i of an axis of n, which may lie outside; -1 where a constant does.
STRATA_HD inline int inside(int i, int n, Fill fill) {
  if (i >= 0 && i < n) return i;
  switch (fill) {
    case Fill::constant:
      return -1;
    case Fill::reflect: {
      const int m = i % (2 * n), at = m < 0 ? m + 2 * n : m;
      return at < n ? at : 2 * n - 1 - at;
    }
    default:
      return i < 0 ? 0 : n - 1;
  }
}

/// Pixel (y, x) of the result, channel by channel: write(c, value) of what read(y, x, c) gives of the image. `mean` is
/// the image's, where contrast is to change.
template <class Read, class Write>
STRATA_HD inline void warp_pixel(const Warp& w, const Augmentation& a, int height, int width, int channels, float mean,
                                 int y, int x, const Read& read, const Write& write) {
  const Point p = point_of(w, height, width, y, x);
  // Further out than this nothing changes, and int cannot tell.
  const auto within = [](float v) { return v > -1e6f ? v < 1e6f ? v : 1e6f : -1e6f; };
  const float px = within(p.x), py = within(p.y);
  int left = static_cast<int>(px), top = static_cast<int>(py);
  left -= static_cast<float>(left) > px;
  top -= static_cast<float>(top) > py;
  const float fx = px - static_cast<float>(left), fy = py - static_cast<float>(top);
  const int x0 = inside(left, width, a.fill), x1 = inside(left + 1, width, a.fill);
  const int y0 = inside(top, height, a.fill), y1 = inside(top + 1, height, a.fill);
  const auto constant = static_cast<float>(a.fill_value);
  for (int c = 0; c < channels; ++c) {
    const auto of = [&](int row, int column) { return row < 0 || column < 0 ? constant : read(row, column, c); };
    const float upper = (1 - fx) * of(y0, x0) + fx * of(y0, x1), lower = (1 - fx) * of(y1, x0) + fx * of(y1, x1);
    float value = (1 - fy) * upper + fy * lower;
    value = ((value - mean) * w.contrast + mean) * w.brightness;
    write(c, value);
  }
}

}  // namespace strata::detail
