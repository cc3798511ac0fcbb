// No allocation in a training step from the second on, and none in a prediction after the first: of any thread, through
// operator new or malloc.
#include "reference_models.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <vector>

// Sanitizers bring a malloc of their own, and only glibc lets a program put itself in front of its own.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define STRATA_TEST_SANITIZED
#endif
#endif
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
    !defined(STRATA_TEST_SANITIZED)
#define STRATA_TEST_COUNTS 1
#else
#define STRATA_TEST_COUNTS 0
#endif

namespace {

std::atomic<std::int64_t> allocations{0};
std::atomic<std::int64_t> aligned_bytes{0};  ///< asked for on lines of 64 bytes: the arrays that strata computes in

}  // namespace

#if STRATA_TEST_COUNTS
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

// operator new of the standard library ends here, too.
void* malloc(std::size_t n) {
  ++allocations;
  return __libc_malloc(n);
}
void* calloc(std::size_t n, std::size_t size) {
  ++allocations;
  return __libc_calloc(n, size);
}
void* realloc(void* p, std::size_t n) {
  ++allocations;
  return __libc_realloc(p, n);
}
void* memalign(std::size_t alignment, std::size_t n) {
  ++allocations;
  if (alignment == 64) aligned_bytes += static_cast<std::int64_t>(n);
  return __libc_memalign(alignment, n);
}
void* aligned_alloc(std::size_t alignment, std::size_t n) { return memalign(alignment, n); }
int posix_memalign(void** p, std::size_t alignment, std::size_t n) {
  *p = memalign(alignment, n);
  return *p || n == 0 ? 0 : ENOMEM;
}
}
#endif

using namespace strata;

namespace {

boost::test_tools::assertion_result allocations_are_counted(boost::unit_test::test_unit_id) {
  if (STRATA_TEST_COUNTS) return true;
  boost::test_tools::assertion_result no(false);
  no.message() << "skipped: allocations are counted only with glibc and without a sanitizer";
  return no;
}

/// Allocations while `f` runs.
template <class F>
std::int64_t count(F f) {
  const std::int64_t before = allocations;
  f();
  return allocations - before;
}

template <class Net, class Optimizer>
void check_training(const Optimizer& optimizer) {
  const Dataset data = synthetic_digits(16 * 12 + 5, 1);
  auto run = [&](std::int64_t samples, std::int64_t epochs) {
    Model<Net> model{seed(1), threads(3)};
    const Dataset part = data.take(samples);
    return count([&] { fit(model, part, optimizer, {.epochs = epochs, .batch = 16, .progress = Progress::silent}); });
  };
  const std::int64_t one_step = run(16, 1);
  BOOST_TEST(one_step > 0);  // the counter works
  BOOST_TEST(run(32, 1) == one_step);
  BOOST_TEST(run(16 * 12, 1) == one_step);
  BOOST_TEST(run(16 * 12 + 5, 1) == one_step);  // a partial batch
  BOOST_TEST(run(16 * 12 + 5, 4) == one_step);
}

template <class Net>
void check_prediction() {
  const Dataset data = synthetic_digits(300, 1);
  Model<Net> model{seed(1), threads(3)};
  Predictor<Net> predictor{model, threads(2)};
  std::vector<float> to(3000);
  auto predict_all = [&](auto& m) {
    predict(m, data.image(0));
    BOOST_TEST(count([&] {
                 for (std::int64_t i = 0; i < 50; ++i) predict(m, data.image(i));
               }) == 0);
    predict(m, data, std::span<float>(to));
    BOOST_TEST(count([&] { predict(m, data, std::span<float>(to)); }) == 0);
    // Another size of a batch, within what there is room for.
    BOOST_TEST(count([&] { predict(m, data.take(77), std::span<float>(to).first(770)); }) == 0);
    BOOST_TEST(count([&] { predict(m, data.image(3)); }) == 0);
  };
  predict_all(model);
  predict_all(predictor);
  // The confusion matrix is made anew in each evaluation, whatever its size.
  evaluate(model, data);
  const std::int64_t one = count([&] { evaluate(model, data.take(1)); });
  BOOST_TEST(one <= 2);
  BOOST_TEST(count([&] { evaluate(model, data); }) == one);
}

/// What the type says it takes, against what is asked for.
template <class Net, class Optimizer>
void check_bytes(const Optimizer& optimizer, int batch, int thread_count) {
  const Dataset data = synthetic_digits(batch, 1);
  const std::int64_t before = aligned_bytes;
  Model<Net> model{seed(1), threads(thread_count)};
  fit(model, data, optimizer, {.batch = batch, .progress = Progress::silent});
  const auto pool = static_cast<std::int64_t>(sizeof(cpu::Pool));  // stands on a line of its own as well
  const auto said = static_cast<std::int64_t>(Net::training_bytes(batch, optimizer, thread_count));
  BOOST_TEST(aligned_bytes - before == said + pool);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(train_allocation, *boost::unit_test::precondition(allocations_are_counted))

BOOST_AUTO_TEST_CASE(steps_do_not_allocate) {
  check_training<reference::SmallR12>(Adam{});
  check_training<reference::SmallR5>(SGD{.momentum = 0.9});
}

BOOST_AUTO_TEST_CASE(predictions_do_not_allocate) {
  check_prediction<reference::SmallR12>();
  check_prediction<reference::SmallR5>();
}

BOOST_AUTO_TEST_CASE(training_takes_the_bytes_that_the_type_says) {
  check_bytes<reference::SmallR12>(Adam{}, 20, 1);
  check_bytes<reference::SmallR12>(SGD{.momentum = 0.9}, 7, 3);
  check_bytes<reference::SmallR5>(SGD{}, 33, 2);
  check_bytes<reference::SmallR5>(Adam{}, 64, 1);
}

BOOST_AUTO_TEST_SUITE_END()
