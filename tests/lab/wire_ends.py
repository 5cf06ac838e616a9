# SPDX-License-Identifier: Apache-2.0
"""Ends of wires, driven from the test's own process: what they send and see, VLAN tags included.

In the guest a program costs a tenth of a second before it does anything, so none is started here.
"""
import contextlib
import ctypes
import os
import socket
import struct
import time

import lab

ETHERTYPE = 0x88B5  # IEEE's for local experiments
SOL_PACKET, PACKET_AUXDATA = 263, 8
AUXDATA = struct.Struct("=IIIHHHH")
VLAN_VALID = 1 << 4
CLONE_NEWNET = 0x40000000
VIRTIO_HEADER = bytes(10)
libc = ctypes.CDLL(None, use_errno=True)


def enter(path):
    with open(path) as namespace:
        if libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter {path}")


@contextlib.contextmanager
def inside(host):
    """This process in the host's network namespace."""
    enter(f"/run/netns/{host.namespace}")
    try:
        yield
    finally:
        enter("/proc/1/ns/net")


def octets(mac):
    return bytes.fromhex(mac.replace(":", ""))


def frame(destination, source, text, vid=None):
    tag = b"" if vid is None else struct.pack("!HH", 0x8100, vid)
    return (octets(destination) + octets(source) + tag + struct.pack("!H", ETHERTYPE)
            + text.encode()).ljust(60, b"\0")


class End:
    """A packet socket that keeps the VLAN tags which the kernel takes off frames."""

    def __init__(self, host, device):
        with inside(host):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            self.socket.bind((device, 3))
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.socket.setblocking(False)
        self.seen = set()

    def send(self, destination, source, text, vid=None):
        self.socket.send(frame(destination, source, text, vid))

    def read(self):
        """All (text, VID or None) that came in so far."""
        while True:
            try:
                data, extra, _, address = self.socket.recvmsg(2048, 256)
            except BlockingIOError:
                return self.seen
            if address[2] == socket.PACKET_OUTGOING or address[1] != ETHERTYPE:
                continue
            status, *_, tci, _ = AUXDATA.unpack(extra[0][2][:AUXDATA.size])
            vid = tci & 0xFFF if status & VLAN_VALID else None
            self.seen.add((data[14:].rstrip(b"\0").decode(), vid))

    def close(self):
        self.socket.close()


class Tap:
    """The VM's end of a macvtap."""

    def __init__(self, host, device):
        index = int(host.read(f"/sys/class/net/{device}/ifindex"))
        node = f"/dev/tap{index}"
        lab.wait_for(lambda: os.path.exists(node), f"{node} appears")
        self.fd = os.open(node, os.O_RDWR | os.O_NONBLOCK)
        self.seen = set()

    def send(self, destination, source, text, vid=None):
        os.write(self.fd, VIRTIO_HEADER + frame(destination, source, text, vid))

    def read(self):
        while True:
            try:
                data = os.read(self.fd, 2048)[len(VIRTIO_HEADER):]
            except BlockingIOError:
                return self.seen
            if data[12:14] == struct.pack("!H", ETHERTYPE):
                self.seen.add((data[14:].rstrip(b"\0").decode(), None))

    def close(self):
        os.close(self.fd)


def arrives(end, text, vid):
    lab.wait_for(lambda: (text, vid) in end.read(), f"{text!r} arrives with VLAN {vid}")


def stays_out(end, *texts, seconds=0.5):
    """Whether none of the texts arrives, with whatever tag."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if any(text in texts for text, _ in end.read()):
            return False
        time.sleep(0.05)
    return True
