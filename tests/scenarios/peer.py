# SPDX-License-Identifier: Apache-2.0
"""The other end as a script: speaks LLDP with an EVB TLV, acknowledges ECP, and answers VDP as told.

It knows nothing of evbd's codecs, and says what no sound implementation would.
"""
import ctypes
import itertools
import os
import select
import socket
import struct
import threading
import time

import frames

NCB = bytes.fromhex("0180c2000000")
CLONE_NEWNET = 0x40000000
ACK, KEEP, HARD = frames.ACK, frames.KEEP, frames.HARD


def socket_in(namespace, device):
    """A packet socket in another network namespace; the caller's own stays as it is."""
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    try:
        if libc.setns(there, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")
        opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        opened.bind((device, 3))
        return opened
    finally:
        libc.setns(home, CLONE_NEWNET)
        os.close(home)
        os.close(there)


def tlv(kind, value):
    return struct.pack("!H", kind << 9 | len(value)) + value


def evb_tlv(octets):
    """The EVB TLV with these five (or more, or fewer) octets behind OUI and subtype."""
    return tlv(127, bytes.fromhex("0080c20d") + bytes(octets))


def association(kind, status, vsi, type_id=1193047, version=2, filters=b"", form=2, count=None,
                id_format=5):
    """An association TLV; `filters` are the entries' octets."""
    size = {1: 2, 2: 8, 3: 6, 4: 12}.get(form, 8)
    count = len(filters) // size if count is None else count
    return tlv(kind, struct.pack("!B", status) + type_id.to_bytes(3, "big") +
               bytes([version, id_format]) + bytes.fromhex(vsi.replace("-", "")) + bytes([form]) +
               struct.pack("!H", count) + filters)


class Peer:
    """A scripted station or bridge on `device`, which is not any program's."""

    def __init__(self, host, device, mac, evb):
        self.socket = socket_in(host.namespace, device)
        self.mac, self.evb = bytes.fromhex(mac.replace(":", "")), evb
        self.sequence, self.acknowledges, self.deaf = 0, True, False
        self.answer = lambda one, count: (one.kind, ACK, one.filters)
        self.heard, self.requests, self.answered = [], [], {}
        self.manager, self.own_manager = tlv(5, bytes(16)), None
        self.lock, self.ended = threading.Lock(), False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def close(self):
        self.ended = True
        self.thread.join()
        self.socket.close()

    # ---- What it sends --------------------------------------------------------------------------

    def frame(self, ethertype, payload, destination=NCB, source=None, tag=b""):
        data = destination + (source or self.mac) + tag + struct.pack("!H", ethertype) + payload
        self.socket.send(data.ljust(60, b"\0"))

    def lldp(self, evb=None, ttl=121, before=b"", after=b"", end=True, **frame):
        evb = self.evb if evb is None else evb
        self.frame(0x88CC, tlv(1, b"\x04" + self.mac) + tlv(2, b"\x05peer") +
                   tlv(3, struct.pack("!H", ttl)) + before +
                   (evb_tlv(evb) if evb != b"" else b"") + after + (b"\0\0" if end else b""), **frame)

    def ecp(self, payload, sequence=None, head=0x1001):
        if sequence is None:
            self.sequence = sequence = self.sequence % 65535 + 1
        self.frame(0x8940, struct.pack("!HH", head, sequence) + payload)

    def ack(self, sequence, contents=b"", **frame):
        self.frame(0x8940, struct.pack("!HH", 0x1401, sequence) + contents, **frame)

    def vdp(self, *tlvs, manager=None):
        self.ecp((self.manager if manager is None else manager) + b"".join(tlvs) + b"\0\0")

    # ---- What it does by itself -------------------------------------------------------------------

    def run(self):
        while not self.ended:
            ready, _, _ = select.select([self.socket], [], [], 0.05)
            if not ready:
                continue
            data, address = self.socket.recvfrom(65536)
            if address[2] != 4 and not self.deaf:
                self.take(frames.parse(time.monotonic(), data))

    def take(self, frame):
        self.heard.append(frame)
        if not frame.is_ecp_request:
            return
        new = not self.requests or self.requests[-1].sequence != frame.sequence
        self.requests.append(frame)
        if self.acknowledges:
            self.ack(frame.sequence)
        if not new or not frame.associations():
            return
        self.manager = self.own_manager or frame.payload[4:22]
        answers = []
        for one in frame.associations():
            count = self.answered[one.id] = self.answered.get(one.id, 0) + 1
            said = self.answer(one, count)
            if isinstance(said, bytes):
                answers.append(said)
            elif said is not None:
                kind, status, filters = said
                answers.append(association(kind, status, one.id, one.type_id, one.type_version,
                                           filters, one.filter_format))
        if answers:
            self.vdp(*answers)

    # ---- What it has heard --------------------------------------------------------------------------

    def evb_heard(self):
        """The newest EVB TLV of the other end: five octets as hexadecimal text, or None."""
        found = [frame.evb() for frame in self.heard if frame.ethertype == frames.LLDP]
        return found[-1].hex() if found and found[-1] is not None else None

    def lldpdus(self):
        return sum(frame.ethertype == frames.LLDP for frame in self.heard)

    def unchanged(self):
        """For how many seconds the other end's LLDPDU has been as it is."""
        heard = [frame for frame in reversed(self.heard) if frame.ethertype == frames.LLDP]
        same = itertools.takewhile(lambda frame: frame.payload == heard[0].payload, heard)
        return time.monotonic() - min((frame.time for frame in same), default=time.monotonic())

    def acks(self):
        return [frame.sequence for frame in self.heard if frame.is_ecp_ack]

    def last_sequence(self):
        """Of the other end's requests."""
        return self.requests[-1].sequence

    def associations(self):
        return [one for frame in self.requests for one in frame.associations()]
