# SPDX-License-Identifier: Apache-2.0
"""The other end as a script that speaks draft 0.2, rightly or wrongly as told."""
import struct

from peer import Peer, tlv

OUI = bytes.fromhex("001b3f")
NEAREST_BRIDGE = bytes.fromhex("0180c200000e")
PRE, PRE_RR, ASSOC, DEASSOC = 0, 1, 2, 3
UNUSED_TYPE = 3
EVB = bytes.fromhex("c007 4007 0cdf 0000 0f")  # all of it, relay chosen, RTE 15


def evb_tlv(octets):
    return tlv(127, OUI + b"\0" + bytes(octets))


def association(mode, vsi, response=0, manager=11, type_id=1193047, version=2, filters=b"", form=2,
                count=None):
    """A VDP TLV; `filters` are the entries' octets."""
    count = len(filters) // 8 if count is None else count
    return tlv(127, OUI + struct.pack("!BBBB", 2, mode, response, manager) +
               type_id.to_bytes(3, "big") + bytes([version]) +
               bytes.fromhex(vsi.replace("-", "")) + struct.pack("!BH", form, count) + filters)


def changed(one, at, *values):
    """The TLV again, with other octets at a place of its information string."""
    octets = one.octets[:at] + bytes(values) + one.octets[at + len(values):]
    return tlv(127, octets)


MODE, RESPONSE, MANAGER, VERSION = 4, 5, 6, 10  # places for `changed`


class Draft02Peer(Peer):
    """A scripted station or bridge. `answer` makes a whole TLV of the one that it is asked, or None."""

    def __init__(self, host, device, mac, evb=EVB):
        super().__init__(host, device, mac, evb)
        self.answer = lambda one, count: tlv(127, one.octets)

    def lldp(self, evb=None, **options):
        tlvs = evb_tlv(self.evb if evb is None else evb)
        super().lldp(b"", **{**options, "before": tlvs + options.get("before", b"")})

    def ecp(self, payload, sequence=None, head=0, **frame):
        """`head` is the mode: 0 a request, 1 an acknowledgement."""
        if sequence is None:
            self.sequence = sequence = self.sequence % 65535 + 1
        frame.setdefault("destination", NEAREST_BRIDGE)
        self.frame(0x88B7, OUI + struct.pack("!BHBH", 0, 0, head, sequence) + payload, **frame)

    def ack(self, sequence, contents=bytes(40), **frame):
        self.ecp(contents, sequence, 1, **frame)

    def vdp(self, *tlvs, **options):
        self.ecp(b"".join(tlvs) + b"\0\0", **options)

    def take(self, frame):
        self.heard.append(frame)
        if not frame.is_draft02_request:
            return
        sequence = frame.draft02_sequence
        new = not self.requests or self.requests[-1].draft02_sequence != sequence
        self.requests.append(frame)
        if self.acknowledges:
            self.ack(sequence, bytes(len(frame.payload) - 9))
        answers = []
        for one in frame.draft02_associations() if new else []:
            count = self.answered[one.id] = self.answered.get(one.id, 0) + 1
            answers.append(self.answer(one, count))
        answers = [one for one in answers if one is not None]
        if answers:
            self.vdp(*answers)

    def acks(self):
        return [frame.draft02_sequence for frame in self.heard if frame.is_draft02_ack]

    def last_sequence(self):
        return self.requests[-1].draft02_sequence

    def associations(self):
        return [one for frame in self.requests for one in frame.draft02_associations()]
