# Runs clang-format over every C++ file that git tracks. Sourced, not run.

# Another major version formats a little differently, so it has to be the one the files were formatted with.
clang_format_version=14

find_clang_format() {
  local candidate
  for candidate in "clang-format-$clang_format_version" clang-format; do
    if "$candidate" --version 2> /dev/null | grep -q "version $clang_format_version\."; then
      echo "$candidate"
      return
    fi
  done
  return 1
}

# format_all OPTION...: clang-format with these options, on all files. Exit status 77: there is no clang-format 14.
format_all() {
  local program
  if ! program=$(find_clang_format); then
    echo "skipped: clang-format $clang_format_version is not installed"
    return 77
  fi
  # Files that git tracks but that are deleted here are left out.
  git -c safe.directory='*' ls-files -z -- '*.hpp' '*.cpp' '*.cuh' '*.cu' |
    while IFS= read -r -d '' file; do [[ -e $file ]] && printf '%s\0' "$file"; done |
    xargs -0 -r -n 8 -P "$(nproc)" "$program" --style=file "$@"
}
