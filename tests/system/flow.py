#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs inside a namespace: floods an address with UDP, or measures what comes of such a flood.

flow.py send ADDRESS PORT SECONDS
flow.py receive PORT SECONDS    prints "ready", then the bits per second of the frames that came
"""
import socket
import sys
import time

PAYLOAD = bytes(1400)
HEADERS = 42  # Ethernet, IPv4, UDP: what a limit of bandwidth counts, too
BURST = 0.4   # seconds at the beginning in which a burst is let through


def send(address, port, seconds):
    end = time.monotonic() + seconds
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.connect((address, port))
        while time.monotonic() < end:
            for _ in range(20):
                try:
                    out.send(PAYLOAD)
                except OSError:  # the queue is full, as it should be
                    time.sleep(0.001)


def receive(port, seconds):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as incoming:
        incoming.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        incoming.bind(("0.0.0.0", port))
        print("ready", flush=True)
        incoming.recv(2048)
        begin = time.monotonic() + BURST
        while time.monotonic() < begin:
            incoming.recv(2048)
        octets, now = 0, begin
        while now < begin + seconds:
            octets += len(incoming.recv(2048)) + HEADERS
            now = time.monotonic()
    print(octets * 8 / (now - begin), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "send":
        send(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
    else:
        receive(int(sys.argv[2]), float(sys.argv[3]))
