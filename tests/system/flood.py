#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs inside a namespace: sends frames that no sound peer would, as fast as it can, until it is
stopped. What it sends follows from the seed.

flood.py KIND DEVICE STATION SEED   kinds: lldp, ecp, vsis, noise
"""
import random
import socket
import struct
import sys

NEAREST_CUSTOMER_BRIDGE = bytes.fromhex("0180c2000000")
ETHERTYPES = {"lldp": 0x88CC, "ecp": 0x8940, "vsis": 0x8940}
ROUND = 1024
VSI_ID = slice(14 + 4 + 18 + 2 + 6, 14 + 4 + 18 + 2 + 6 + 16)  # in what associate() makes


def tlv(kind, value):
    return struct.pack(">H", kind << 9 | len(value)) + value


def lldpdu(dice):
    """Of a neighbour that nobody heard before."""
    chassis = bytes([4]) + dice.randbytes(6)
    return tlv(1, chassis) + tlv(2, b"\x05eth0") + tlv(3, struct.pack(">H", 120)) + tlv(0, b"")


def ecpdu(dice):
    """Anything that begins like ECP, in every operation and subtype."""
    return dice.randbytes(dice.randrange(1, 1400))


def associate(dice):
    """A well-formed Associate of a VSI that nobody heard before."""
    entry = bytes.fromhex("5254") + dice.randbytes(4) + struct.pack(">H", 2)
    value = (bytes([0, 0x12, 0x34, 0x57, 2, 5]) + dice.randbytes(16) + bytes([2])
             + struct.pack(">H", 1) + entry)
    return (struct.pack(">HH", 0x1001, dice.randrange(65536)) + tlv(5, bytes(15) + b"\x0b")
            + tlv(3, value) + tlv(0, b""))


def noise(dice):
    return dice.randbytes(dice.randrange(0, 1500))


PAYLOADS = {"lldp": lldpdu, "ecp": ecpdu, "vsis": associate, "noise": noise}


def main():
    kind, device, station, seed = sys.argv[1:]
    dice = random.Random(int(seed))
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    wire.bind((device, 0))
    source = bytes.fromhex(station.replace(":", ""))
    frames = []
    for _ in range(ROUND):
        ethertype = ETHERTYPES.get(kind) or dice.choice(sorted(ETHERTYPES.values()))
        sender = source if kind != "lldp" else b"\x02" + dice.randbytes(5)
        frames.append(NEAREST_CUSTOMER_BRIDGE + sender + struct.pack(">H", ethertype)
                      + PAYLOADS[kind](dice))
    print("flooding", flush=True)
    while True:
        for frame in frames:
            wire.send(frame.ljust(60, b"\0"))
        if kind == "vsis":
            frames = [frame.replace(frame[VSI_ID], dice.randbytes(16)) for frame in frames]


if __name__ == "__main__":
    main()
