# SPDX-License-Identifier: Apache-2.0
"""A guest's end of a macvtap: frames through its tap, as a VMM would send and receive them."""
import fcntl
import os
import select
import stat
import struct
import time

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x0002, 0x1000, 0x4000


class Tap:
    """The tap of a macvtap of a host. devtmpfs knows only the first network namespace, so the node
    is made here from the numbers in the host's /sys."""

    def __init__(self, host, name, more_flags=0):
        """With IFF_VNET_HDR there is a virtio_net_hdr before each frame."""
        shown = host.run("sh", "-c", f"cat /sys/class/net/{name}/macvtap/tap*/dev").stdout.strip()
        major, minor = map(int, shown.split(":"))
        path = host.lab.short_folder() / f"tap-{host.namespace}-{name}"
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(major, minor))
        try:
            self.fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        finally:
            path.unlink()
        fcntl.ioctl(self.fd, TUNSETIFF, struct.pack("16sH22x", name.encode(),
                                                    IFF_TAP | IFF_NO_PI | more_flags))

    def send(self, frame):
        os.write(self.fd, frame)

    def receive(self, seconds):
        """The next frame, or None."""
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                return None
            try:
                return os.read(self.fd, 65536)
            except BlockingIOError:
                continue

    def drain(self):
        while self.receive(0) is not None:
            pass

    def receives(self, frame, seconds):
        """Whether exactly this frame comes."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if self.receive(left) == frame:
                return True
        return False

    def close(self):
        os.close(self.fd)


def octets(mac):
    return bytes.fromhex(mac.replace(":", ""))


COUNT = 0


def frame(source, to, vid=None, size=60, ethertype=0x88B5):
    """One that no other is equal to."""
    global COUNT
    COUNT += 1
    tag = b"" if vid is None else struct.pack("!HH", 0x8100, vid)
    head = octets(to) + octets(source) + tag + struct.pack("!HQ", ethertype, COUNT)
    return head + bytes(size - len(head))
