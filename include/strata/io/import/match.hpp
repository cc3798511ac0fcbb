// Which tensor of a file becomes which of a network.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/text.hpp>
#include <strata/io/import/layers.hpp>
#include <strata/io/import/layout.hpp>
#include <strata/io/import/order.hpp>
#include <strata/io/safetensors.hpp>

namespace strata {

/// What import_weights is told of a file.
struct ImportOptions {
  Framework framework = Framework::automatic;  ///< in whose order the axes are; automatic: as the names say
  /// Tensors to pass over: those whose names begin so. {"classifier."} leaves torchvision's head away.
  std::vector<std::string> skip{};
  /// Which is which, as pairs of the file's name and the network's: of layers, {"features.0", "block1_conv1"}, or of
  /// tensors, {"first.W", "conv_1/kernel"}. Where there are any, nothing else is loaded.
  std::vector<std::pair<std::string, std::string>> names{};
  /// What the file's batch normalisations add to the variance; 0 for the framework's default, 1e-3 in Keras and 1e-5
  /// in PyTorch. The network's must be the same, as no file tells it.
  double epsilon = 0;
};

namespace detail {

/// A tensor of a file and where it goes.
struct TensorMatch {
  const safetensors::TensorView* from = nullptr;
  const OwnLayer* layer = nullptr;
  const StoredTensor* to = nullptr;
  const safetensors::TensorView* less = nullptr;  ///< the bias of the layer before, which leaves the running mean
};

/// Whether the file's layer is of the network's layer's kind and shape. `why` becomes the first difference.
[[gnu::cold]] inline bool fits(const FileLayer& theirs, const OwnLayer& own, Framework framework, bool bias_has_place,
                               std::string* why) {
  const auto differs = [&](const std::string& what) {
    if (why != nullptr && why->empty()) *why = what;
    return false;
  };
  for (const StoredTensor& t : own.tensors) {
    const safetensors::TensorView* found = theirs.find(t.segment->parameter.name);
    const std::vector<std::int64_t> shape = foreign_shape(own, t, framework);
    const safetensors::TensorView wanted{.name = t.name, .shape = shape};
    if (found == nullptr)
      return differs(
          joined({shown(theirs.name), " has no ", t.segment->parameter.name, " for ", shown(t.name), ", ",
                  safetensors::detail::described(wanted), " there; it has ", shown(theirs.tensors.front()->name), ", ",
                  safetensors::detail::described(*theirs.tensors.front())}));
    if (found->shape == shape) continue;
    std::string text = joined({shown(found->name), " is ", safetensors::detail::described(*found), ", and ",
                               shown(t.name), " would be ", safetensors::detail::described(wanted), " there"});
    const Framework other = framework == Framework::torch ? Framework::keras : Framework::torch;
    if (foreign_shape(own, t, other) == found->shape)
      append(text, {"; it would fit with the axes of ", other == Framework::torch ? "PyTorch" : "Keras",
                    ", see ImportOptions::framework"});
    return differs(text);
  }
  for (std::size_t i = 0; i < theirs.parts.size(); ++i) {
    const std::string& part = theirs.parts[i];
    if (own.find(part) != nullptr) continue;
    const StoredTensor* kernel = own.find("kernel");
    const bool is_bias = part == "bias" && kernel != nullptr && theirs.tensors[i]->shape.size() == 1 &&
                         theirs.tensors[i]->shape[0] == kernel->shape().back();
    if (!is_bias || !bias_has_place)
      return differs(joined({"the network's ", shown(own.name), " has no place for ", shown(theirs.tensors[i]->name)}));
  }
  return true;
}

/// The layers of a file and a network, and what is found of them.
class Matcher {
 public:
  Matcher(const std::vector<FileLayer>& theirs, const std::vector<OwnLayer>& own, Framework framework)
      : theirs_(theirs), own_(own), framework_(framework) {}

  std::vector<TensorMatch> matches;

  /// The file's layer of that name, or nullptr.
  const FileLayer* find(std::string_view name) const {
    for (const FileLayer& l : theirs_)
      if (l.name == name) return &l;
    return nullptr;
  }

  /// Whether the file's layers are called as the network's: all of the one, or all of the other.
  bool share_names() const {
    std::size_t shared = 0;
    for (const OwnLayer& l : own_) shared += find(l.name) != nullptr;
    return shared > 0 && (shared == own_.size() || shared == theirs_.size());
  }

  [[gnu::cold]] void by_name() {
    for (std::size_t i = 0; i < own_.size(); ++i)
      if (const FileLayer* found = find(own_[i].name)) pair(*found, i);
  }

  /// By a table of layers' and tensors' names.
  [[gnu::cold]] void by_table(const std::vector<std::pair<std::string, std::string>>& names) {
    check_once(names);
    // In the network's order, since a normalisation wants to know what came before it.
    for (std::size_t i = 0; i < own_.size(); ++i)
      for (const auto& [file_name, own_name] : names) {
        if (own_name == own_[i].name) {
          const FileLayer* found = find(file_name);
          if (found == nullptr) throw Error(joined({"it has no layer ", shown(file_name), ", which names speaks of"}));
          pair(*found, i);
        }
        for (const StoredTensor& t : own_[i].tensors)
          if (own_name == t.name) pair_tensor(file_name, i, t);
      }
    for (const auto& pair_of_names : names) {
      const std::string& name = pair_of_names.second;
      bool is_there = false;
      for (const OwnLayer& l : own_) {
        is_there = is_there || l.name == name;
        for (const StoredTensor& t : l.tensors) is_there = is_there || t.name == name;
      }
      if (!is_there) throw Error(joined({"the network has no ", shown(name), ", which names speaks of"}));
    }
  }

  /// By order, kind and shape. `in_order` where the file keeps its model's order.
  [[gnu::cold]] void by_order(bool in_order) {
    std::vector<LayerQueue> queues = queues_of(theirs_, in_order);
    LayerQueue* last = nullptr;
    for (std::size_t i = 0; i < own_.size(); ++i) {
      LayerQueue* next = next_queue(queues, last, i);
      if (next == nullptr) break;  // the file is at its end: the rest keeps its values
      pair(*next->layers[next->used++], i);
      next->last_use = i + 1;
      last = next;
    }
    if (in_order) return;
    // What is left must stand behind all that was taken: a network is the front of the file's, or the whole.
    for (const LayerQueue& q : queues) {
      if (q.is_empty() || q.used == 0) continue;
      for (const LayerQueue& other : queues)
        if (other.kind == LayerKind::kernel && &other != &q && other.last_use > q.last_use) left_out(*q.head());
    }
    for (const LayerQueue& q : queues)
      for (const LayerQueue& other : queues)
        if (q.word == other.word && !q.is_empty() && other.used > 0 &&
            compare_numbered(q.head()->name, other.layers[other.used - 1]->name) < 0)
          left_out(*q.head());
  }

  /// Throws where a bias found no normalisation to go into.
  [[gnu::cold]] void check_biases() const {
    if (pending_bias_ != nullptr)
      throw Error(joined({"the network's ", shown(own_[pending_at_ - 1].name), " has no place for ",
                          shown(pending_bias_->name), ", since the batch normalisation behind it is not loaded"}));
  }

 private:
  [[noreturn, gnu::cold]] static void left_out(const FileLayer& layer) {
    throw Error(joined({"its ", shown(layer.tensors.front()->name),
                        " stands between layers of the network, which has no place "
                        "for it; where that is meant, name it in ImportOptions::skip"}));
  }

  /// Whether a bias of layer i that the network has none for can go into the normalisation behind it.
  bool bias_has_place(std::size_t i) const { return i + 1 < own_.size() && own_[i + 1].takes_its_bias; }

  bool fits_next(const LayerQueue& q, std::size_t i) const {
    return !q.is_empty() && fits(*q.head(), own_[i], framework_, bias_has_place(i), nullptr);
  }

  /// The queue whose first layer is the network's layer i: the one that the layer before came from, if it fits, else
  /// the only one that does. nullptr where all are empty.
  LayerQueue* next_queue(std::vector<LayerQueue>& queues, const LayerQueue* last, std::size_t i) const {
    LayerQueue *found = nullptr, *second = nullptr;
    bool all_empty = true;
    for (LayerQueue& q : queues) {
      all_empty = all_empty && q.is_empty();
      if (!fits_next(q, i)) continue;
      if (last != nullptr && q.word == last->word) return &q;
      (found == nullptr ? found : second) = &q;
    }
    if (all_empty) return nullptr;
    if (found != nullptr && second == nullptr) return found;
    if (found != nullptr)
      throw Error(
          joined({shown(found->head()->name), " and ", shown(second->head()->name), " both could be the network's ",
                  shown(own_[i].name), "; say which in ImportOptions::names"}));
    // The most telling difference is that of a layer of the same kind.
    const LayerQueue* nearest = nullptr;
    for (const LayerQueue& q : queues) {
      if (q.is_empty()) continue;
      const bool same = q.head()->kind == own_[i].kind && q.head()->rank == own_[i].rank;
      const bool is_last = last != nullptr && q.word == last->word;
      if (nearest == nullptr || (same && (nearest->head()->kind != own_[i].kind || is_last))) nearest = &q;
    }
    std::string why;
    static_cast<void>(fits(*nearest->head(), own_[i], framework_, bias_has_place(i), &why));
    throw Error(
        joined({why,
                ". Where the file's layer is not wanted, or has another place, say so in ImportOptions::skip or "
                "::names"}));
  }

  [[gnu::cold]] void pair(const FileLayer& theirs, std::size_t i) {
    const OwnLayer& own = own_[i];
    std::string why;
    if (!fits(theirs, own, framework_, bias_has_place(i), &why)) throw Error(why);
    if (pending_at_ != i) check_biases();
    const safetensors::TensorView* bias = pending_bias_;
    pending_bias_ = nullptr;
    for (const StoredTensor& t : own.tensors)
      matches.push_back({theirs.find(t.segment->parameter.name), &own, &t,
                         t.segment->parameter.name == std::string_view("moving_mean") ? bias : nullptr});
    if (own.find("bias") == nullptr && theirs.find("bias") != nullptr) {
      pending_bias_ = theirs.find("bias");
      pending_at_ = i + 1;
    }
  }

  [[gnu::cold]] void pair_tensor(const std::string& name, std::size_t i, const StoredTensor& t) {
    for (const FileLayer& l : theirs_)
      for (const safetensors::TensorView* from : l.tensors) {
        if (from->name != name) continue;
        const safetensors::TensorView wanted{.name = t.name, .shape = foreign_shape(own_[i], t, framework_)};
        if (from->shape != wanted.shape)
          throw Error(joined({shown(name), " is ", safetensors::detail::described(*from), ", and ", shown(t.name),
                              " would be ", safetensors::detail::described(wanted), " there"}));
        matches.push_back({from, &own_[i], &t});
        return;
      }
    throw Error(joined({"it has no tensor ", shown(name), ", which names speaks of"}));
  }

  [[gnu::cold]] static void check_once(const std::vector<std::pair<std::string, std::string>>& names) {
    for (std::size_t a = 0; a < names.size(); ++a)
      for (std::size_t b = 0; b < a; ++b)
        if (names[a].first == names[b].first || names[a].second == names[b].second)
          throw Error(joined(
              {"names speaks twice of ", shown(names[a].first == names[b].first ? names[a].first : names[a].second)}));
  }

  const std::vector<FileLayer>& theirs_;
  const std::vector<OwnLayer>& own_;
  Framework framework_;
  const safetensors::TensorView* pending_bias_ = nullptr;  ///< waits for the normalisation that takes it
  std::size_t pending_at_ = 0;                             ///< the place of that one
};

}  // namespace detail
}  // namespace strata
