# SPDX-License-Identifier: Apache-2.0
"""The stage of the lab's tests: a switch whose Linux bridge filters VLANs."""
import json

import evbd
from lab import Capture, run
from scenes import BRIDGE_MAC, STATION_MAC
from wire_ends import End

SERVER_MAC = "02:00:00:00:00:03"
TYPES = """
[[vsi_type]]
id = 1193047
version = 2
name = "tenant"
untagged = 2
tagged = [10, 11]

[[vsi_type]]
id = 5
version = 1
name = "tagged only"
tagged = [2, 12]
"""
# Timers as on a real network: an emulated machine has its pauses.
EVB = {"rte": 14, "rwd": 20, "rka": 20}
ALL_VLANS = (2, 10, 11, 12)


def join(lab, host, switch, nics):
    """The wire between a host's eth0 and a switch's port1."""
    if nics is None:
        lab.wire(host, "eth0", switch, "port1", STATION_MAC, BRIDGE_MAC)
    for where, nic, name in zip((host, switch), nics or (), ("eth0", "port1")):
        run("ip", "link", "set", nic, "netns", where.namespace, "name", name)
        where.ip("link", "set", name, "up")


def give_back(host, switch, nics):
    """For the next test that needs them."""
    for where, nic, name in zip((host, switch), nics or (), ("eth0", "port1")):
        where.ip("link", "set", name, "netns", "1", "name", nic)


class VlanStreet:
    """A host, a switch whose Linux bridge filters VLANs, and a server that is in all of them, tagged.
    `host` may be one of another kind, and `nics` two interfaces that are joined already."""

    def __init__(self, lab, host=None, nics=None, more="", types=TYPES):
        self.host = host or lab.host("host")
        self.switch, self.server = lab.host("switch"), lab.host("srv")
        self.nics = nics
        join(lab, self.host, self.switch, nics)
        lab.wire(self.server, "eth0", self.switch, "port2", SERVER_MAC)
        self.switch.ip("link", "add", "br0", "type", "bridge", "stp_state", "0", "vlan_filtering",
                       "1", "vlan_default_pvid", "0")
        for port in ("port1", "port2"):
            self.switch.ip("link", "set", port, "master", "br0")
        self.switch.ip("link", "set", "br0", "up")
        for vid in ALL_VLANS:
            self.switch.run("bridge", "vlan", "add", "dev", "port2", "vid", vid)
        self.capture = Capture(self.host, "eth0", lab.folder / "eth0.pcap")
        self.bridge = evbd.Evbd(self.switch, [evbd.port_table("port1", "bridge", EVB)], types)
        self.station = evbd.Evbd(self.host, [evbd.port_table("eth0", "station", EVB)], more)
        self.station.wait_for_evb()
        self.near, self.far = End(self.host, "eth0"), End(self.server, "eth0")

    def close(self):
        self.near.close()
        self.far.close()
        give_back(self.host, self.switch, self.nics)

    def vlans(self, port="port1"):
        """VID -> its flags, as the bridge has them."""
        shown = json.loads(self.switch.run("bridge", "-j", "vlan", "show", "dev", port).stdout)
        return {vlan["vlan"]: set(vlan.get("flags", [])) for one in shown for vlan in one["vlans"]}

    def associate(self, vsi, mac, vlan, **options):
        answer = self.station.request("associate", options.pop("device", "eth0"), vsi, mac=mac,
                                      vlan=vlan, **options)
        assert answer.returncode == 0, answer.stdout + answer.stderr

    def filters(self, vsi):
        """(VID, MAC) of each entry of the VSI's association on the wire."""
        return {(int.from_bytes(one.filters[at + 6:at + 8], "big") & 0xFFF,
                 one.filters[at:at + 6].hex(":"))
                for one in self.capture.associations()
                if one.id == vsi.replace("-", "") and not one.response
                for at in range(0, 8 * one.entries, 8)}
