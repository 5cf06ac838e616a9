# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by ./check and ./demo: installs what tests/packages.txt names.

# packages_for KIND...: the packages of these kinds, one a line.
packages_for() {
  awk -v kinds=" $* " '!/^#/ && NF == 2 && index(kinds, " " $2 " ") { print $1 }' tests/packages.txt
}

# missing_packages PACKAGE...: those that are not installed.
missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
      echo "$package"
  done
}

# install_packages KIND...: asks apt only when something is missing.
install_packages() {
  local missing
  # shellcheck disable=SC2046
  missing=$(missing_packages $(packages_for "$@"))
  [[ -n $missing ]] || return 0
  if [[ $(id -u) != 0 ]]; then
    echo "missing packages, and only root can install them:" $missing >&2
    return 1
  fi
  echo "installing:" $missing
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update || return 1
  # shellcheck disable=SC2086
  apt-get -qq -y -o Dpkg::Use-Pty=0 install --no-install-recommends $missing </dev/null
}
