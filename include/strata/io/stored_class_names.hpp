// The names of a network's classes, read from its file.
#pragma once

#include <string>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/text.hpp>
#include <strata/io/class_names.hpp>
#include <strata/io/json.hpp>
#include <strata/io/safetensors.hpp>
#include <strata/io/text.hpp>

namespace strata {

namespace detail {

/// What a file's metadata tell of its classes; empty where they tell nothing. Throws where it is no list of names.
[[gnu::cold]] inline std::vector<std::string> class_names(const safetensors::File& file) {
  std::vector<std::string> names;
  const std::string* const text = file.metadata(class_names_key);
  if (text == nullptr) return names;
  try {
    json::Reader reader{*text};
    reader.array([&] { names.push_back(reader.string()); });
    reader.end();
    check_each_name(names);
  } catch (const Error& e) {
    throw Error(joined({"the metadata's ", shown(class_names_key), " is ", shown(*text),
                        "; a JSON list of names is expected: ", e.what()}));
  }
  return names;
}

}  // namespace detail

/// The names of the classes that save or save_checkpoint wrote into a file, in the order of the outputs; none where it
/// was not given any. Throws Error where the file is damaged, or holds something else in their place.
[[gnu::cold]] inline std::vector<std::string> class_names(const std::string& path) {
  const safetensors::File file = safetensors::File::read(path);
  try {
    return detail::class_names(file);
  } catch (const Error& e) {
    throw Error(joined({path, ": ", e.what()}));
  }
}

}  // namespace strata
