// strata_doctor: what this machine and this build have, and what will run where.
#include "ask.hpp"
#include "report.hpp"

#include <build.hpp>

#include <cstdio>
#include <string_view>

// CMake defines these for whoever uses strata.
#ifdef STRATA_WITH_ZLIB
static const doctor::Part zlib{.there = true, .about = "gzip-compressed data files"};
#else
static const doctor::Part zlib{.there = false, .about = "no gzip-compressed data files; Debian, Ubuntu: zlib1g-dev"};
#endif
#ifdef STRATA_WITH_STB
static const doctor::Part stb{.there = true, .about = "PNG and JPEG images"};
#else
static const doctor::Part stb{.there = false, .about = "no PNG and JPEG images; Debian, Ubuntu: libstb-dev"};
#endif

int main(int argc, char** argv) {
  bool json = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--json") {
      json = true;
    } else if (argument == "--help" || argument == "-h") {
      std::puts("strata_doctor [--json]: what this machine and this build have, and what will run where.");
      return 0;
    } else {
      std::fprintf(stderr, "strata_doctor: unknown argument '%s'; it takes --json\n", argv[i]);
      return 2;
    }
  }
  const doctor::Facts facts{.strata = doctor::build::version,
                            .toolkit = doctor::ask_build(),
                            .driver = doctor::ask_driver(),
                            .runtime = doctor::ask_runtime(),
                            .processor = doctor::ask_processor(),
                            .zlib = zlib,
                            .stb = stb};
  std::fputs((json ? as_json(facts) : as_text(facts)).c_str(), stdout);
  return 0;
}
