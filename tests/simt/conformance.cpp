// The conformance program's cases on the machine: they run, and give the same in every schedule.
#include <simt/conformance/cases.hpp>
#include <simt/simt.hpp>

#include <boost/test/unit_test.hpp>

#include <set>
#include <vector>

BOOST_AUTO_TEST_SUITE(conformance_cases)

BOOST_AUTO_TEST_CASE(do_not_depend_on_the_schedule) {
  std::vector<unsigned> in(conformance::in_words);
  for (unsigned i = 0; i < conformance::in_words; ++i) in[i] = conformance::input_word(i);
  std::set<std::vector<unsigned>> results;
  for (const conformance::Case& c : conformance::cases) {
    BOOST_TEST_CONTEXT(c.name) {
      std::vector<unsigned> first;
      for (const simt::Schedule& schedule : simt::three_schedules) {
        const simt::Machine machine({.schedule = schedule});
        std::vector<unsigned> out(conformance::out_words);
        c.launch(nullptr, in.data(), out.data());
        if (first.empty()) first = out;
        BOOST_TEST((out == first));
      }
      BOOST_TEST(results.insert(first).second, "each case looks at something else");
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
