// Dense on the CPU: inputs, units and batches on both sides of every tile, and what rides on its stores.
#include <layers/check_group.hpp>

using namespace strata;
using layer_test::check_group;
using layer_test::check_inference;

BOOST_AUTO_TEST_SUITE(dense)

BOOST_AUTO_TEST_CASE(sizes) {
  check_group<Vector<1>, Dense<1>>({1, 2, 9});
  check_group<Vector<3>, Dense<2>>({1, 5, 17});
  check_group<Vector<17>, Dense<16>>({1, 3, 12});
  check_group<Vector<130>, Dense<64>>({3, 8});
  check_group<Vector<400>, Dense<3>>({1, 10});
  check_group<Vector<7>, Dense<400>>({2, 9});
  check_group<Vector<1700>, Dense<21>>({2, 40});  // sums in blocks of inputs; panels of samples, the last one partial
}

BOOST_AUTO_TEST_CASE(flattens_an_image) {
  check_group<Image<3, 5, 2>, Dense<10>>();
  check_group<Image<4, 4, 3>, Flatten, Dense<10>>();
}

BOOST_AUTO_TEST_CASE(without_a_bias) { check_group<Vector<11>, Dense<19, NoBias>>({1, 9}); }

BOOST_AUTO_TEST_CASE(fused) {
  check_group<Vector<20>, Dense<30>, ReLU>({1, 9});
  check_group<Vector<20>, Dense<30>, LeakyReLU<25>, Dropout<50>>({1, 9});
  check_group<Vector<20>, Dense<30>, ReLU, Flatten>({9});
}

BOOST_AUTO_TEST_CASE(inference) {
  check_inference<Vector<20>, Dense<30>, BatchNorm<>, ReLU>({1, 9});
  check_inference<Vector<20>, Dense<3>, Dropout<20>>({1, 9});
}

#if STRATA_FULL_GRIDS
BOOST_AUTO_TEST_CASE(grid) {
  auto units = []<int... U>(std::integer_sequence<int, U...>) {
    (check_group<Vector<1>, Dense<U>>({1, 6}), ...);
    (check_group<Vector<64>, Dense<U>>({1, 7}), ...);
    (check_group<Vector<129>, Dense<U>>({5, 24}), ...);
    (check_group<Vector<U>, Dense<5>>({3, 8}), ...);
    (check_group<Vector<U>, Dense<48>>({4, 9}), ...);
  };
  units(std::integer_sequence<int, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 28, 31, 32, 33, 64, 65, 100, 128, 257, 400>{});
}
#endif

BOOST_AUTO_TEST_SUITE_END()
