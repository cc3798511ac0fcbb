// The main function of every test program.
#define BOOST_TEST_MODULE strata
#if defined(STRATA_BOOST_TEST_INCLUDED)  // where there is no compiled one
#include <boost/test/included/unit_test.hpp>
#else
#include <boost/test/unit_test.hpp>
#endif
