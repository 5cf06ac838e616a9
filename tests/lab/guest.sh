# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# The beginning of the script that runs inside the guest (see run); $modules and $version are set.

share() { # TAG PATH: a folder of the machine outside that can be written
  mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=none "$1" "$2"
}

# Not eth0: until Linux 6.2 a name that is taken here cannot be given to a new link elsewhere.
name_nics() { # COUNT
  local i
  modprobe virtio_net
  for ((i = 0; i < $1; ++i)); do
    ip link set "eth$i" name "nic$i"
  done
}

# Its driver comes after those of the other NICs, so that its name is known.
name_pf() {
  modprobe igbvf
  modprobe igb
  ip link set eth0 name pf0
}

run_command() {
  local out err
  exec > >(exec cat >/dev/vport*p1)
  out=$!
  exec 2> >(exec cat >/dev/vport*p2)
  err=$!
  "$@" </dev/null
  status=$?
  exec >&- 2>&-
  # A program left behind may hold the output open: then it ends all the same.
  (sleep 5 && kill $out $err) &
  wait $out $err
}

run_shell() {
  stty sane </dev/hvc0
  setsid -c bash </dev/hvc0 >/dev/hvc0 2>&1
  status=$?
}

finish() {
  echo "$status" >/run/lab/rc
  sync
  echo o >/proc/sysrq-trigger
  sleep 60
}

export PATH=$PATH:/usr/sbin:/sbin
# The modules' own place, so that the kernel finds them by itself when it needs one.
mkdir -p "/lib/modules/$version" /dev/pts /dev/shm /sys/fs/cgroup
mount --bind "$modules" "/lib/modules/$version"
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
ln -sfn /proc/self/fd /dev/fd
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t debugfs debugfs /sys/kernel/debug
mkdir /dev/net
mknod /dev/net/tun c 10 200
ip link set lo up
hostname evbd-lab
