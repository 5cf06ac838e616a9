# SPDX-License-Identifier: Apache-2.0
"""Guests on a Linux bridge of their host that filters VLANs: it admits exactly the profile's."""
import pytest

import evbd
from ground import NATIVE, SERVER_MAC, links_of, vlans_of
from scenes import MAC_ONE, MAC_TWO
from wire_ends import End, Tap, arrives, stays_out


class BridgeHost:
    """br0 with the port `uplink`, which a server is behind, in VLANs 2, 3, 10 and 11, tagged; and a
    veth pair v0, v1 of which v1 is a port of br0."""

    def __init__(self, lab):
        self.host, self.server = lab.host("host"), lab.host("srv")
        lab.wire(self.host, "uplink", self.server, "eth0", None, SERVER_MAC)
        self.host.ip("link", "add", "br0", "type", "bridge", "stp_state", "0", "vlan_filtering", "1")
        self.host.ip("link", "add", "v0", "type", "veth", "peer", "name", "v1")
        for port in ("uplink", "v1"):
            self.host.ip("link", "set", port, "master", "br0")
        for link in ("br0", "v0", "v1"):
            self.host.ip("link", "set", link, "up")
        for vid in (2, 3, 10, 11):
            self.host.run("bridge", "vlan", "add", "dev", "uplink", "vid", vid)
        self.evbd = evbd.Evbd(self.host, [evbd.port_table("uplink", "station")])
        self.far = End(self.server, "eth0")
        for profile, *words in (("finance", "untagged=2"), ("trunk", "tagged=10", "tagged=11"),
                                ("both", "untagged=2", "tagged=10"), ("native", "tagged=1")):
            self.evbd.put_profile(profile, *words)

    def vlans(self, port):
        return vlans_of(self.host, port)

    def links(self):
        return links_of(self.host) - {"lo", "uplink", "br0", "v0", "v1"}

    def try_attach(self, name, device, profile, mac=MAC_ONE, mode="bridge"):
        return self.evbd.ctl("interface", "attach", "--device", device, "--mode", mode, "--name",
                             name, "--mac", mac, "--profile", profile, timeout=120)

    def attach(self, *words, **named):
        answer = self.try_attach(*words, **named)
        assert answer.returncode == 0, answer.stderr

    def detach(self, name):
        assert self.evbd.ctl("interface", "detach", name, timeout=120).returncode == 0

    def shown(self, name):
        one = self.evbd.json("interface", "show", name)[0]
        return {each["name"]: (each["wanted"], each["in_force"]) for each in one["parameters"]}


@pytest.fixture(scope="module")
def street(shared_lab):
    return BridgeHost(shared_lab)


def test_the_bridge_admits_the_profiles_untagged_vlan_while_somebody_needs_it(street):
    street.attach("one", "br0", "finance")
    assert street.vlans("br0") == {1: NATIVE, 2: set()}
    assert street.links() == {"br0.2", "one"}
    assert street.shown("one")["vlan"] == ("2", "2")
    assert street.shown("one")["bridge vlans"] == ("2 at br0", "2 at br0")
    tap = Tap(street.host, "one")
    tap.send(SERVER_MAC, MAC_ONE, "from one")
    arrives(street.far, "from one", 2)
    for vid in (None, 3, 10):
        street.far.send(MAC_ONE, SERVER_MAC, "elsewhere", vid)
    street.far.send(MAC_ONE, SERVER_MAC, "to one", 2)
    arrives(tap, "to one", None)
    assert stays_out(tap, "elsewhere")
    tap.close()
    street.attach("two", "br0", "finance", mac=MAC_TWO)
    street.detach("one")
    assert street.vlans("br0") == {1: NATIVE, 2: set()}
    street.host.run("bridge", "vlan", "del", "dev", "br0", "vid", 2, "self")
    assert street.shown("two")["bridge vlans"] == ("2 at br0", "none")
    assert street.evbd.ctl("interface", "apply", "two").returncode == 0
    assert street.vlans("br0") == {1: NATIVE, 2: set()}
    street.detach("two")
    assert street.vlans("br0") == {1: NATIVE} and street.links() == set()


def test_a_trunk_has_its_vlans_and_what_was_there_stays(street):
    street.host.run("bridge", "vlan", "add", "dev", "br0", "vid", 10, "self")
    street.attach("one", "br0", "trunk")
    assert street.vlans("br0") == {1: NATIVE, 10: set(), 11: set()}
    tap = Tap(street.host, "one")
    for vid in (10, 11, 3, None):
        tap.send(SERVER_MAC, MAC_ONE, f"in {vid}", vid)
    arrives(street.far, "in 10", 10)
    arrives(street.far, "in 11", 11)
    assert stays_out(street.far, "in 3", "in None")
    tap.close()
    street.detach("one")
    assert street.vlans("br0") == {1: NATIVE, 10: set()}
    street.host.run("bridge", "vlan", "del", "dev", "br0", "vid", 10, "self")


def test_the_port_behind_a_veth_gives_untagged_and_tagged_vlans_to_its_only_guest(street):
    street.attach("one", "v0", "both", mode="passthrough")
    assert street.vlans("v1") == {1: {"Egress Untagged"}, 2: NATIVE, 10: set()}
    assert street.shown("one")["vlan"] == ("2", "2") and street.links() == {"one"}
    tap = Tap(street.host, "one")
    for vid in (None, 10, 11):
        tap.send(SERVER_MAC, MAC_ONE, f"both in {vid}", vid)
    arrives(street.far, "both in None", 2)
    arrives(street.far, "both in 10", 10)
    assert stays_out(street.far, "both in 11")
    street.far.send(MAC_ONE, SERVER_MAC, "untagged to both", 2)
    arrives(tap, "untagged to both", None)
    tap.close()
    street.detach("one")
    assert street.vlans("v1") == {1: NATIVE}


def test_what_the_bridge_cannot_give_is_refused_before_anything_is_changed(street):
    street.host.ip("addr", "add", "192.0.2.1/24", "dev", "v0")
    for device, profile, word in (
            ("v0", "both", "vlan: port profile 'both' wants untagged frames in VLAN 2; the host"),
            ("br0", "native", "vlan: port profile 'native' wants VLAN 1 tagged"),
            ("uplink", "trunk", "uplink belongs to br0")):
        answer = street.try_attach("one", device, profile)
        assert answer.returncode == 1 and word in answer.stderr, answer.stderr
    street.host.ip("addr", "flush", "dev", "v0")
    assert street.links() == set()
    assert street.vlans("br0") == street.vlans("v1") == {1: NATIVE}
