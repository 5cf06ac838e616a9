# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by run: gets Debian's kernel, unpacks it beside the build, and makes what starts it. Nothing
# is installed, and /boot and /lib/modules of this machine stay as they are.

# keep_kernel CACHE NETDEVSIM: fills CACHE/kernel unless it is there; sets $version.
keep_kernel() {
  local cache=$1 netdevsim=$2 lock
  mkdir -p "$cache"
  exec {lock}>"$cache/lock"
  flock "$lock" # several runs may want it at once
  PATH=$PATH:/usr/sbin:/sbin
  [[ -d $cache/kernel ]] || fetch_kernel "$cache"
  version=$(<"$cache/kernel/version")
  [[ ! $netdevsim || -e $cache/kernel/lib/modules/$version/updates/netdevsim.ko ]] ||
    build_netdevsim "$cache"
  refresh_initramfs "$cache/kernel"
  exec {lock}>&-
}

download() { # PACKAGE...: into this directory
  apt-get -qq -o APT::Sandbox::User=root download "$@" >&2
}

# The generic flavour: the cloud one has no 9p, and fewer NICs.
kernel_package() {
  apt-cache depends linux-image-amd64 2>/dev/null |
    awk '/Depends: linux-image-/ { print $2; exit }'
}

fetch_kernel() { # CACHE
  local new package
  command -v apt-get >/dev/null || cannot "not a Debian: no kernel package can be had"
  package=$(kernel_package)
  [[ $package ]] || { apt-get -qq update >&2 && package=$(kernel_package); }
  [[ $package ]] || cannot "apt knows no kernel package"
  say "fetching $package"
  new=$(mktemp -d "$1/new.XXXXXX")
  (cd "$new" && download "$package") || { apt-get -qq update >&2 && (cd "$new" && download "$package"); } ||
    { rm -rf "$new" && cannot "$package cannot be downloaded"; }
  dpkg -x "$new"/*.deb "$new/kernel"
  version=$(ls "$new/kernel/lib/modules")
  depmod -b "$new/kernel" "$version"
  unpack_kernel "$new/kernel/boot/vmlinuz-$version" "$new/kernel/vmlinux"
  echo "$version" >"$new/kernel/version"
  mv "$new/kernel" "$1/kernel"
  rm -rf "$new"
}

# An unpacked kernel starts 3 s sooner than one that is unpacked under emulation.
unpack_kernel() { # VMLINUZ VMLINUX
  /usr/bin/python3 - "$@" <<'PY'
import lzma
import sys

with open(sys.argv[1], "rb") as packed, open(sys.argv[2], "wb") as unpacked:
    data = packed.read()
    unpacked.write(lzma.LZMADecompressor().decompress(data[data.index(b"\xfd7zXZ\0"):]))
PY
}

# Made anew when init changed.
refresh_initramfs() { # KERNEL
  [[ $1/initramfs.gz -nt $lab/init ]] || make_initramfs "$1"
}

make_initramfs() { # KERNEL
  local new module
  new=$(mktemp -d "$1/initramfs.XXXXXX")
  mkdir -p "$new"/{bin,dev,proc,sys,lower,upper,root,modules}
  cp "$(command -v busybox)" "$new/bin/busybox"
  for module in virtio_pci virtio_console virtio_rng 9pnet_virtio 9p overlay; do
    modprobe -d "$1" -S "$version" --show-depends "$module"
  done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r module; do
    cp "$module" "$new/modules/"
    echo "insmod /modules/${module##*/}"
  done >"$new/load"
  install -m 755 "$lab/init" "$new/init"
  (cd "$new" && find . | cpio -o -H newc --quiet) | gzip -1 >"$1/initramfs.gz"
  rm -rf "$new"
}

# netdevsim is in no Debian kernel, but its source and the kernel's headers are packages.
build_netdevsim() { # CACHE
  local kernel=$1/kernel new
  say "building netdevsim for $version"
  new=$(mktemp -d "$1/new.XXXXXX")
  (cd "$new" && make_netdevsim) || { rm -rf "$new" && cannot "netdevsim cannot be built"; }
  install -D -m 644 "$new/netdevsim/netdevsim.ko" \
    "$kernel/lib/modules/$version/updates/netdevsim.ko"
  depmod -b "$kernel" "$version"
  rm -rf "$new"
}

make_netdevsim() {
  local release source package
  release=$(apt-cache show "linux-headers-$version" | awk '/^Version:/ { print $2; exit }')
  download "linux-source-${version%.*}=$release" "linux-headers-$version=$release" \
    "linux-headers-${version%-*}-common=$release" "linux-kbuild-${version%.*}=$release" || return 1
  for package in linux-headers*.deb linux-kbuild*.deb; do
    dpkg -x "$package" unpacked || return 1
  done
  dpkg --fsys-tarfile linux-source*.deb | tar -xO --wildcards './usr/src/*.tar.xz' |
    tar -xJ --strip-components=3 --wildcards '*/drivers/net/netdevsim' || return 1
  source=unpacked/usr/src/linux-headers-$version
  sed -i "s,/usr/src,$PWD/unpacked/usr/src,g" "$source/Makefile" "$source/.kernelvariables"
  make -s -j2 -C "$source" M="$PWD/netdevsim" CONFIG_NETDEVSIM=m modules >&2
}
