# SPDX-License-Identifier: Apache-2.0
"""What the stages of the lab's tests stand on: a host, a switch with a Linux bridge, a server."""
import json

from lab import Capture, run
from scenes import BRIDGE_MAC, STATION_MAC

SERVER_MAC = "02:00:00:00:00:03"
# Timers as on a real network: an emulated machine has its pauses.
EVB = {"rte": 14, "rwd": 20, "rka": 20}
NATIVE = {"PVID", "Egress Untagged"}  # flags of a bridge port's VLAN that is untagged there
# As the documentation has it, and with a name for the device.
INTERFACE = """
<interface type='direct'>
  <mac address='{mac}'/><target dev='guest'/>
  <source dev='{device}' mode='vepa'/>
  <virtualport type="802.1Qbg">
    <parameters managerid="11" typeid="1193047" typeidversion="2" instanceid="{vsi}"/>
  </virtualport>
</interface>
"""


def links_of(host):
    shown = json.loads(host.ip("-j", "link", "show").stdout)
    return {link["ifname"] for link in shown}


def vlans_of(host, port):
    """VID -> its flags, as a bridge of the host has them."""
    shown = json.loads(host.run("bridge", "-j", "vlan", "show", "dev", port).stdout)
    return {vlan["vlan"]: set(vlan.get("flags", [])) for one in shown for vlan in one["vlans"]}


class Ground:
    """The host's eth0 leads to the switch's port1, the server's to port2, both in the bridge br0. With
    `vlans` it filters VLANs, and the server is in these, tagged. `host` may be one of another kind,
    and `nics` two interfaces that are joined already."""

    def __init__(self, lab, vlans=(), host=None, nics=None):
        self.host, self.switch = host or lab.host("host"), lab.host("switch")
        self.server = lab.host("srv")
        self.nics = list(zip((self.host, self.switch), nics or (), ("eth0", "port1")))
        if not self.nics:
            lab.wire(self.host, "eth0", self.switch, "port1", STATION_MAC, BRIDGE_MAC)
        for where, nic, name in self.nics:
            run("ip", "link", "set", nic, "netns", where.namespace, "name", name)
            where.ip("link", "set", name, "up")
        lab.wire(self.server, "eth0", self.switch, "port2", SERVER_MAC)
        filtering = ("vlan_filtering", "1", "vlan_default_pvid", "0") if vlans else ()
        self.switch.ip("link", "add", "br0", "type", "bridge", "stp_state", "0", *filtering)
        for port in ("port1", "port2"):
            self.switch.ip("link", "set", port, "master", "br0")
        self.switch.ip("link", "set", "br0", "up")
        for vid in vlans:
            self.switch.run("bridge", "vlan", "add", "dev", "port2", "vid", vid)
        self.capture = Capture(self.host, "eth0", lab.folder / "eth0.pcap")

    def close(self):
        """Gives the interfaces back to the next test that needs them."""
        for where, nic, name in self.nics:
            where.ip("link", "set", name, "netns", "1", "name", nic)

    def links(self):
        """The host's interfaces, without the wire."""
        return links_of(self.host) - {"lo", "eth0"}

    def vlans(self, port="port1"):
        return vlans_of(self.switch, port)
