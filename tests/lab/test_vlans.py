# SPDX-License-Identifier: Apache-2.0
"""VLANs for real: VLAN devices at the station, a bridge that filters VLANs, and their traffic."""
import pytest

from ground import SERVER_MAC
from lab import wait_for
from scenes import MAC_ONE, MAC_TWO, ONE, TWO
from vlan_street import VlanStreet
from wire_ends import Tap, arrives, stays_out


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
