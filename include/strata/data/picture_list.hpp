// Which pictures a folder with a folder for each class holds.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/text.hpp>
#include <strata/core/utf8.hpp>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace strata::detail {

namespace fs = std::filesystem;

/// The pictures of a folder, class by class, sorted by name.
struct PictureList {
  std::vector<std::string> classes;  ///< by label
  std::vector<std::string> files;
  std::vector<std::int32_t> labels;
};

inline bool is_picture_name(const fs::path& path) {
  std::string end = path.extension().string();
  for (char& c : end) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return end == ".png" || end == ".jpg" || end == ".jpeg" || end == ".bmp";
}

/// The entries of a folder for which `wanted` holds, sorted by name; hidden ones do not count.
template <class Wanted>
std::vector<fs::path> sorted_entries(const fs::path& folder, Wanted wanted) {
  std::error_code error;
  std::vector<fs::path> entries;
  fs::directory_iterator at(folder, error);
  for (; !error && at != fs::directory_iterator(); at.increment(error))
    if (at->path().filename().string().front() != '.' && wanted(*at)) entries.push_back(at->path());
  if (error) throw Error(joined({folder.string(), ": cannot be read: ", error.message()}));
  std::sort(entries.begin(), entries.end());
  return entries;
}

inline bool is_folder(const fs::directory_entry& e) {
  std::error_code ignored;
  return e.is_directory(ignored);
}

/// Whether an entry may be a picture: no folder, nor a pipe or a device, which might be read for ever. A link that
/// leads nowhere may; reading it tells why not.
inline bool may_be_picture(const fs::directory_entry& e) {
  std::error_code ignored;
  return is_picture_name(e.path()) && !is_folder(e) && !e.is_other(ignored);
}

/// Whether an entry is the folder of a class. Throws Error where it is a link that leads nowhere, or in a circle.
inline bool is_class(const fs::directory_entry& e) {
  std::error_code error;
  const bool there = e.exists(error);
  if (!there)
    throw Error(joined({e.path().string(), ": leads nowhere: ", error ? error.message() : "it is a broken link"}));
  return is_folder(e);
}

/// Lists the pictures of `folder`, whose folders are the classes: those that are named, in the order of labels, or,
/// where none is, all of them. Links are followed, to one level: pictures lie in the folder of their class and no
/// deeper.
///
/// Throws Error where there is no class, one has no picture or no name in UTF-8, or is not among the named.
inline PictureList list_pictures(const std::string& folder, const std::vector<std::string>& classes) {
  const std::vector<fs::path> folders = sorted_entries(folder, is_class);
  if (folders.empty())
    throw Error(joined({folder, ": holds no folder; each class of pictures has a folder of its own in there"}));
  PictureList list;
  list.classes = classes;
  if (list.classes.empty())
    for (const fs::path& f : folders) {
      list.classes.push_back(f.filename().string());
      if (find_invalid_utf8(list.classes.back()) != std::string::npos)
        throw Error(joined({f.string(), ": its name, which is that of a class, is not UTF-8; give it another"}));
    }
  for (const fs::path& f : folders) {
    const auto found = std::find(list.classes.begin(), list.classes.end(), f.filename().string());
    if (found == list.classes.end())
      throw Error(joined({f.string(), ": is none of the ", list.classes.size(), " classes that are expected, such as ",
                          list.classes.front()}));
    const std::vector<fs::path> files = sorted_entries(f, may_be_picture);
    if (files.empty()) throw Error(joined({f.string(), ": holds no PNG, JPEG or BMP file"}));
    for (const fs::path& file : files) {
      list.files.push_back(file.string());
      list.labels.push_back(static_cast<std::int32_t>(found - list.classes.begin()));
    }
  }
  return list;
}

}  // namespace strata::detail
