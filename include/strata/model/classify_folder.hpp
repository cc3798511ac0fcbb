// A folder of pictures as a table: what a Classifier says of each of them.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/file.hpp>
#include <strata/core/in_threads.hpp>
#include <strata/core/text.hpp>
#include <strata/data/picture_list.hpp>
#include <strata/model/classifier.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace strata {

/// How a folder is classified.
struct ClassifyFolderOptions {
  int top = 1;                              ///< columns of the table: so many of the likeliest classes
  int threads = 0;                          ///< that decode and predict; 0: one for each core
  const std::atomic<bool>* stop = nullptr;  ///< where it becomes true, pictures that were not begun are left out
  std::function<void(std::size_t done, std::size_t all)> progress{};  ///< called behind each picture, one at a time
};

/// What became of a folder.
struct ClassifiedFolder {
  std::size_t pictures = 0;         ///< in the table, the broken ones included
  std::vector<std::string> broken;  ///< a line for each that could not be read: which, and why
  bool stopped = false;             ///< before all were classified
};

namespace detail {

/// A field of a table of comma-separated values (RFC 4180): in quotes where it holds a comma, a quote, a line's end, or
/// blanks at its ends.
[[gnu::cold]] inline std::string csv_field(std::string_view text) {
  const bool has_blank = !text.empty() && (text.front() == ' ' || text.back() == ' ');
  if (!has_blank && text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string field = "\"";
  for (const char c : text) field.append(c == '"' ? 2 : 1, c);
  return field + "\"";
}

/// The pictures in a folder and in those below it, sorted. Hidden ones do not count, and links to folders are not
/// followed, so that there is an end.
[[gnu::cold]] inline std::vector<fs::path> pictures_below(const std::string& folder) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::recursive_directory_iterator at(folder, error); !error && at != fs::recursive_directory_iterator();
       at.increment(error)) {
    if (at->path().filename().string().front() == '.')
      at.disable_recursion_pending();
    else if (may_be_picture(*at))
      found.push_back(at->path());
  }
  if (error) throw Error(joined({folder, ": cannot be read: ", error.message()}));
  if (found.empty()) throw Error(joined({folder, ": holds no PNG, JPEG or BMP file"}));
  std::sort(found.begin(), found.end());
  return found;
}

/// "file,class,probability,class_2,probability_2,error".
[[gnu::cold]] inline std::string classified_header(int top) {
  std::string text = "file";
  for (int k = 1; k <= top; ++k) {
    const std::string number = k == 1 ? "" : joined({"_", k});
    append(text, {",class", number, ",probability", number});
  }
  return text + ",error\n";
}

/// A picture's line behind its name.
[[gnu::cold]] inline std::string classified_fields(const std::vector<ClassProbability>& ranked) {
  std::string text;
  for (const ClassProbability& c : ranked) {
    const int millionths = static_cast<int>(static_cast<double>(c.probability) * 1e6 + .5);
    char number[24];
    std::snprintf(number, sizeof number, "%d.%06d", millionths / 1'000'000, millionths % 1'000'000);
    append(text, {",", csv_field(c.name), ",", number});
  }
  return text + ",\n";
}

}  // namespace detail

/// Classifies the pictures in a folder, and in those below it, in several threads, and writes a table of
/// comma-separated values: a line for each, in the order of their names, which are told from the folder on.
///
///     file,class,probability,class_2,probability_2,error
///     bella.jpg,dog,0.981203,cat,0.018797,
///     broken.png,,,,,bella.png: is a broken picture: bad huffman code
///
/// A picture that cannot be read has a line that says why, and stops nothing. The table is written aside and renamed;
/// where the run is stopped it holds what was classified until then.
///
/// Throws Error where the folder cannot be read or holds no picture, and where the table cannot be written: this
/// before anything is classified, too.
template <class Net, class Backend>
[[gnu::cold]] ClassifiedFolder classify_folder(const Classifier<Net, Backend>& classifier, const std::string& folder,
                                               const std::string& table, const ClassifyFolderOptions& options = {}) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (fs::is_directory(table, ignored)) throw Error(joined({table, ": this is a folder; name a file"}));
  const int top = std::clamp(options.top, 1, static_cast<int>(classifier.classes().size()));
  const std::vector<fs::path> pictures = detail::pictures_below(folder);
  FileWriter writer{table};
  writer.write(detail::classified_header(top));

  std::vector<std::string> lines(pictures.size()), errors(pictures.size());
  std::mutex mutex;
  std::size_t done = 0;
  std::exception_ptr failure;  // of the caller's progress
  std::atomic<bool> gives_up{false};
  detail::in_threads(pictures.size(), options.threads, [&](std::size_t i) {
    if (gives_up || (options.stop != nullptr && *options.stop)) return;
    const std::string path = pictures[i].string();
    std::string line = detail::csv_field(pictures[i].lexically_relative(folder).generic_string());
    try {
      line += detail::classified_fields(classifier.top(path, top));
    } catch (const std::exception& e) {
      errors[i] = e.what();
      if (errors[i].find(path) == std::string::npos) errors[i] = joined({path, ": ", errors[i]});
      line.append(static_cast<std::size_t>(2 * top) + 1, ',');
      append(line, {detail::csv_field(errors[i]), "\n"});
    }
    const std::lock_guard lock(mutex);
    lines[i] = std::move(line);
    ++done;
    if (!options.progress || gives_up) return;
    try {
      options.progress(done, pictures.size());
    } catch (...) {
      failure = std::current_exception();
      gives_up = true;
    }
  });
  if (failure) std::rethrow_exception(failure);

  ClassifiedFolder result{.pictures = done, .broken = {}, .stopped = done < pictures.size()};
  for (const std::string& line : lines) writer.write(line);
  for (std::string& error : errors)
    if (!error.empty()) result.broken.push_back(std::move(error));
  writer.commit();
  return result;
}

}  // namespace strata
