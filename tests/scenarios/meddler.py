#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A wire that can be told to misbehave: meddler.py NEAR FAR RULES passes frames between two devices.

RULES is a file with a JSON list, read again when it changes. Of each frame the first rule that fits
and has a turn left is carried out:

    {"from": "near"|"far", "what": "lldp"|"ecp"|"request"|"ack", "skip": 0, "times": 1, "do": ...}

"do" is ["drop"], ["repeat", N], ["delay", SECONDS], ["hold"] (until the next frame of that side has
passed), ["cut", OCTETS] or ["set", OCTET, VALUE...]. "times": -1 has no end.
"""
import heapq
import json
import os
import select
import socket
import sys
import time

OUTGOING = 4


def kind_of(frame):
    ethertype = int.from_bytes(frame[12:14], "big")
    if ethertype == 0x88CC:
        return {"lldp"}
    if ethertype == 0x8940 and len(frame) >= 18:
        return {"ecp", "ack" if frame[14] >> 2 & 3 == 1 else "request"}
    if ethertype == 0x88B7 and len(frame) >= 23:
        return {"ecp", "ack" if frame[20] == 1 else "request"}
    return set()


class Meddler:
    def __init__(self, near, far, rules):
        self.sockets = {"near": self.open(near), "far": self.open(far)}
        self.path, self.seen, self.rules = rules, None, []
        self.later, self.held, self.count = [], {}, 0

    @staticmethod
    def open(device):
        opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        opened.bind((device, 3))
        return opened

    def reread(self):
        stamp = os.stat(self.path).st_mtime_ns
        if stamp != self.seen:
            self.seen, self.rules = stamp, json.load(open(self.path))

    def rule(self, side, frame):
        for rule in self.rules:
            if rule["from"] != side or rule["what"] not in kind_of(frame):
                continue
            if rule.get("skip", 0) > 0:
                rule["skip"] -= 1
                continue
            if rule.get("times", 1) == 0:
                continue
            rule["times"] = rule.get("times", 1) - 1
            return rule["do"]
        return ["pass"]

    def send(self, side, frame):
        self.sockets["far" if side == "near" else "near"].send(frame)

    def take(self, side, frame):
        self.reread()
        verb, *numbers = self.rule(side, frame)
        released = self.held.pop(side, None)
        if verb == "repeat":
            for _ in range(numbers[0]):
                self.send(side, frame)
        elif verb == "delay":
            self.count += 1
            heapq.heappush(self.later, (time.monotonic() + numbers[0], self.count, side, frame))
        elif verb == "hold":
            self.held[side] = frame
        elif verb == "cut":
            self.send(side, frame[:numbers[0]])
        elif verb == "set":
            at, values = numbers[0], bytes(numbers[1:])
            self.send(side, frame[:at] + values + frame[at + len(values):])
        elif verb == "pass":
            self.send(side, frame)
        if released is not None:
            self.send(side, released)

    def run(self):
        print("plugged in", flush=True)
        while True:
            wait = max(0.0, self.later[0][0] - time.monotonic()) if self.later else None
            ready, _, _ = select.select(self.sockets.values(), [], [], wait)
            for side, opened in self.sockets.items():
                if opened in ready:
                    frame, address = opened.recvfrom(65536)
                    if address[2] != OUTGOING:
                        self.take(side, frame)
            while self.later and self.later[0][0] <= time.monotonic():
                _, _, side, frame = heapq.heappop(self.later)
                self.send(side, frame)


if __name__ == "__main__":
    Meddler(*sys.argv[1:4]).run()
