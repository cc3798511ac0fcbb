// How training images are changed at random.
#pragma once

#include <strata/core/config.hpp>
#include <strata/core/error.hpp>
#include <strata/core/text.hpp>

#include <cstdint>

namespace strata {

/// What lies outside of an image.
enum class Fill {
  nearest,   ///< its border: aaa|abcd|ddd
  constant,  ///< fill_value
  reflect    ///< its mirror image: cba|abcd|dcb
};

/// Random changes of training images, drawn for each sample of each batch from the model's seed, or, with `versions`,
/// for each sample and version. Each number is a range: 0, the default, leaves images as they are.
///
///     fit(model, train, Adam{}, {.epochs = 20, .augment = {.rotation = 8, .shift_x = 0.02, .shear = 0.1, .zoom =
///     0.08}});
///
/// Geometry is as in Keras' ImageDataGenerator: the place p in the image that pixel q of the result shows is
///
///     p = R(rotation) T(shift) S(shear) Z(zoom) (q - centre) + centre,   with (x, y) to the right and down,
///     R = (cos -sin; sin cos),   S = (1 -sin(shear); 0 cos(shear)),   Z = (zoom_x 0; 0 zoom_y)
///
/// and its value the linear interpolation of the four pixels around p. Flips come first, then the geometry, then
/// contrast, then brightness. Bytes are clipped to 0 .. 255 and preprocessed behind it; floats are taken as they are.
struct Augmentation {
  double rotation = 0;    ///< degrees: from -rotation to rotation (rotation_range)
  double shift_x = 0;     ///< share of the width, either way (width_shift_range); 0 to 1
  double shift_y = 0;     ///< share of the height, either way (height_shift_range); 0 to 1
  double shear = 0;       ///< degrees, either way (shear_range)
  double zoom = 0;        ///< height and width each times 1 - zoom to 1 + zoom (zoom_range): below 1
  int crop = 0;           ///< whole pixels, each axis by itself, either way: padding by so many and a random crop
  bool flip_x = false;    ///< mirrors left and right in half of the samples (horizontal_flip)
  bool flip_y = false;    ///< mirrors up and down in half of the samples (vertical_flip)
  double elastic = 0;     ///< pixels by which the knots of a grid move, either way, with a cubic B-spline in between
  int elastic_cells = 4;  ///< cells of that grid on each axis, 1 to 4
  double contrast = 0;    ///< differences from the image's mean times 1 - contrast to 1 + contrast (RandomContrast)
  double brightness = 0;  ///< values times 1 - brightness to 1 + brightness (brightness_range)
  Fill fill = Fill::nearest;
  double fill_value = 0;  ///< with Fill::constant, on the scale of the data: of bytes, 0 to 255
  int versions = 0;       ///< each sample is changed in so many ways, which take turns epoch by epoch, so that what
                          ///< frozen layers make of them can be kept; 0: anew in every epoch

  /// The version that an epoch takes, counted from 0; -1 where each epoch has its own.
  constexpr int version_of(std::int64_t epoch) const { return versions > 0 ? static_cast<int>(epoch % versions) : -1; }

  /// Whether pixels change their places. Vectors have none: fit refuses it for networks with an input of one dimension.
  constexpr bool moves() const {
    return rotation > 0 || shift_x > 0 || shift_y > 0 || shear > 0 || zoom > 0 || crop > 0 || flip_x || flip_y ||
           elastic > 0;
  }

  /// Whether anything is changed.
  constexpr bool works() const { return moves() || contrast > 0 || brightness > 0; }

  /// Throws Error where a number is out of its range.
  [[gnu::cold]] void check() const {
    const auto within = [](const char* name, double value, double most) {
      if (!(value >= 0 && value <= most))
        throw Error(joined({"Augmentation: ", name, " must lie between 0 and ", static_cast<std::int64_t>(most)}));
    };
    within("rotation", rotation, 180);
    within("shift_x", shift_x, 1);
    within("shift_y", shift_y, 1);
    within("shear", shear, 89);
    within("crop", crop, 1 << 20);
    within("elastic", elastic, 1 << 20);
    within("contrast", contrast, 1);
    within("brightness", brightness, 1);
    if (!(zoom >= 0 && zoom < 1)) throw Error("Augmentation: zoom must be at least 0 and below 1");
    if (versions < 0 || versions > 1 << 20) throw Error("Augmentation: versions must lie between 0 and 1048576");
    if (elastic_cells < 1 || elastic_cells > 4) throw Error("Augmentation: elastic_cells must lie between 1 and 4");
    if (!(fill_value >= -1e30 && fill_value <= 1e30)) throw Error("Augmentation: fill_value must be finite");
  }
};

}  // namespace strata
