// Whether a GPU that works is told from none, and from one that does not.
#include <simt/faults.hpp>
#include <simt/runtime/gpu.hpp>
#include <simt/simt.hpp>
#include <strata/cuda/available.cuh>

#include <boost/test/unit_test.hpp>

#include <string>

using namespace strata;
using simt_test::says;
namespace calls = cuda::calls;

BOOST_AUTO_TEST_SUITE(available)

BOOST_AUTO_TEST_CASE(a_gpu_that_works) {
  const simt::Gpu gpu;
  const cuda::Availability found = cuda::look_for_device();
  BOOST_TEST(static_cast<bool>(found), found.why_not);
  BOOST_TEST(found.device.major >= 8);
  BOOST_TEST(gpu.kernels_run() == 1);
  cuda::require_device();
}

BOOST_AUTO_TEST_CASE(none) {
  const cuda::Availability found = cuda::look_for_device();
  BOOST_TEST(!found);
  BOOST_TEST(says(found.why_not, "no GPU is found"), found.why_not);
  BOOST_CHECK_EXCEPTION(cuda::require_device(), Error, [](const Error& e) {
    return says(e.what(), "CUDA does not work here: no GPU is found", "Model<Net>", "--backend cpu");
  });
}

BOOST_AUTO_TEST_CASE(a_gpu_too_old) {
  const simt::Gpu gpu({.major = 7});
  const std::string why = cuda::look_for_device().why_not;
  BOOST_TEST(says(why, "simulated GPU (sm_70) is too old: sm_80 or later is needed"), why);
  BOOST_TEST(gpu.kernels_run() == 0);
}

BOOST_AUTO_TEST_CASE(a_driver_too_old) {
  simt::Gpu gpu;
  gpu.fail_next("cudaGetDeviceCount", calls::cudaErrorInsufficientDriver);
  const std::string why = cuda::look_for_device().why_not;
  BOOST_TEST(says(why, "no GPU is found: ", calls::cudaGetErrorString(calls::cudaErrorInsufficientDriver)), why);
}

BOOST_AUTO_TEST_CASE(no_driver) {  // which CUDA calls insufficient
  simt::Gpu gpu({.driver = 0});
  gpu.fail_next("cudaGetDeviceCount", calls::cudaErrorInsufficientDriver);
  BOOST_TEST(cuda::look_for_device().why_not == "no GPU is found: there is no CUDA driver");
}

BOOST_AUTO_TEST_CASE(kernels_that_do_not_run) {
  simt::Gpu gpu;
  gpu.fail_next("cudaStreamSynchronize", calls::cudaErrorLaunchFailure);
  const std::string why = cuda::look_for_device().why_not;
  BOOST_TEST(says(why, "kernels do not run on ", "was the program compiled for sm_80?", "cudaStreamSynchronize"), why);
}

BOOST_AUTO_TEST_SUITE_END()
