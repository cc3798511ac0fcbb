# What the tools need from the system, and how it gets installed. Sourced, not run.
#
#   require_command cmake cmake                     the tool cannot go on without it
#   wish_header zlib.h zlib1g-dev "why"             it can, but something is lost
#   install_missing                                 prints what is missing and installs it: as root at once, else after a yes

required_packages=()
wished_packages=()
wished_reasons=()

compiler=${CXX:-}
if [[ -z $compiler ]]; then
  compiler=c++
  command -v c++ > /dev/null || compiler=g++
fi

has_header() {
  printf '#if !__has_include(<%s>)\n#error missing\n#endif\n' "$1" | "$compiler" -E -x c++ - > /dev/null 2>&1
}

require_command() { command -v "$1" > /dev/null || required_packages+=("$2"); }
require_header() { has_header "$1" || required_packages+=("$2"); }
wish() { wished_packages+=("$1") wished_reasons+=("$2"); }
wish_command() { command -v "$1" > /dev/null || wish "$2" "$3"; }
wish_header() { has_header "$1" || wish "$2" "$3"; }

# A compiler, CMake and Ninja: what every build needs.
require_build_tools() {
  require_command "$compiler" g++
  require_command cmake cmake
  require_command ninja ninja-build
}

# The libraries that strata works without, but that the MNIST files as published (gzip) and --predict want.
wish_optional_libraries() {
  wish_header zlib.h zlib1g-dev "without it: no gzip-compressed data files"
  wish_header stb/stb_image.h libstb-dev "without it: no PNG or JPEG images"
}

is_root() { ((EUID == 0)); }

apt_install() {
  local prefix=()
  is_root || prefix=(sudo)
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends
                 -o DPkg::Lock::Timeout=300 "$@")
  # A fresh machine has no package lists yet, an old one stale lists: fetch them when the first try fails.
  "${prefix[@]}" "${install[@]}" ||
    { "${prefix[@]}" apt-get update -q -o DPkg::Lock::Timeout=300 && "${prefix[@]}" "${install[@]}"; }
}

# Installs the packages named; prints apt's words only if it fails.
apt_install_quietly() {
  local log
  log=$(mktemp)
  if apt_install "$@" > "$log" 2>&1; then
    rm -f "$log"
  else
    tail -n 20 "$log" >&2
    rm -f "$log"
    return 1
  fi
}

may_install() {
  is_root && return 0
  local answer=
  if [[ -t 0 ]] && command -v sudo > /dev/null; then
    read -r -p "Install with: sudo apt-get install $*  [y/N] " answer
  else
    echo "Install as root: apt-get install $*"
  fi
  [[ $answer == [yY]* ]]
}

# Returns 1 if something required stays missing.
install_missing() {
  local all=("${required_packages[@]}" "${wished_packages[@]}") i
  ((${#all[@]})) || return 0
  echo "Missing packages (names as in Debian and Ubuntu):"
  for i in "${required_packages[@]}"; do echo "  $i"; done
  for i in "${!wished_packages[@]}"; do echo "  ${wished_packages[i]} (${wished_reasons[i]})"; done

  if ! command -v apt-get > /dev/null; then
    echo "There is no apt-get here; install their like with your own package manager."
    ((${#required_packages[@]} == 0))
    return
  fi
  if ! may_install "${all[@]}"; then
    ((${#required_packages[@]} == 0))
    return
  fi
  if ((${#required_packages[@]})); then
    echo "Installing ${required_packages[*]} ..."
    apt_install_quietly "${required_packages[@]}" || return 1
  fi
  # One at a time: an older or newer distribution may lack one of them.
  for i in "${wished_packages[@]}"; do
    echo "Installing $i ..."
    apt_install_quietly "$i" || echo "$i could not be installed; going on without it."
  done
}
