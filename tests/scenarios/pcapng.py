# SPDX-License-Identifier: Apache-2.0
"""Reads what evbd saved, knowing nothing of its writer; and joins it with what tcpdump saw."""
import struct

INBOUND, OUTBOUND = 1, 2
S_TAG = b"\x88\xa8"


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


def read_pcap(path):
    """(microseconds, octets) of every frame of tcpdump's file."""
    data, at, found = path.read_bytes(), 24, []
    while at + 16 <= len(data):
        seconds, micros, kept, _ = struct.unpack_from("<IIII", data, at)
        found.append((seconds * 1_000_000 + micros, data[at + 16:at + 16 + kept]))
        at += 16 + kept
    return found


def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def block(kind, body):
    length = len(body) + 12
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def same_frame(recorded, octets):
    """A port of an S-channel records its frames without the S-tag that they have on the wire."""
    port, _, kept, _ = recorded
    if octets[12:14] == S_TAG:
        return ".s" in port and kept == octets[:12] + octets[16:]
    return ".s" not in port and kept == octets


def join(saved, tapped, to):
    """Writes tcpdump's frames with the comments of evbd's; what evbd did not hear came to it."""
    made, known = b"", read(saved)
    for kind, body in blocks(saved.read_bytes()):
        made += block(kind, body) if kind != 6 else b""
    for micros, octets in read_pcap(tapped):
        found = next((one for one in known if same_frame(one, octets)), None)
        way, comment = INBOUND, "not for evbd's sockets"
        if found is not None:
            known.remove(found)
            _, way, _, comment = found
        body = struct.pack("<IIIII", 0, micros >> 32, micros & 0xFFFFFFFF, len(octets), len(octets))
        body += octets + bytes(-len(octets) % 4) + option(1, comment.encode())
        made += block(6, body + option(2, struct.pack("<I", way)) + option(0, b""))
    to.write_bytes(made)
