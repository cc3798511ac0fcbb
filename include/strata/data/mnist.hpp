// The MNIST database of handwritten digits, from its four files; also what shares its form (Fashion-MNIST, KMNIST).
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/shape.hpp>
#include <strata/core/text.hpp>
#include <strata/data/dataset.hpp>
#include <strata/data/idx.hpp>

#include <cstdio>
#include <optional>
#include <string>
#include <utility>

namespace strata::mnist {

/// Training and test set: `auto [train, test] = mnist::load("data");`
struct Data {
  Dataset train;  ///< 60,000 images of 28 x 28 x 1 bytes, white on black, with labels 0 to 9
  Dataset test;   ///< 10,000 of the same
};

/// Paths of the four files.
struct Files {
  std::string train_images;
  std::string train_labels;
  std::string test_images;
  std::string test_labels;
};

}  // namespace strata::mnist

namespace strata::detail {

// Where in a folder MNIST may lie: in itself, in a folder of that name, or where torchvision puts it.
inline constexpr const char* mnist_folders[] = {"", "mnist/", "MNIST/raw/"};
inline constexpr const char* mnist_endings[] = {"images-idx3-ubyte", "images.idx3-ubyte", "labels-idx1-ubyte",
                                                "labels.idx1-ubyte"};

[[gnu::cold]] inline bool is_readable_file(const std::string& path) {
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  if (!file) return false;
  std::fgetc(file);  // a folder opens, but does not read
  const bool readable = std::ferror(file) == 0;
  std::fclose(file);
  return readable;
}

// PREFIX + "images-idx3-ubyte" or another spelling of it, plain before compressed; empty when there is none.
[[gnu::cold]] inline std::string find_mnist_file(const std::string& prefix, bool labels) {
  for (const char* compressed : {"", ".gz"}) {
    for (int spelling = 0; spelling < 2; ++spelling) {
      const std::string path = prefix + mnist_endings[(labels ? 2 : 0) + spelling] + compressed;
      if (is_readable_file(path)) return path;
    }
  }
  return {};
}

// The names of the files that are missing, ", " between them.
[[gnu::cold]] inline std::string missing_from_mnist(const mnist::Files& files) {
  std::string missing;
  const auto add = [&missing](const std::string& path, const char* name) {
    if (path.empty()) append(missing, {missing.empty() ? "" : ", ", name});
  };
  add(files.train_images, "train-images-idx3-ubyte");
  add(files.train_labels, "train-labels-idx1-ubyte");
  add(files.test_images, "t10k-images-idx3-ubyte");
  add(files.test_labels, "t10k-labels-idx1-ubyte");
  return missing;
}

// The files in the first of a folder's places that has all of them; else in the one that lacks least, with empty paths
// for those missing there.
[[gnu::cold]] inline mnist::Files look_for_mnist(const std::string& dir) {
  const std::string folder = dir.empty() || dir.back() == '/' ? dir : dir + "/";
  mnist::Files best;
  for (const char* subfolder : mnist_folders) {
    const std::string train = folder + subfolder + "train-", test = folder + subfolder + "t10k-";
    mnist::Files files{find_mnist_file(train, false), find_mnist_file(train, true), find_mnist_file(test, false),
                       find_mnist_file(test, true)};
    const std::string missing = missing_from_mnist(files);
    if (missing.empty()) return files;
    if (missing.size() < missing_from_mnist(best).size()) best = files;
  }
  return best;
}

}  // namespace strata::detail

namespace strata::mnist {

/// The four files of MNIST in the folder `dir`, in `dir`/mnist or in `dir`/MNIST/raw, or nothing when one is missing.
/// Their names are those of the original: train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and
/// t10k-labels-idx1-ubyte, also with a dot in place of the second dash (images.idx3), each plain or with .gz.
[[gnu::cold]] inline std::optional<Files> find(const std::string& dir) {
  Files files = detail::look_for_mnist(dir);
  if (!detail::missing_from_mnist(files).empty()) return std::nullopt;
  return files;
}

/// Reads the four files that find() finds. Compressed ones need a program that was built with STRATA_WITH_ZLIB. Throws
/// strata::Error: with the names looked for, or with the file that is wrong.
[[gnu::cold]] inline Data load(const std::string& dir) {
  const Files files = detail::look_for_mnist(dir);
  const std::string missing = detail::missing_from_mnist(files);
  if (!missing.empty()) {
    throw Error(joined({"mnist::load: not found in '", dir, "', nor in its folders mnist and MNIST/raw: ", missing,
                        " (or with a dot, as in images.idx3-ubyte; each plain or .gz)"}));
  }
  Data data{idx::load(files.train_images, files.train_labels), idx::load(files.test_images, files.test_labels)};
  for (const auto& [set, path] : {std::pair{&data.train, &files.train_images}, {&data.test, &files.test_images}}) {
    if (set->shape() == Shape::image(28, 28, 1)) continue;
    throw Error(joined({*path, ": holds images of ", to_string(set->shape()), "; MNIST's are 28 x 28 x 1"}));
  }
  return data;
}

}  // namespace strata::mnist
