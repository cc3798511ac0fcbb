// Checks that hold for the reader of CSV whatever bytes it is given. The fuzz test and tests/fuzz share them.
#pragma once

#include <strata/data/csv.hpp>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

/// Reads `bytes`. Returns the message of the Error, or nothing when they are pictures, on which check_bytes then has to
/// agree. Throws std::logic_error where a promise is broken; undefined behaviour is for the sanitizers to find.
inline std::string read_hostile_csv(const std::vector<std::byte>& bytes, const strata::csv::Options& options) {
  using namespace strata;
  const auto promise = [](bool kept, const char* what) {
    if (!kept) throw std::logic_error(what);
  };
  try {
    const Dataset data = csv::parse(bytes, "d.csv", options);
    promise(data.size() >= 1, "there is a row");
    promise(static_cast<std::int64_t>(data.bytes().size()) == data.size() * data.shape().size(),
            "all pixels are there");
    promise(data.bytes().size() * 2 <= bytes.size() + 1, "each took a digit and what separates it from the next");
    const csv::Contents contents = csv::check_bytes(bytes, "d.csv", options);
    promise(contents.rows == data.size(), "check sees the same rows");
    promise(contents.missing_values() == 0, "check misses nothing that was read");
    return {};
  } catch (const Error& error) {
    const std::string message = error.what();
    promise(message.starts_with("d.csv:") && message.size() < 250, "messages are short and name the file");
    return message;
  }
}
