// Candidates: architectures to choose from, as a list of types.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace strata {

/// Networks that a search tries, with the names they have in its table:
///
///     Candidates<Net<3>, Net<5>, Net<7>> kernels{"kernel 3", "kernel 5", "kernel 7"};
///
/// Each is compiled; a list of architectures that a template generates is as good as one written out.
template <class... Nets>
class Candidates {
 public:
  static constexpr std::size_t count = sizeof...(Nets);

  template <class... Names>
  requires(sizeof...(Names) == sizeof...(Nets)) explicit Candidates(Names&&... names)
      : names_{std::string(std::forward<Names>(names))...} {}

  const std::string& name(std::size_t i) const { return names_[i]; }

  /// Calls f.operator()<Net>() for candidate i.
  template <class F>
  void visit(std::size_t i, F&& f) const {
    std::size_t at = 0;
    static_cast<void>(((at++ == i ? (f.template operator()<Nets>(), true) : false) || ...));
  }

 private:
  std::array<std::string, sizeof...(Nets)> names_;
};

}  // namespace strata
