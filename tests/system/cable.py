#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A cable between two taps: cable.py NETNS DEVICE NETNS DEVICE [swallow-answers], until it is ended.

libvirt takes a veth's peer for the device below it (and never comes back, or fails), so the uplink
of a host with VMs is a tap. Both taps exist before; they have carrier while this process holds them,
so its end is a pulled plug, and SIGSTOP a line that swallows frames. With swallow-answers the second
end's ECPDUs are lost but for its acknowledgements: a bridge that is there and never answers.
"""
import ctypes
import fcntl
import os
import selectors
import struct
import sys

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
CLONE_NEWNET = 0x40000000


def enter(namespace):
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/run/netns/{namespace}") as handle:
        if libc.setns(handle.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")


def attach(namespace, device):
    enter(namespace)
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TAP | IFF_NO_PI))
    return tap


def is_ecp_request(frame):
    """ECP over LLC-free Ethernet (clause 43): the operation is in the first octet's low bits and the
    second's high ones; 0 is a request."""
    return frame[12:14] == b"\x89\x40" and int.from_bytes(frame[14:16], "big") >> 10 & 3 == 0


def pass_on(source, sink, swallow=False):
    while True:
        try:
            frame = os.read(source, 65536)
        except OSError:  # nothing more to read, or the tap is down
            return
        if swallow and is_ecp_request(frame):
            continue
        try:
            os.write(sink, frame)
        except OSError:  # the other tap is down: the frame is lost, as on a cable
            pass


def main():
    near, far = (attach(*sys.argv[at:at + 2]) for at in (1, 3))
    swallow = sys.argv[5:] == ["swallow-answers"]
    print("plugged in", flush=True)
    with selectors.DefaultSelector() as selector:
        selector.register(near, selectors.EVENT_READ, far)
        selector.register(far, selectors.EVENT_READ, near)
        while True:
            for key, _ in selector.select():
                pass_on(key.fileobj, key.data, swallow and key.fileobj == far)


if __name__ == "__main__":
    main()
