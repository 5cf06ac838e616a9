#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""lldpad_storm.py DEVICE PID N: asks lldpad, as libvirt does, for N associations back to back.

Runs in lldpad's namespace. Prints the microseconds from the first request to the last confirmation
seen on the wire.
"""
import pathlib
import socket
import struct
import sys
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

import frames  # noqa: E402

RTM_SETLINK, NLM_F_REQUEST = 19, 1
IFLA_VFINFO_LIST, IFLA_VF_PORTS, IFLA_VF_INFO, IFLA_VF_PORT = 22, 24, 1, 1
IFLA_VF_MAC, IFLA_VF_VLAN = 1, 2
PORT_VF, PORT_VSI_TYPE, PORT_INSTANCE_UUID, PORT_REQUEST = 1, 3, 4, 6
ASSOCIATE, SELF = 2, 0xFFFFFFFF
LIMIT = 60.0  # seconds


def attribute(kind, value):
    size = 4 + len(value)
    return struct.pack("=HH", size, kind) + value + b"\0" * (-size % 4)


def request(index, number):
    """RTM_SETLINK with IFLA_VF_PORTS: one VSI with one MAC and VLAN."""
    mac = struct.pack(">HI", 0x5254, number)
    info = attribute(IFLA_VF_MAC, struct.pack("=I", 0) + mac.ljust(32, b"\0"))
    info += attribute(IFLA_VF_VLAN, struct.pack("=III", 0, 2, 0))
    kind = struct.pack("=B", 11) + (1193047).to_bytes(3, "little") + struct.pack("=B3x", 2)
    port = attribute(PORT_VSI_TYPE, kind)
    port += attribute(PORT_INSTANCE_UUID, uuid.UUID(int=(9 << 120) + number).bytes)
    port += attribute(PORT_VF, struct.pack("=I", SELF))
    port += attribute(PORT_REQUEST, struct.pack("=B", ASSOCIATE))
    body = struct.pack("=BxHiII", 0, 0, index, 0, 0)
    body += attribute(IFLA_VFINFO_LIST, attribute(IFLA_VF_INFO, info))
    body += attribute(IFLA_VF_PORTS, attribute(IFLA_VF_PORT, port))
    return struct.pack("=IHHII", 16 + len(body), RTM_SETLINK, NLM_F_REQUEST, number, 0) + body


def ask(link, pid, index, number):
    link.sendto(request(index, number), (pid, 0))
    error = struct.unpack("=i", link.recv(4096)[16:20])[0]
    if error:
        sys.exit(f"lldpad refuses request {number}: {error}")


def main():
    device, pid, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(frames.ECP))
    wire.bind((device, frames.ECP))
    link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    link.bind((0, 0))
    start = time.monotonic()
    for number in range(1, count + 1):
        ask(link, pid, socket.if_nametoindex(device), number)
    confirmed = set()
    while len(confirmed) < count:
        wire.settimeout(max(0.001, start + LIMIT - time.monotonic()))
        for one in frames.parse(0, wire.recv(2048)).associations():
            if one.response and one.reason == 0:
                confirmed.add(one.id)
    print(int((time.monotonic() - start) * 1e6))


if __name__ == "__main__":
    main()
