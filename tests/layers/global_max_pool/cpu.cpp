// GlobalMaxPool on the CPU: one pixel, one channel, shapes that end a vector anywhere, and layers around it.
#include <layers/check_group.hpp>
#include <layers/global_max_pool/reference.hpp>

using namespace strata;
using layer_test::check_group;

BOOST_AUTO_TEST_SUITE(global_max_pool)

BOOST_AUTO_TEST_CASE(shapes) {
  static_assert(GlobalMaxPool::output(Shape::image(7, 5, 3)).shape == Shape::image(1, 1, 3));
  check_group<Image<1, 1, 20>, GlobalMaxPool>();
  check_group<Image<7, 5, 1>, GlobalMaxPool>();
  check_group<Image<7, 5, 3>, GlobalMaxPool>();
  check_group<Image<4, 4, 33>, GlobalMaxPool>();
}

BOOST_AUTO_TEST_CASE(with_layers_around_it) {
  check_group<Image<6, 7, 3>, ReLU, GlobalMaxPool, Flatten, Dropout<50>>();
  check_group<Image<3, 5, 4>, Dropout<50>, LeakyReLU<25>, GlobalMaxPool, LeakyReLU<25>>();
}

BOOST_AUTO_TEST_CASE(inference) { layer_test::check_inference<Image<5, 7, 3>, ReLU, GlobalMaxPool, Flatten>(); }

BOOST_AUTO_TEST_CASE(winners_far_behind) {  // more pixels than 16 bits count
  const auto group =
      layer_test::group_values<GroupSpec<Cpu<>, Mode::training, Image<2, 40000, 1>, GlobalMaxPool>>::make();
  layer_test::GroupRun run(group, 1, layer_test::pool_for(1));
  reference::Tensor x(1, 2, 40000, 1), dy(1, 1, 1, 1);
  x.set(79990, 1);
  dy.set(0, 3);
  run.set_input(x);
  run.forward(true);
  run.backward(dy, true);
  BOOST_TEST(run.output()[0] == 1);
  const std::vector<float> dx = run.input_gradient();
  for (std::size_t i = 0; i < dx.size(); ++i) BOOST_REQUIRE(dx[i] == (i == 79990 ? 3 : 0));
}

BOOST_AUTO_TEST_SUITE_END()
