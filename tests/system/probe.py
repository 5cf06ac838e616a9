#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs inside a namespace: sends a frame, or prints those that a packet socket sees.

probe.py send DEVICE HEX...         sends each frame
probe.py listen DEVICE PROTOCOL     prints frames in hexadecimal, "listening" first; 3 is ETH_P_ALL
"""
import socket
import sys


def main():
    verb, device = sys.argv[1:3]
    if verb == "send":
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as out:
            out.bind((device, 0))
            for frame in sys.argv[3:]:
                out.send(bytes.fromhex(frame))
        return
    protocol = int(sys.argv[3], 0)
    listener = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(protocol))
    listener.bind((device, protocol))
    print("listening", flush=True)
    while True:
        print(listener.recv(2048).hex(), flush=True)


if __name__ == "__main__":
    main()
