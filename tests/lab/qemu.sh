# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by run: a QEMU that plays an SR-IOV NIC (igb), which Debian 12's own does not. The one of
# Debian's backports is unpacked beside the build, never installed, and no source of this machine's
# apt changes.

# keep_sriov_qemu CACHE: fills CACHE/qemu unless it is there; sets $qemu.
keep_sriov_qemu() {
  local cache=$1 lock
  exec {lock}>"$cache/qemu-lock"
  flock "$lock"
  [[ -d $cache/qemu ]] || fetch_qemu "$cache"
  exec {lock}>&-
  qemu=$(realpath "$cache/qemu")/run
  "$qemu" --version >/dev/null 2>&1 || cannot "the QEMU of Debian's backports does not run here"
}

fetch_qemu() { # CACHE
  local new mirror
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Identifier: Packages' 2>/dev/null |
    awk '$2 == "bookworm" { print $1; exit }')
  [[ $mirror ]] || cannot "apt names no mirror of Debian 12, so there is no QEMU that plays an SR-IOV NIC"
  say "fetching QEMU from Debian's backports"
  new=$(mktemp -d "$(realpath "$1")/new.XXXXXX")
  mkdir -p "$new"/apt/{lists,archives}/partial "$new/qemu" "$new/none"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror bookworm-backports main" \
    >"$new/apt/sources"
  (cd "$new" && backports update && backports download qemu-system-x86 qemu-system-data seabios) ||
    { rm -rf "$new" && cannot "Debian's backports, with a QEMU that plays an SR-IOV NIC, cannot be had"; }
  local package
  for package in "$new"/*.deb; do dpkg -x "$package" "$new/qemu"; done
  cat >"$new/qemu/run" <<'RUN'
#!/bin/sh
# The modules of the machine's own QEMU do not fit.
here=$(dirname "$0")
export QEMU_MODULE_DIR="$here/none"
exec "$here/usr/bin/qemu-system-x86_64" -L "$here/usr/share/qemu" -L "$here/usr/share/seabios" "$@"
RUN
  chmod 755 "$new/qemu/run"
  mv "$new/qemu" "$1/qemu"
  rm -rf "$new"
}

backports() { # apt-get's command and its arguments, in the folder of fetch_qemu
  apt-get -qq -o APT::Sandbox::User=root -o Dir::Etc::SourceList="$PWD/apt/sources" \
    -o Dir::Etc::SourceParts=- -o Dir::State::Lists="$PWD/apt/lists" -o Dir::Cache="$PWD/apt" \
    -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 "$@" >&2
}
