# SPDX-License-Identifier: Apache-2.0
"""The stage of the tests with S-channels: a host, a switch that gives it channels, a server."""
import json
import struct

import evbd
from ground import EVB, Ground
from lab import wait_for

LLDP, ECP, S_TAG, C_TAG = 0x88CC, 0x8940, 0x88A8, 0x8100
TYPES = """
[[vsi_type]]
id = 1193047
version = 2
name = "untagged in one, tagged in another"
untagged = 7
tagged = [5]
"""


def station_port(channels):
    return evbd.port_table("eth0", "station", EVB) + (
        f"[port.cdcp]\nenable = true\nchannels = {channels}\n" if channels else "")


def bridge_port(low, high):
    return evbd.port_table("port1", "bridge", EVB) + (
        f"[port.cdcp]\nenable = true\nsvid_pool = [{low}, {high}]\n")


class Street(Ground):
    """A host and a switch whose evbds divide their wire into S-channels."""

    def __init__(self, lab, vlans=(), types=evbd.TYPES, host=None, nics=None, more=""):
        super().__init__(lab, vlans, host, nics)
        self.bridge = evbd.Evbd(self.switch, [bridge_port(100, 109)], types)
        self.station = evbd.Evbd(self.host, [station_port([2, 3])], more)

    @staticmethod
    def devices(host):
        """name -> (SVID, ifindex) of the VLAN devices of 802.1ad."""
        links = json.loads(host.ip("-d", "-j", "link", "show").stdout)
        vlans = [(link, link.get("linkinfo", {}).get("info_data", {})) for link in links]
        return {link["ifname"]: (data["id"], link["ifindex"]) for link, data in vlans
                if data.get("protocol") == "802.1ad"}

    def svids(self, host):
        return {name: svid for name, (svid, _) in self.devices(host).items()}

    def wait_for_channels(self, expected):
        for host, uplink in ((self.host, "eth0"), (self.switch, "port1")):
            names = {f"{uplink}.s{scid}": svid for scid, svid in expected.items()}
            wait_for(lambda h=host, n=names: self.svids(h) == n, f"{names} on {uplink}")

    def associate(self, vsi, mac, device):
        self.station.wait_for_evb(device)
        answer = self.station.request("associate", device, vsi, mac=mac, vlan=None,
                                      options=("--bridge-assigns-vlan",))
        assert answer.returncode == 0, answer.stdout + answer.stderr

    def seen(self):
        """(source MAC, SVID or None, VID or None, Ethertype) of each kind of frame on the wire."""
        data, at, found = self.capture.path.read_bytes(), 24, set()
        while at + 16 <= len(data):
            size = struct.unpack_from("<I", data, at + 8)[0]
            frame, at = data[at + 16:at + 16 + size], at + 16 + size
            tags = {}
            for tag in (S_TAG, C_TAG):
                if len(frame) >= 18 and frame[12:14] == struct.pack("!H", tag):
                    tags[tag] = struct.unpack_from("!H", frame, 14)[0] & 0xFFF
                    frame = frame[:12] + frame[16:]
            if len(frame) >= 14:
                found.add((frame[6:12].hex(":"), tags.get(S_TAG), tags.get(C_TAG),
                           struct.unpack_from("!H", frame, 12)[0]))
        return found

    def tagged(self):
        """(source MAC, SVID or None, Ethertype) of the frames without a C-tag."""
        return {(mac, svid, kind) for mac, svid, vid, kind in self.seen() if vid is None}
