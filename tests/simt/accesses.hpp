// For test cases that look at accesses one by one.
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

}  // namespace simt_test
