#include <simt/machine/where.hpp>

#include <unistd.h>

#include <cstdio>
#include <map>
#include <string_view>

extern "C" const char __executable_start;  // of the program's image, by the linker

namespace simt {
namespace {

std::string file_name(std::string_view path) { return std::string(path.substr(path.find_last_of('/') + 1)); }

// The innermost line that is not one of a primitive: of what was inlined there, addr2line names the inner line first.
std::string ask_addr2line(std::uintptr_t offset) {
  char command[128];
  std::snprintf(command, sizeof command, "addr2line -i -e /proc/%d/exe 0x%zx 2> /dev/null", getpid(), offset);
  std::string found;
  if (std::FILE* const answer = popen(command, "r")) {
    char line[1024];
    while (std::fgets(line, sizeof line, answer) != nullptr) {
      const std::string_view place(line, std::string_view(line).find_first_of(" \n"));
      if (place.find("cuda/primitives/") == std::string_view::npos && place.find("??") == std::string_view::npos &&
          found.empty())
        found = file_name(place);
    }
    pclose(answer);
  }
  return found;
}

}  // namespace

std::string text(const Where& where) {
  static std::map<std::uintptr_t, std::string> known;
  std::string& name = known[where.key()];
  if (!name.empty()) return name;
  if (const std::uintptr_t line = where.key() >> 48; line != 0) {
    const auto* const file = reinterpret_cast<const char*>(where.key() & 0xffffffffffff);
    return name = file_name(file) + ":" + std::to_string(line);
  }
  const std::uintptr_t offset = where.key() - reinterpret_cast<std::uintptr_t>(&__executable_start);
  name = ask_addr2line(offset - 1);  // the call itself lies before the address it returns to
  if (name.empty()) {
    char number[32];
    std::snprintf(number, sizeof number, "code +0x%zx", offset);
    name = number;
  }
  return name;
}

}  // namespace simt
