// Predictor: a model's parameters made ready for prediction, shared by as many threads as want to predict.
#pragma once

#include <strata/model/fold.hpp>
#include <strata/model/model.hpp>
#include <strata/model/predict.hpp>

#include <memory>
#include <span>

namespace strata {

/// The predictor of a network that cannot be built, or has a layer without kernel, does nothing.
template <class Net, class Backend = Cpu<>, class Obstacle = detail::obstacle<Net, Backend>>
class Predictor {
 public:
  using network = std::conditional_t<detail::is_network<Net>, Net, Obstacle>;
  using backend = Backend;
  template <class... Arguments>
  explicit Predictor(Arguments&&...) {}
  Predictor share() const { return Predictor(0); }
};

/// What inference wants of a model: batch normalisation folded into its neighbours, dropout gone. It copies the
/// parameters, so the model may train on or end; predictions equal the model's up to rounding.
///
///     Predictor<Net> predictor{model};
///     std::array<float, 10> p = predict(predictor, image);
///
/// One thread at a time uses a predictor; `share` gives another thread one of its own, with the same parameters in
/// memory once. It runs on the calling thread alone unless it is given more threads.
template <class Net, class Backend>
class Predictor<Net, Backend, void> {
 public:
  using network = FoldedNetwork<Net>;
  using backend = Backend;
  using PredictionExecutor = cpu::Executor<Plan<network, Mode::inference, Backend>>;

  explicit Predictor(const Model<Net, Backend>& model, Threads t = threads(1)) : Predictor(fold(model), t) {}

  /// A predictor with a workspace of its own on the same parameters.
  Predictor share(Threads t = threads(1)) const { return Predictor(arena_, t); }

  /// The folded parameters, in the layout of `network::parameters`.
  std::span<const float> parameters() const {
    return {arena_->floats(), static_cast<std::size_t>(network::parameters.floats)};
  }

  cpu::Pool& pool() { return *pool_; }
  PredictionExecutor& prediction(int batch) { return prediction_.of(*pool_, batch); }

 private:
  Predictor(std::shared_ptr<const AlignedBuffer> arena, Threads t)
      : arena_(std::move(arena)), pool_(std::make_unique<cpu::Pool>(t.count)) {}

  static std::shared_ptr<const AlignedBuffer> fold(const Model<Net, Backend>& model) {
    auto arena = std::make_shared<AlignedBuffer>(network::parameters.arena_bytes());
    fold_parameters<Net>(model.parameters().data(), arena->floats());
    return arena;
  }

  std::shared_ptr<const AlignedBuffer> arena_;
  std::unique_ptr<cpu::Pool> pool_;
  detail::Workspace<PredictionExecutor> prediction_;
};

}  // namespace strata
