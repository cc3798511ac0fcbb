// The reference models and a network of every layer, trained on the device in full precision as on the CPU.
#include <cuda/networks.hpp>

#include <boost/test/unit_test.hpp>

using namespace strata;
using cuda_test::check;
using cuda_test::momentum;

BOOST_AUTO_TEST_SUITE(networks_fp32)

BOOST_AUTO_TEST_CASE(every_layer) { check<cuda_test::Every, Fp32>(momentum, 4, 3, 1e-5, 25); }
BOOST_AUTO_TEST_CASE(r1) { check<reference::R1, Fp32>(momentum, 1, 3, 1e-5, 11); }
BOOST_AUTO_TEST_CASE(r5) { check<reference::R5, Fp32>(momentum, 2, 3, 1e-5, 30); }
BOOST_AUTO_TEST_CASE(r12) { check<reference::R12, Fp32>(momentum, 2, 3, 1e-5, 11); }

BOOST_AUTO_TEST_SUITE_END()
