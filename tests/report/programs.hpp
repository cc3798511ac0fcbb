// Programs that stand in for gnuplot, and whether there is a real one.
#pragma once

#include <strata/report/gnuplot.hpp>

#include <boost/test/unit_test.hpp>

#include "io/folder.hpp"

#include <filesystem>
#include <string>

inline boost::test_tools::assertion_result gnuplot_is_there(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result there(strata::Gnuplot().is_there());
  if (!there) there.message() << "gnuplot is not installed";
  return there;
}

/// A shell script as a program in the folder.
inline std::string program(const Folder& folder, const std::string& name, const std::string& commands) {
  const std::string path = folder.file(name);
  put(path, "#!/bin/sh\n" + commands + "\n");
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  return path;
}

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
