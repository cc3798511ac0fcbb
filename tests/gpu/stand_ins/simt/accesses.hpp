// Stands in for simt/accesses.hpp: what only the simulated GPU can answer is skipped.
#pragma once

#include <simt/simt.hpp>

#include <boost/test/unit_test.hpp>

namespace simt_test {

inline boost::test_tools::assertion_result sees_accesses(unsigned) {
  boost::test_tools::assertion_result result(false);
  result.message() << "a GPU's accesses are not seen one by one";
  return result;
}

inline boost::test_tools::assertion_result is_simulated(unsigned) {
  boost::test_tools::assertion_result result(false);
  result.message() << "asks the simulated GPU";
  return result;
}

}  // namespace simt_test
