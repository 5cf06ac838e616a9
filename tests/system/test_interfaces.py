# SPDX-License-Identifier: Apache-2.0
"""Interfaces that evbd makes for guests: the four modes as the documentation has them."""
import pytest

from guests import Tap
from lab import wait_for
from scenes import MAC_ONE, MAC_TWO, STATION_MAC
from yard import passes, yard  # noqa: F401 (a fixture)

MODES = ("vepa", "bridge", "private")
BROADCAST = "ff:ff:ff:ff:ff:ff"


@pytest.mark.parametrize("hairpin", (False, True))
@pytest.mark.parametrize("one,two", [(a, b) for i, a in enumerate(MODES) for b in MODES[i:]])
def test_guests_of_one_device_meet_as_the_documentation_says(yard, one, two, hairpin):
    """bridge: directly, if both are in it; vepa: over the bridge that reflects; private: never, if
    one of them is in it - although the kernel lets reflected unicast through."""
    yard.hairpin(hairpin)
    yard.attach(name="a", mode=one, mac=MAC_ONE)
    yard.attach(name="b", mode=two, mac=MAC_TWO)
    taps = {MAC_ONE: Tap(yard.host, "a"), MAC_TWO: Tap(yard.host, "b")}
    both_bridge = one == two == "bridge"
    expected = both_bridge or (hairpin and "private" not in (one, two))
    for source, to in ((MAC_ONE, MAC_TWO), (MAC_TWO, MAC_ONE)):
        assert passes(taps[source], taps[to], source, to, expected) == expected, (source, to)
        assert passes(taps[source], taps[to], source, BROADCAST, expected) == expected, "broadcast"


def test_private_guests_reach_others_than_their_neighbours(yard):
    yard.hairpin(True)
    yard.attach(name="a", mode="private", mac=MAC_ONE)
    yard.attach(name="b", mode="bridge", mac=MAC_TWO)
    yard.server.ip("link", "add", "tap0", "link", "eth0", "address", "02:00:00:00:00:44", "type",
                   "macvtap", "mode", "bridge")
    yard.server.ip("link", "set", "tap0", "up")
    guest, server = Tap(yard.host, "a"), Tap(yard.server, "tap0")
    assert passes(guest, server, MAC_ONE, "02:00:00:00:00:44")
    assert passes(server, guest, "02:00:00:00:00:44", MAC_ONE)


def test_a_private_guest_is_kept_apart_from_those_who_come_later_and_are_not_evbds(yard):
    yard.hairpin(True)
    yard.attach(name="a", mode="private", mac=MAC_ONE)
    yard.host.ip("link", "add", "other", "link", "uplink", "address", MAC_TWO, "type", "macvtap",
                 "mode", "vepa")
    yard.host.ip("link", "set", "other", "up")
    filters = ("tc", "filter", "show", "dev", "a", "egress")
    wait_for(lambda: yard.host.run(*filters).stdout, "evbd follows who is there")
    guest, other = Tap(yard.host, "a"), Tap(yard.host, "other")
    assert not passes(guest, other, MAC_ONE, MAC_TWO, False)
    assert not passes(other, guest, MAC_TWO, MAC_ONE, False)


def test_what_a_mode_does_not_give_is_said(yard):
    said = yard.attach(name="a", mode="vepa", mac=MAC_ONE).stderr
    assert "reflective relay is not granted" in said
    said = yard.attach(name="b", mode="bridge", mac=MAC_TWO).stderr
    assert "a (vepa)" in said
    answer = yard.try_attach("--require-relay", name="c", mode="vepa")
    assert answer.returncode == 1 and "reflective relay is required" in answer.stderr
    assert "c" not in yard.links()


def test_passthrough_takes_the_device_with_its_address_and_gives_it_back(yard):
    yard.attach(name="p", mode="passthrough", mac=MAC_ONE)
    assert yard.uplink_mac() == MAC_ONE
    assert yard.links()["p"]["address"] == MAC_ONE
    for mode in MODES + ("passthrough",):
        answer = yard.try_attach(mode=mode)
        assert answer.returncode == 1 and "has one user" in answer.stderr
    yard.server.ip("link", "add", "tap0", "link", "eth0", "address", "02:00:00:00:00:44", "type",
                   "macvtap", "mode", "bridge")
    yard.server.ip("link", "set", "tap0", "up")
    guest, server = Tap(yard.host, "p"), Tap(yard.server, "tap0")
    for hairpin in (False, True):
        yard.hairpin(hairpin)
        assert passes(guest, server, MAC_ONE, "02:00:00:00:00:44")
        assert passes(server, guest, "02:00:00:00:00:44", MAC_ONE)
    guest.close()
    assert yard.evbd.ctl("interface", "detach", "p").returncode == 0
    assert yard.uplink_mac() == STATION_MAC and yard.links() == {}


@pytest.mark.parametrize("use,word", (
    (("addr", "add", "10.83.9.1/24", "dev", "uplink"), "the address 10.83.9.1"),
    (("link", "add", "other", "link", "uplink", "type", "macvlan", "mode", "bridge"),
     "used by other"),
    (("link", "set", "uplink", "master", "br1"), "belongs to br1"),
))
def test_passthrough_refuses_a_device_in_use(yard, use, word):
    yard.host.ip("link", "add", "br1", "type", "bridge")
    yard.host.ip(*use)
    before = yard.links()
    answer = yard.try_attach(mode="passthrough")
    assert answer.returncode == 1 and word in answer.stderr, answer.stderr
    assert yard.links().keys() == before.keys() and yard.uplink_mac() == STATION_MAC


def test_refusals_name_the_field_and_change_nothing(yard):
    yard.attach(name="a", mac=MAC_ONE)
    for options, code, word in (
            ({"device": "nowhere"}, 4, "no interface 'nowhere'"),
            ({"device": "a"}, 2, "itself a macvtap"),
            ({"name": "a"}, 2, "there is an interface a already"),
            ({"name": "much-too-long-a-name"}, 2, "name:"),
            ({"mac": MAC_ONE}, 1, "has the address"),
            ({"mac": "01:00:5e:00:00:01"}, 2, "mac:"),
            ({"mode": "sideways"}, 2, "is no mode"),
            ({"profile": "none-such"}, 4, "no port profile 'none-such'")):
        answer = yard.try_attach(**options)
        assert answer.returncode == code and word in answer.stderr, (options, answer.stderr)
    yard.host.ip("link", "set", "uplink", "down")
    answer = yard.try_attach()
    assert answer.returncode == 1 and "uplink is down" in answer.stderr
    assert list(yard.links()) == ["a"]


def test_what_somebody_else_removes_is_forgotten(yard):
    yard.attach(name="p", mode="passthrough", mac=MAC_ONE)
    yard.host.ip("link", "del", "p")
    wait_for(lambda: not yard.interfaces(), "evbd takes the rest back")
    wait_for(lambda: yard.uplink_mac() == STATION_MAC, "the device has its address back")
