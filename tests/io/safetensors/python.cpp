// Python's safetensors package reads what strata writes, and the reverse.
#include <boost/test/unit_test.hpp>
#include <cstdlib>

#include "io/folder.hpp"
#include "io/safetensors/sample.hpp"

using namespace strata::safetensors;

namespace {

const std::filesystem::path here = std::filesystem::path(__FILE__).parent_path();

boost::test_tools::assertion_result python_is_there(boost::unit_test::test_unit_id) {
  if (std::system("python3 -c 'import safetensors, numpy' 2>/dev/null") == 0) return true;
  boost::test_tools::assertion_result no(false);
  no.message() << "skipped: python3 with safetensors and numpy is not installed (pip install safetensors numpy)";
  return no;
}

int interop(const std::string& what, const std::string& path) {
  return std::system(("python3 '" + (here / "interop.py").string() + "' " + what + " '" + path + "'").c_str());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(safetensors_python)

BOOST_AUTO_TEST_CASE(a_stored_file_of_the_package) {
  const File file = File::read((here / "../../golden/safetensors_python.bin").string());
  const Sample sample;
  sample.check(file);
  BOOST_TEST(file.metadata().size() == sample.metadata.size() + 1);
  BOOST_REQUIRE(file.metadata("made_by"));
  BOOST_TEST(*file.metadata("made_by") == "safetensors 0.8.0, numpy 2.4.6");
}

BOOST_AUTO_TEST_CASE(the_package_reads_what_strata_writes, *boost::unit_test::precondition(python_is_there)) {
  const Folder folder;
  const Sample sample;
  write(folder.file("strata.safetensors"), sample.metadata, sample.tensors);
  BOOST_TEST(interop("check", folder.file("strata.safetensors")) == 0);
}

BOOST_AUTO_TEST_CASE(strata_reads_what_the_package_writes, *boost::unit_test::precondition(python_is_there)) {
  const Folder folder;
  BOOST_REQUIRE(interop("write", folder.file("python.safetensors")) == 0);
  Sample().check(File::read(folder.file("python.safetensors")));
}

BOOST_AUTO_TEST_SUITE_END()
