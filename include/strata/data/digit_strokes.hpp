// How the ten digits are written by hand: the strokes that synthetic_digits distorts and draws.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace strata::detail {

/// What the pen does at a point.
enum class Pen : std::uint8_t {
  down,   ///< begins a stroke here
  curve,  ///< passes through smoothly
  corner  ///< passes through with a corner, as the last point of a stroke does
};

/// A control point. x goes right, y down; a digit is about 1 high.
struct StrokePoint {
  float x;
  float y;
  Pen pen = Pen::curve;
};

// clang-format off
inline constexpr StrokePoint zero_closed[] = {
    {.34f, .00f, Pen::down}, {.12f, .15f}, {.02f, .48f}, {.10f, .83f}, {.32f, 1.0f}, {.55f, .85f}, {.65f, .50f}, {.56f, .15f}, {.34f, .00f}, {.24f, .04f}};
inline constexpr StrokePoint zero_open[] = {
    {.46f, .06f, Pen::down}, {.20f, .12f}, {.03f, .45f}, {.08f, .84f}, {.30f, .99f}, {.55f, .80f}, {.66f, .42f}, {.52f, .08f}, {.30f, .02f}};
inline constexpr StrokePoint zero_round[] = {
    {.42f, .02f, Pen::down}, {.12f, .14f}, {.00f, .50f}, {.14f, .86f}, {.42f, .98f}, {.72f, .84f}, {.84f, .48f}, {.70f, .13f}, {.42f, .02f}};

inline constexpr StrokePoint one_bar[] = {{.32f, .00f, Pen::down}, {.31f, .50f}, {.30f, 1.0f}};
inline constexpr StrokePoint one_flag[] = {
    {.14f, .24f, Pen::down}, {.28f, .12f}, {.38f, .00f, Pen::corner}, {.37f, .50f}, {.37f, 1.0f}};
inline constexpr StrokePoint one_base[] = {
    {.14f, .22f, Pen::down}, {.36f, .00f, Pen::corner}, {.36f, .50f}, {.36f, 1.0f},
    {.10f, 1.0f, Pen::down}, {.62f, .99f}};

inline constexpr StrokePoint two_plain[] = {
    {.06f, .24f, Pen::down}, {.18f, .05f}, {.42f, .01f}, {.58f, .18f}, {.50f, .44f}, {.28f, .72f}, {.02f, .98f, Pen::corner}, {.36f, .97f}, {.68f, .96f}};
inline constexpr StrokePoint two_loop[] = {
    {.05f, .18f, Pen::down}, {.24f, .02f}, {.48f, .06f}, {.56f, .28f}, {.44f, .60f}, {.22f, .90f}, {.06f, .95f}, {.05f, .82f}, {.20f, .78f}, {.42f, .92f}, {.70f, .94f}};
inline constexpr StrokePoint two_swan[] = {
    {.10f, .16f, Pen::down}, {.30f, .00f}, {.53f, .10f}, {.52f, .36f}, {.30f, .68f}, {.04f, .92f}, {.22f, .88f}, {.46f, .96f}, {.68f, .88f}};

inline constexpr StrokePoint three_round[] = {
    {.08f, .12f, Pen::down}, {.28f, .00f}, {.52f, .10f}, {.50f, .32f}, {.24f, .46f, Pen::corner}, {.52f, .54f}, {.60f, .76f}, {.42f, .97f}, {.18f, 1.0f}, {.02f, .88f}};
inline constexpr StrokePoint three_loop[] = {
    {.06f, .08f, Pen::down}, {.32f, .00f}, {.54f, .14f}, {.46f, .36f}, {.26f, .47f}, {.24f, .51f}, {.34f, .49f}, {.56f, .58f}, {.58f, .82f}, {.34f, 1.0f}, {.04f, .94f}};
inline constexpr StrokePoint three_flat[] = {
    {.06f, .02f, Pen::down}, {.32f, .01f}, {.58f, .00f, Pen::corner}, {.42f, .20f}, {.26f, .38f, Pen::corner}, {.52f, .46f}, {.62f, .70f}, {.46f, .94f}, {.20f, 1.0f}, {.00f, .90f}};

inline constexpr StrokePoint four_open[] = {
    {.12f, .02f, Pen::down}, {.07f, .30f}, {.06f, .54f, Pen::corner}, {.34f, .53f}, {.68f, .50f},
    {.56f, .04f, Pen::down}, {.53f, .50f}, {.50f, 1.0f}};
inline constexpr StrokePoint four_closed[] = {
    {.50f, .00f, Pen::down}, {.26f, .32f}, {.02f, .64f, Pen::corner}, {.36f, .63f}, {.74f, .61f},
    {.50f, .00f, Pen::down}, {.49f, .50f}, {.48f, 1.0f}};
inline constexpr StrokePoint four_bowl[] = {
    {.10f, .00f, Pen::down}, {.03f, .26f}, {.08f, .46f}, {.30f, .50f}, {.52f, .34f}, {.60f, .04f, Pen::corner}, {.56f, .50f}, {.53f, 1.0f}};

inline constexpr StrokePoint five_hat[] = {
    {.14f, .04f, Pen::down}, {.11f, .24f}, {.08f, .44f, Pen::corner}, {.30f, .36f}, {.54f, .46f}, {.60f, .70f}, {.46f, .93f}, {.20f, 1.0f}, {.00f, .90f},
    {.14f, .04f, Pen::down}, {.36f, .03f}, {.64f, .00f}};
inline constexpr StrokePoint five_one_stroke[] = {
    {.64f, .00f, Pen::down}, {.40f, .02f}, {.18f, .04f, Pen::corner}, {.12f, .24f}, {.07f, .44f, Pen::corner}, {.30f, .40f}, {.52f, .52f}, {.54f, .78f}, {.34f, .98f}, {.04f, .96f}};
inline constexpr StrokePoint five_snake[] = {
    {.62f, .00f, Pen::down}, {.36f, .02f}, {.18f, .12f}, {.16f, .32f}, {.32f, .46f}, {.50f, .62f}, {.48f, .86f}, {.26f, 1.0f}, {.02f, .92f}};

inline constexpr StrokePoint six_curved[] = {
    {.50f, .00f, Pen::down}, {.24f, .20f}, {.06f, .52f}, {.06f, .82f}, {.24f, 1.0f}, {.48f, .94f}, {.58f, .74f}, {.46f, .56f}, {.24f, .58f}, {.08f, .76f}};
inline constexpr StrokePoint six_straight[] = {
    {.34f, .00f, Pen::down}, {.16f, .34f}, {.04f, .70f}, {.10f, .94f}, {.32f, 1.0f}, {.52f, .86f}, {.50f, .64f}, {.30f, .58f}, {.06f, .72f}};

inline constexpr StrokePoint six_round[] = {
    {.56f, .06f, Pen::down}, {.38f, .00f}, {.16f, .16f}, {.03f, .50f}, {.08f, .86f}, {.32f, 1.0f}, {.56f, .86f}, {.56f, .62f}, {.36f, .50f}, {.12f, .60f}, {.05f, .70f}};

inline constexpr StrokePoint seven_plain[] = {
    {.02f, .05f, Pen::down}, {.34f, .04f}, {.64f, .00f, Pen::corner}, {.46f, .40f}, {.28f, 1.0f}};
inline constexpr StrokePoint seven_bar[] = {
    {.04f, .04f, Pen::down}, {.36f, .04f}, {.66f, .00f, Pen::corner}, {.46f, .44f}, {.30f, 1.0f},
    {.20f, .52f, Pen::down}, {.40f, .50f}, {.62f, .47f}};
inline constexpr StrokePoint seven_hook[] = {
    {.02f, .22f, Pen::down}, {.06f, .06f, Pen::corner}, {.34f, .06f}, {.58f, .04f}, {.60f, .12f}, {.44f, .50f}, {.36f, 1.0f}};

inline constexpr StrokePoint eight_one_stroke[] = {
    {.54f, .10f, Pen::down}, {.32f, .00f}, {.12f, .12f}, {.16f, .34f}, {.40f, .52f}, {.56f, .74f}, {.46f, .95f}, {.22f, .99f}, {.04f, .84f}, {.14f, .62f}, {.40f, .42f}, {.56f, .24f}, {.54f, .08f}};
inline constexpr StrokePoint eight_two_loops[] = {
    {.32f, .44f, Pen::down}, {.12f, .30f}, {.16f, .08f}, {.34f, .00f}, {.52f, .10f}, {.54f, .30f}, {.32f, .44f, Pen::corner},
    {.32f, .44f, Pen::down}, {.08f, .60f}, {.06f, .86f}, {.30f, 1.0f}, {.56f, .88f}, {.56f, .62f}, {.32f, .44f, Pen::corner}};

inline constexpr StrokePoint eight_closed_top[] = {
    {.36f, .46f, Pen::down}, {.14f, .28f}, {.18f, .06f}, {.40f, .00f}, {.56f, .14f}, {.46f, .36f}, {.22f, .54f}, {.04f, .76f}, {.12f, .96f}, {.38f, .99f}, {.54f, .80f}, {.48f, .60f}, {.30f, .42f}};

inline constexpr StrokePoint nine_straight[] = {
    {.56f, .16f, Pen::down}, {.36f, .00f}, {.12f, .08f}, {.04f, .30f}, {.18f, .48f}, {.42f, .42f}, {.57f, .10f, Pen::corner}, {.54f, .50f}, {.50f, 1.0f}};
inline constexpr StrokePoint nine_curved[] = {
    {.54f, .12f, Pen::down}, {.32f, .01f}, {.08f, .14f}, {.06f, .38f}, {.26f, .48f}, {.48f, .34f}, {.56f, .10f, Pen::corner}, {.58f, .44f}, {.48f, .80f}, {.26f, 1.0f}, {.06f, .92f}};
inline constexpr StrokePoint nine_leaning[] = {
    {.50f, .06f, Pen::down}, {.26f, .04f}, {.06f, .26f}, {.14f, .44f}, {.38f, .36f}, {.54f, .08f, Pen::corner}, {.40f, .52f}, {.28f, 1.0f}};
// clang-format on

/// The ways in which each digit is written; those of one digit are equally frequent.
inline constexpr std::array<std::array<std::span<const StrokePoint>, 3>, 10> digit_strokes = {{
    {zero_closed, zero_open, zero_round},
    {one_bar, one_flag, one_base},
    {two_plain, two_loop, two_swan},
    {three_round, three_loop, three_flat},
    {four_open, four_closed, four_bowl},
    {five_hat, five_one_stroke, five_snake},
    {six_curved, six_straight, six_round},
    {seven_plain, seven_bar, seven_hook},
    {eight_one_stroke, eight_two_loops, eight_closed_top},
    {nine_straight, nine_curved, nine_leaning},
}};

/// The most points that a digit is made of.
inline constexpr std::size_t most_stroke_points = 16;

static_assert(
    [] {
      for (const auto& ways : digit_strokes) {
        for (const std::span<const StrokePoint> points : ways) {
          if (points.size() > most_stroke_points || points.back().pen == Pen::down) return false;
          for (std::size_t i = 0; i + 1 < points.size(); ++i) {
            const bool begins = points[i].pen == Pen::down;
            if ((i == 0 && !begins) || (begins && points[i + 1].pen == Pen::down)) return false;
          }
        }
      }
      return true;
    }(),
    "a digit begins with Pen::down, and a stroke has two points or more");

}  // namespace strata::detail
