# SPDX-License-Identifier: Apache-2.0
"""Reads what evbd saved, knowing nothing of its writer."""
import struct

INBOUND, OUTBOUND = 1, 2


def blocks(data):
    at = 0
    while at + 12 <= len(data):
        kind, length = struct.unpack_from("<II", data, at)
        assert length % 4 == 0 and length >= 12, f"block of {length} octets at {at}"
        assert struct.unpack_from("<I", data, at + length - 4)[0] == length
        yield kind, data[at + 8:at + length - 4]
        at += length


def options(data):
    at, found = 0, {}
    while at + 4 <= len(data):
        code, length = struct.unpack_from("<HH", data, at)
        if code == 0:
            break
        found[code] = data[at + 4:at + 4 + length]
        at += 4 + (length + 3) // 4 * 4
    return found


def read(path):
    """(interface name, direction, octets, comment) of every frame."""
    names, found = [], []
    for kind, body in blocks(path.read_bytes()):
        if kind == 1:
            names.append(options(body[8:])[2].decode())
        elif kind == 6:
            interface, _, _, kept, _ = struct.unpack_from("<IIIII", body)
            said = options(body[20 + (kept + 3) // 4 * 4:])
            found.append((names[interface], struct.unpack("<I", said[2])[0] & 3,
                          body[20:20 + kept], said.get(1, b"").decode()))
    return found
