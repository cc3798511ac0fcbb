// Classifier: what is on a picture, by a trained network and the names of its classes.
//
// A program that gives it files or their bytes is built with -DSTRATA_WITH_STB: see data/image_file.hpp.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/score.hpp>
#include <strata/core/storage.hpp>
#include <strata/data/image_file.hpp>
#include <strata/data/resize.hpp>
#include <strata/io/stored_class_names.hpp>
#include <strata/model/files.hpp>
#include <strata/model/predictor.hpp>
#include <strata/model/scores.hpp>

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace strata {

/// A class, and how likely it is.
struct ClassProbability {
  int label = 0;          ///< its place among the classes, from 0
  std::string name{};     ///< its name; its number where the model's file has none
  float probability = 0;  ///< 0 to 1
};

/// How pictures come to a network's input, as read_image_folder does it: what the network learnt from is best.
struct ClassifierOptions {
  std::vector<std::string> classes{};  ///< names, in the order of the outputs; none: those of the file, else numbers
  Fit fit = Fit::stretch;              ///< to pictures of other proportions
  Resample resampling = Resample::bilinear;
};

/// The classifier of a network that cannot be built, or has a layer without kernel, does nothing.
template <class Net, class Backend = Cpu<>, class Obstacle = detail::obstacle<Net, Backend>>
class Classifier {
 public:
  using network = std::conditional_t<detail::is_network<Net>, Net, Obstacle>;
  template <class... Arguments>
  explicit Classifier(Arguments&&...) {
    static_cast<void>(sizeof(Obstacle));
  }
  template <class P>
  std::vector<float> probabilities(const P&) const {
    return {};
  }
  template <class P>
  std::vector<ClassProbability> top(const P&, int = 1) const {
    return {};
  }
  const std::vector<std::string>& classes() const { return classes_; }

 private:
  std::vector<std::string> classes_;
};

/// Says what is on a picture: weights and class names from a file, and pictures of any size as the network wants them.
///
///     const Classifier<Net> classifier("pets.safetensors");
///     for (const ClassProbability& c : classifier.top("photo.jpg", 3))
///       std::printf("%s: %.1f %%\n", c.name.c_str(), 100.0 * c.probability);
///
/// The network's input is an image of one or three channels. Its outputs become probabilities as in `scores`: those of
/// LogSoftmax by the exponential, logits by softmax, and one output is the probability of the second of two classes.
///
/// Any number of threads may use one classifier at once: each call takes a Predictor that is idle, or shares another
/// one, so that there are as many workspaces as there were calls at once.
template <class Net, class Backend>
class Classifier<Net, Backend, void> {
  static constexpr Shape input = Net::input_shape;
  static_assert(input.rank == 3 && (input.channels == 1 || input.channels == 3),
                "Classifier: pictures are height x width x 1 or 3, and so must be the network's input");
  static_assert(Net::output.rank == 1, "Classifier: the network's output must be a vector, a value for each class");

 public:
  using network = Net;

  /// Of a file that save or save_checkpoint wrote. Throws Error where load would, and where its class names are damaged
  /// or not as many as the network tells apart.
  explicit Classifier(const std::string& path, ClassifierOptions options = {})
      : Classifier(read(path, std::move(options))) {}

  /// Of a model in memory, whose parameters it copies. Throws Error where options.classes cannot be the names.
  explicit Classifier(const Model<Net, Backend>& model, ClassifierOptions options = {})
      : options_(named(std::move(options))), first_(model) {}

  /// The names of the classes, in the order of the outputs.
  const std::vector<std::string>& classes() const { return options_.classes; }

  /// The probability of each class, in the order of classes(). The picture is a PNG, JPEG or BMP file, or its bytes, or
  /// pixels in memory of any height and width, or a view of such pixels. A view of floats must have the input's shape,
  /// and is taken as it is.
  ///
  /// Throws Error where the picture cannot be read, and what read_picture, fitted and predict throw.
  std::vector<float> probabilities(const std::string& path) const { return probabilities(read_picture(path)); }
  std::vector<float> probabilities(std::span<const std::byte> file) const {
    return probabilities(decode_picture(file, "picture"));
  }
  std::vector<float> probabilities(const Picture& picture) const {
    return of(fitted(picture, input, options_.fit, options_.resampling).sample());
  }
  std::vector<float> probabilities(const Sample& view) const {
    if (!view.holds_bytes() || view.shape == input) return of(view);
    return probabilities(Picture{view.shape, {view.bytes.begin(), view.bytes.end()}});
  }

  /// The `count` likeliest classes of a picture, the likeliest first; equally likely ones in their order. At most all.
  template <class P>
  std::vector<ClassProbability> top(const P& picture, int count = 1) const {
    return ranked(probabilities(picture), count);
  }

 private:
  struct Loaded {
    AlignedBuffer arena;
    ClassifierOptions options;
  };
  explicit Classifier(Loaded loaded) : options_(std::move(loaded.options)), first_(std::move(loaded.arena)) {}

  [[gnu::cold]] static Loaded read(const std::string& path, ClassifierOptions options) {
    const safetensors::File file = safetensors::File::read(path);
    try {
      if (options.classes.empty()) options.classes = detail::class_names(file);
      return {detail::load_checked(file, view_of<Net>(), false).arena, named(std::move(options))};
    } catch (const Error& e) {
      throw Error(joined({path, ": not loaded: ", e.what()}));
    }
  }

  [[gnu::cold]] static ClassifierOptions named(ClassifierOptions options) {
    if (options.classes.empty())
      for (int c = 0; c < detail::class_count(Net::output.channels); ++c) options.classes.push_back(joined({c}));
    check_class_names(options.classes, Net::output.channels);
    return options;
  }

  [[gnu::cold]] std::vector<ClassProbability> ranked(const std::vector<float>& p, int count) const {
    std::vector<int> order(p.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return p[static_cast<std::size_t>(a)] > p[static_cast<std::size_t>(b)]; });
    order.resize(std::min(order.size(), static_cast<std::size_t>(std::max(0, count))));
    std::vector<ClassProbability> result;
    for (const int label : order) {
      const auto c = static_cast<std::size_t>(label);
      result.push_back({label, options_.classes[c], p[c]});
    }
    return result;
  }

  std::vector<float> of(const Sample& sample) const {
    Owned<Predictor<Net, Backend>> predictor = idle();
    const auto output = predict(*predictor, sample);
    give_back(std::move(predictor));
    std::vector<float> p(output.begin(), output.end());
    detail::make_probabilities<Net>(p);
    if (p.size() == 1) p.insert(p.begin(), 1 - p[0]);
    return p;
  }

  Owned<Predictor<Net, Backend>> idle() const {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return Owned<Predictor<Net, Backend>>(new Predictor<Net, Backend>(first_.share()));
    Owned<Predictor<Net, Backend>> last = std::move(idle_.back());
    idle_.pop_back();
    return last;
  }
  void give_back(Owned<Predictor<Net, Backend>> predictor) const {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(predictor));
  }

  ClassifierOptions options_;
  Predictor<Net, Backend> first_;  ///< which others share; it predicts nothing itself
  mutable std::mutex mutex_;
  mutable std::vector<Owned<Predictor<Net, Backend>>> idle_;
};

}  // namespace strata
