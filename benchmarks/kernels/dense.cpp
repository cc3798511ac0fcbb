// Dense layers: large batches against the FMA peak, one sample against the memory its weights come from.
#include "register.hpp"

namespace bench {
namespace {

using namespace strata;

template <int In, int Out>
void add(int batch) {
  const std::string name = "dense/" + std::to_string(In) + "-" + std::to_string(Out) + "/b" + std::to_string(batch);
  const Work work{2.0 * batch * In * Out, 0};
  add_forward<Mode::training, Vector<In>, Dense<Out>>(name, batch, work);
  add_gradients<Vector<In>, Dense<Out>>(name, batch, work);
}

/// One sample reads every weight once.
template <int In, int Out>
void add_single() {
  add_forward<Mode::inference, Vector<In>, Dense<Out>>(
      "dense/" + std::to_string(In) + "-" + std::to_string(Out) + "/b1", 1, {0, 4.0 * In * Out});
}

}  // namespace

void add_dense() {
  add<5408, 100>(32);
  add<3200, 128>(256);
  add<784, 397>(32);
  add_single<5408, 100>();
  add_single<3200, 128>();
  add_single<784, 397>();
  add_single<32768, 256>();
}

}  // namespace bench
