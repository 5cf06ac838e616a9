#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the way the frames of a capture went, a line for each thing that happened.

way.py PCAP: the story.  way.py --check PCAP: nothing, but exit 1 unless a VSI was associated and
one de-associated in it, and a ping went out and came back by reflective relay.
"""
import pathlib
import sys

import frames

RELAY = {0: "off", 1: "on", 3: "unknown yet"}


def short(identifier):
    return f"{identifier[:8]}…"


def evb_words(value):
    bridge, station, mode = value[0], value[1], value[3] >> 6
    if mode == 1:
        return (f"bridge: reflective relay {'offered' if bridge & 2 else 'not offered'},"
                f" {'on' if bridge & 1 else 'off'}")
    return (f"station: reflective relay {'asked for' if station & 4 else 'not asked for'},"
            f" it is {RELAY.get(station & 3, '?')}")


def association_words(one):
    name = frames.NAMES[one.kind]
    if not one.response:
        return f"{name} {short(one.id)}{filter_words(one)}"
    verdict = "yes" if one.reason == 0 else f"no, reason {one.reason}"
    return f"{name} {short(one.id)}: {verdict}{filter_words(one)}"


def filter_words(one):
    if one.filter_format != 2 or one.entries != 1:
        return ""
    vid = int.from_bytes(one.filters[6:8], "big") & 0xFFF
    return f"  {frames.mac(one.filters[:6])} VLAN {vid or 'of your choice'}"


def address(octets):
    return ".".join(str(octet) for octet in octets)


def ping_words(frame):
    data = frame.payload
    if frame.ethertype != 0x0800 or len(data) < 28 or data[9] != 1:
        return None
    kind = {8: "request", 0: "reply"}.get(data[20])
    return f"ping {kind}  {address(data[12:16])} → {address(data[16:20])}" if kind else None


def words(frame):
    """What this frame says, or None if it is no part of the story."""
    if frame.evb():
        return "LLDP   " + evb_words(frame.evb())
    if frame.is_ecp_ack:
        return f"ECP    {frame.sequence} acknowledged"
    if frame.is_ecp_request:
        said = "; ".join(association_words(one) for one in frame.associations())
        return f"ECP    {frame.sequence}: {said or 'empty'}"
    ping = ping_words(frame)
    return f"data   {ping}" if ping else None


class Story:
    """Lines of the story; what is said again in the same words is left out."""

    def __init__(self, capture):
        self.seen, self.lines, self.reflected = set(), [], 0
        first = capture[0].time if capture else 0
        for frame in capture:
            self.tell(frame, frame.time - first)

    def tell(self, frame, seconds):
        text = words(frame)
        if text is None:
            return
        ping = frame.payload if ping_words(frame) else None
        back = ping is not None and (frame.source, ping) in self.seen
        if ping is not None:
            self.seen.add((frame.source, ping))
            self.reflected += back
            text += ", and back by reflective relay" if back else ""
        key = (text, frame.source)
        if key not in self.seen:
            self.seen.add(key)
            self.lines.append(f"{seconds:7.3f} s  {frame.source}  {text}")


def main():
    check = sys.argv[1] == "--check"
    capture = frames.read_pcap(pathlib.Path(sys.argv[-1]))
    story = Story(capture)
    if not check:
        print("\n".join(story.lines))
        return 0
    answered = {one.kind for frame in capture for one in frame.associations()
                if one.response and one.reason == 0}
    return 0 if {frames.ASSOC, frames.DEASSOC} <= answered and story.reflected else 1


if __name__ == "__main__":
    sys.exit(main())
