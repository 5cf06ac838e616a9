# SPDX-License-Identifier: Apache-2.0
"""Takes LLDP, ECP and VDP frames apart for the tests, knowing nothing of evbd's own codecs."""
import dataclasses
import struct

LLDP, ECP, DRAFT02_ECP = 0x88CC, 0x8940, 0x88B7
PRE, PRE_RR, ASSOC, DEASSOC = 1, 2, 3, 4
NAMES = {PRE: "pre-associate", PRE_RR: "pre-associate with reservation", ASSOC: "associate",
         DEASSOC: "de-associate"}
ACK, KEEP, HARD = 0x40, 0x20, 0x10


@dataclasses.dataclass
class Frame:
    time: float
    destination: str
    source: str
    ethertype: int
    payload: bytes

    @property
    def is_ecp(self):
        return self.ethertype == ECP and len(self.payload) >= 4 and self.payload[0] >> 4 == 1

    @property
    def is_ecp_ack(self):
        return self.is_ecp and self.payload[0] >> 2 & 3 == 1

    @property
    def is_ecp_request(self):
        return self.is_ecp and self.payload[0] >> 2 & 3 == 0

    @property
    def sequence(self):
        return struct.unpack("!H", self.payload[2:4])[0]

    def associations(self):
        """The VSI TLVs of an ECP request."""
        if not self.is_ecp_request:
            return []
        return [Association(kind, value) for kind, value in tlvs(self.payload[4:])
                if kind in NAMES and len(value) >= 25]

    @property
    def is_draft02(self):
        return self.ethertype == DRAFT02_ECP and self.payload[:6] == b"\x00\x1b\x3f\0\0\0"

    @property
    def is_draft02_request(self):
        return self.is_draft02 and self.payload[6] == 0

    @property
    def is_draft02_ack(self):
        return self.is_draft02 and self.payload[6] == 1

    @property
    def draft02_sequence(self):
        return struct.unpack("!H", self.payload[7:9])[0]

    def draft02_associations(self):
        """The VSI TLVs of an ECP request of draft 0.2."""
        if not self.is_draft02_request:
            return []
        return [Draft02Association(value) for kind, value in tlvs(self.payload[9:])
                if kind == 127 and value[:4] == b"\x00\x1b\x3f\x02"]

    def evb(self):
        """The value of the EVB TLV behind OUI and subtype, or None."""
        if self.ethertype != LLDP:
            return None
        for kind, value in tlvs(self.payload):
            if kind == 127 and value[:4] == b"\x00\x80\xc2\x0d":
                return value[4:]
        return None


class Association:
    """One VSI TLV (41.2)."""

    def __init__(self, kind, value):
        self.kind, self.status = kind, value[0]
        self.type_id = int.from_bytes(value[1:4], "big")
        self.type_version, self.id_format = value[4], value[5]
        self.id = value[6:22].hex()
        self.filter_format = value[22]
        self.entries = int.from_bytes(value[23:25], "big")
        self.filters = value[25:]

    @property
    def response(self):
        return bool(self.status & ACK)

    @property
    def reason(self):
        return self.status & 0x0F

    def __repr__(self):
        return f"<{NAMES[self.kind]} {self.id} status {self.status:02x}>"


class Draft02Association:
    """One VSI TLV of draft 0.2."""

    def __init__(self, value):
        self.mode, self.response, self.manager = value[4], value[5], value[6]
        self.type_id, self.type_version = int.from_bytes(value[7:10], "big"), value[10]
        self.id = value[11:27].hex()
        self.octets = value

    def __repr__(self):
        return f"<draft mode {self.mode} {self.id} response {self.response}>"


def tlvs(data):
    """Type and value of each TLV up to the End TLV."""
    at = 0
    while at + 2 <= len(data):
        head = int.from_bytes(data[at:at + 2], "big")
        kind, length = head >> 9, head & 0x1FF
        if kind == 0:
            return
        yield kind, data[at + 2:at + 2 + length]
        at += 2 + length


def mac(octets):
    return ":".join(f"{octet:02x}" for octet in octets)


def parse(time, data):
    ethertype = int.from_bytes(data[12:14], "big")
    return Frame(time, mac(data[0:6]), mac(data[6:12]), ethertype, data[14:])


def read_pcap(path):
    """The whole frames of a capture file, which tcpdump may still be writing."""
    data = path.read_bytes()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    unit = 1e-9 if data[:4] in (b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d") else 1e-6
    at, found = 24, []
    while at + 16 <= len(data):
        seconds, part, kept, _ = struct.unpack(order + "IIII", data[at:at + 16])
        if at + 16 + kept > len(data):
            break
        found.append(parse(seconds + part * unit, data[at + 16:at + 16 + kept]))
        at += 16 + kept
    return found
