// SPDX-License-Identifier: Apache-2.0
//
// What a test host has to tell libvirtd that its kernel cannot, loaded by LD_PRELOAD:
//
// - time(): libnl draws netlink port ids from it, and libvirt keeps them in a signed int. In half
// of
//   the time, by the hour of the day, they are 2^31 or more and libvirtd cannot send any request.
//   EVBD_TIME_OFFSET moves the hour, so that a test gets the half that it wants at once.
// - the VLAN of a VLAN device, which not every kernel has: EVBD_FAKE_VID is what libvirt then finds
//   above each macvtap.
// - /dev/tapN: devtmpfs is one for the whole machine, and N, an interface index, is one of a
// network
//   namespace. Two hosts in namespaces would open each other's device; here each opens its own, by
//   the number that sysfs, which follows the namespace, tells.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_vlan.h>
#include <linux/sockios.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

time_t time(time_t* result) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  const char* offset = getenv("EVBD_TIME_OFFSET");
  const time_t told = now.tv_sec + (offset ? atol(offset) : 0);
  if (result) *result = told;
  return told;
}

int ioctl(int fd, unsigned long request, ...) {
  va_list arguments;
  va_start(arguments, request);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  const char* vid = getenv("EVBD_FAKE_VID");
  if (request == SIOCGIFVLAN && vid) {
    struct vlan_ioctl_args* vlan = argument;
    if (vlan->cmd == GET_VLAN_VID_CMD) {
      vlan->u.VID = atoi(vid);
      return 0;
    }
  }
  return (int)syscall(SYS_ioctl, fd, request, argument);
}

// The device number of macvtap N, from /sys/class/net/*/tapN/dev; 0 when there is none.
static dev_t tap_number(unsigned index) {
  DIR* directory = opendir("/sys/class/net");
  if (!directory) return 0;
  dev_t number = 0;
  for (struct dirent* entry; !number && (entry = readdir(directory));) {
    char path[600];
    unsigned major_part, minor_part;
    snprintf(path, sizeof path, "/sys/class/net/%s/tap%u/dev", entry->d_name, index);
    FILE* file = fopen(path, "re");
    if (!file) continue;
    if (fscanf(file, "%u:%u", &major_part, &minor_part) == 2)
      number = makedev(major_part, minor_part);
    fclose(file);
  }
  closedir(directory);
  return number;
}

static int open_tap(unsigned index, int flags) {
  char node[64];
  const dev_t number = tap_number(index);
  if (!number) {
    errno = ENOENT;
    return -1;
  }
  // /run is the host's own.
  snprintf(node, sizeof node, "/run/tap%u-%d", index, (int)syscall(SYS_gettid));
  if (mknod(node, S_IFCHR | 0600, number)) return -1;
  const int fd = (int)syscall(SYS_openat, AT_FDCWD, node, flags, 0);
  const int error = errno;
  unlink(node);
  errno = error;
  return fd;
}

static int open_any(const char* path, int flags, mode_t mode) {
  unsigned index;
  char rest;
  if (sscanf(path, "/dev/tap%u%c", &index, &rest) == 1) return open_tap(index, flags);
  return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = va_arg(arguments, mode_t);
  va_end(arguments);
  return open_any(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = va_arg(arguments, mode_t);
  va_end(arguments);
  return open_any(path, flags | O_LARGEFILE, mode);
}
