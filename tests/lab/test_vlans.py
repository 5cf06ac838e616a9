# SPDX-License-Identifier: Apache-2.0
"""VLANs for real: VLAN devices at the station, a bridge that filters VLANs, and their traffic."""
import json

import pytest

import evbd
from lab import Capture, wait_for
from scenes import BRIDGE_MAC, MAC_ONE, MAC_TWO, ONE, STATION_MAC, TWO
from wire_ends import End, Tap, arrives, stays_out

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


class VlanStreet:
    """A host, a switch whose Linux bridge filters VLANs, and a server that is in all of them, tagged."""

    def __init__(self, lab):
        self.host, self.switch, self.server = (lab.host(name) for name in ("host", "switch", "srv"))
        lab.wire(self.host, "eth0", self.switch, "port1", STATION_MAC, BRIDGE_MAC)
        lab.wire(self.server, "eth0", self.switch, "port2", SERVER_MAC)
        self.switch.ip("link", "add", "br0", "type", "bridge", "stp_state", "0", "vlan_filtering",
                       "1", "vlan_default_pvid", "0")
        for port in ("port1", "port2"):
            self.switch.ip("link", "set", port, "master", "br0")
        self.switch.ip("link", "set", "br0", "up")
        for vid in ALL_VLANS:
            self.switch.run("bridge", "vlan", "add", "dev", "port2", "vid", vid)
        self.capture = Capture(self.host, "eth0", lab.folder / "eth0.pcap")
        self.bridge = evbd.Evbd(self.switch, [evbd.port_table("port1", "bridge", EVB)], TYPES)
        self.station = evbd.Evbd(self.host, [evbd.port_table("eth0", "station", EVB)], TYPES)
        self.station.wait_for_evb()
        self.near, self.far = End(self.host, "eth0"), End(self.server, "eth0")

    def close(self):
        self.near.close()
        self.far.close()

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


@pytest.fixture
def street(lab):
    made = VlanStreet(lab)
    yield made
    made.close()


def test_the_bridge_admits_a_vsi_to_the_vlan_of_its_association_and_to_no_other(street):
    street.near.send(SERVER_MAC, MAC_ONE, "too early", vid=10)
    assert stays_out(street.far, "too early")
    assert street.vlans() == {}

    street.associate(ONE, MAC_ONE, 10)
    assert street.vlans() == {10: set()}
    street.near.send(SERVER_MAC, MAC_ONE, "one in ten", vid=10)
    arrives(street.far, "one in ten", 10)
    street.far.send(MAC_ONE, SERVER_MAC, "back in ten", vid=10)
    arrives(street.near, "back in ten", 10)
    # Another VLAN of the type, one of another type, none at all, and another guest in this VLAN.
    street.near.send(SERVER_MAC, MAC_ONE, "one in eleven", vid=11)
    street.near.send(SERVER_MAC, MAC_ONE, "one in twelve", vid=12)
    street.near.send(SERVER_MAC, MAC_ONE, "one untagged")
    street.near.send(SERVER_MAC, MAC_TWO, "two in ten", vid=10)
    assert stays_out(street.far, "one in eleven", "one in twelve", "one untagged", "two in ten")

    street.associate(TWO, MAC_TWO, 11)
    assert street.vlans() == {10: set(), 11: set()}
    street.near.send(SERVER_MAC, MAC_TWO, "two in eleven", vid=11)
    arrives(street.far, "two in eleven", 11)
    # The port is in both VLANs now, and each guest still in its own alone.
    street.near.send(SERVER_MAC, MAC_ONE, "one in eleven", vid=11)
    street.near.send(SERVER_MAC, MAC_TWO, "two in ten", vid=10)
    assert stays_out(street.far, "one in eleven", "two in ten")

    assert street.station.ctl("vsi", "deassociate", ONE).returncode == 0
    wait_for(lambda: street.vlans() == {11: set()}, "VLAN 10 leaves the port with its last VSI")
    street.near.send(SERVER_MAC, MAC_ONE, "too late", vid=10)
    assert stays_out(street.far, "too late")


def test_the_types_untagged_vlan_is_what_untagged_frames_belong_to(street):
    street.associate(ONE, MAC_ONE, None, options=("--bridge-assigns-vlan",))
    assert street.station.vsis()[ONE]["filters"][0]["vid"] == 2
    assert street.vlans() == {2: {"PVID", "Egress Untagged"}}
    street.near.send(SERVER_MAC, MAC_ONE, "plain")
    arrives(street.far, "plain", 2)
    street.far.send(MAC_ONE, SERVER_MAC, "plain back", vid=2)
    arrives(street.near, "plain back", None)

    street.associate(TWO, MAC_TWO, 10)
    assert street.vlans() == {2: {"PVID", "Egress Untagged"}, 10: set()}
    street.near.send(SERVER_MAC, MAC_TWO, "two in ten", vid=10)
    arrives(street.far, "two in ten", 10)
    street.near.send(SERVER_MAC, MAC_TWO, "two untagged")
    assert stays_out(street.far, "two untagged")


def test_a_vlan_that_the_type_does_not_have_is_refused_and_opens_nothing(street):
    answer = street.station.request("associate", "eth0", ONE, mac=MAC_ONE, vlan=12)
    assert answer.returncode != 0 and "reason 5" in answer.stderr, answer.stderr
    assert street.vlans() == {}
    # On a port where VLAN 2 is untagged for one guest, it cannot be tagged for another.
    street.associate(ONE, MAC_ONE, 2)
    answer = street.station.request("associate", "eth0", TWO, mac=MAC_TWO, vlan=2, type_id=5,
                                    version=1)
    assert answer.returncode != 0
    assert street.vlans() == {2: {"PVID", "Egress Untagged"}}
    street.near.send(SERVER_MAC, MAC_TWO, "two", vid=2)
    assert stays_out(street.far, "two")


def test_a_vlan_device_of_the_station_sends_its_vid_to_the_port_of_its_root_device(street):
    """The documentation's example: <source dev='eth0.2' mode='vepa'/>."""
    street.host.ip("link", "add", "link", "eth0", "name", "eth0.2", "type", "vlan", "id", "2")
    street.host.ip("link", "add", "link", "eth0.2", "name", "macvtap0", "address", MAC_ONE, "type",
                   "macvtap", "mode", "vepa")
    for device in ("eth0.2", "macvtap0"):
        street.host.ip("link", "set", device, "up")
    tagged = dict(type_id=5, version=1)
    street.associate(ONE, MAC_ONE, None, device="eth0.2", **tagged)
    assert street.filters(ONE) == {(2, MAC_ONE)}
    report = street.station.vsis()[ONE]
    assert report["port"] == "eth0" and report["filters"][0]["vid"] == 2
    assert street.vlans() == {2: set()}
    tap = Tap(street.host, "macvtap0")
    tap.send(SERVER_MAC, MAC_ONE, "from the VM")
    arrives(street.far, "from the VM", 2)
    street.far.send(MAC_ONE, SERVER_MAC, "to the VM", vid=2)
    arrives(tap, "to the VM", None)
    tap.close()

    # The macvtap itself may be named as well; its MAC address need not be.
    answer = street.station.request("associate", "macvtap0", TWO, mac=MAC_TWO, vlan=None, **tagged)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert street.filters(TWO) == {(2, MAC_TWO)}
