// Conditions of test cases: what only the simulated GPU can answer.
#pragma once

#include <simt/machine/machine.hpp>

#include <boost/test/unit_test.hpp>

namespace simt_test {

/// Skips a case where accesses are not seen; says why.
inline boost::test_tools::assertion_result sees_accesses(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(simt::sees_accesses());
  result.message() << "accesses are not seen under another sanitizer";
  return result;
}

/// Skips a case about the GPU itself where it is a real one: gpu/stand_ins/.
inline boost::test_tools::assertion_result is_simulated(boost::unit_test::test_unit_id) {
  return boost::test_tools::assertion_result(simt::is_simulated);
}

}  // namespace simt_test
