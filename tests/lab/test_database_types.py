# SPDX-License-Identifier: Apache-2.0
"""A bridge that filters VLANs admits exactly those that the VSI types of its database say."""
import json

import pytest

from ground import NATIVE, SERVER_MAC
from lab import wait_for
from scenes import ASSOCIATED, MAC_ONE, MAC_TWO, ONE, TWO
from vlan_street import VlanStreet
from wire_ends import arrives, stays_out

TYPE = """
[[vsi_type]]
manager = 11
id = {id}
version = 1
"""
TRUNK, BOTH, NARROW = (dict(type_id=number, version=1) for number in (1, 2, 3))
TYPES = (TYPE.format(id=1) + "tagged = [10, 11]\n" +
         TYPE.format(id=2) + "untagged = 2\ntagged = [12]\n" +
         TYPE.format(id=3) + "tagged = [11]\n")


@pytest.fixture(scope="module")
def street(shared_lab):
    made = VlanStreet(shared_lab, types="")
    made.bridge.put_types(TYPES)
    yield made
    made.close()


def send(street, mac, *vlans):
    """One frame in each VLAN, either way; each says who, where and, by `street.turn`, when."""
    street.turn = getattr(street, "turn", 0) + 1
    for vid in vlans:
        street.near.send(SERVER_MAC, mac, f"{street.turn} out in {vid}", vid)
        if vid is not None:  # the server is in all VLANs, tagged
            street.far.send(mac, SERVER_MAC, f"{street.turn} in from {vid}", vid)


def admits(street, mac, *vlans, native=None):
    """Whether exactly these VLANs, and `native` without a tag, are open for the address."""
    send(street, mac, 2, 10, 11, 12, None)
    turn = street.turn
    for vid in vlans:
        arrives(street.far, f"{turn} out in {vid}", vid)
        arrives(street.near, f"{turn} in from {vid}", vid)
    if native is not None:
        arrives(street.far, f"{turn} out in None", native)
        arrives(street.near, f"{turn} in from {native}", None)
    open_ones = {*vlans} if native is None else {*vlans, native, None}
    closed = {2, 10, 11, 12, None} - open_ones
    return (stays_out(street.far, *(f"{turn} out in {vid}" for vid in closed)) and
            not any((f"{turn} in from {vid}", tag) in street.near.read()
                    for vid in closed for tag in (vid, None)))


def deassociate(street, vsi):
    assert street.station.ctl("vsi", "deassociate", vsi).returncode == 0
    wait_for(lambda: street.vlans() == {}, "the bridge has closed its port")


def test_of_a_type_with_several_vlans_a_vsi_has_those_that_it_asks_for(street):
    assert admits(street, MAC_ONE)
    street.associate(ONE, MAC_ONE, 10, **TRUNK)
    assert street.vlans() == {10: set()}
    assert admits(street, MAC_ONE, 10) and admits(street, MAC_TWO)
    deassociate(street, ONE)
    assert admits(street, MAC_ONE)

    street.associate(ONE, MAC_ONE, 10, options=("--filter", f"mac={MAC_ONE},vid=11"), **TRUNK)
    assert street.vlans() == {10: set(), 11: set()}
    assert admits(street, MAC_ONE, 10, 11)
    deassociate(street, ONE)
    assert admits(street, MAC_ONE)


def test_untagged_and_tagged_vlans_of_one_type(street):
    street.associate(ONE, MAC_ONE, 2, options=("--filter", f"mac={MAC_ONE},vid=12"), **BOTH)
    assert street.vlans() == {2: NATIVE, 12: set()}
    assert admits(street, MAC_ONE, 12, native=2)
    deassociate(street, ONE)
    assert admits(street, MAC_ONE)


def test_a_vlan_of_another_type_is_refused_until_the_database_gives_it(street):
    answer = street.station.request("associate", "eth0", TWO, mac=MAC_TWO, vlan=10, **NARROW)
    assert answer.returncode != 0 and "reason 5" in answer.stderr, answer.stderr
    assert street.vlans() == {} and admits(street, MAC_TWO)
    street.station.ctl("vsi", "deassociate", TWO)
    street.bridge.put_types(TYPE.format(id=3) + "tagged = [10, 11]\n", "--force")
    street.associate(TWO, MAC_TWO, 10, **NARROW)
    assert street.bridge.states() == {TWO: ASSOCIATED}
    assert admits(street, MAC_TWO, 10) and admits(street, MAC_ONE)
    deassociate(street, TWO)


def put(street, number, vlans):
    street.bridge.put_types(TYPE.format(id=number) + vlans + "\n", "--force")


def apply(street, *words):
    """Of each VSI of a type that has changed: its status, and what it says."""
    answer = street.bridge.ctl("--json", "type", "apply", *words)
    return {one["id"]: (one["status"]["code"], one["status"].get("sentence", ""),
                        one.get("deassociated", False)) for one in json.loads(answer.stdout)}


@pytest.mark.parametrize("number, before, after", ((4, "untagged = 2", "tagged = [2]"),
                                                   (5, "tagged = [2]", "untagged = 2")))
def test_a_vlan_that_turns_from_untagged_to_tagged_or_back_waits_for_a_new_association(
        street, number, before, after):
    turns = dict(type_id=number, version=1)

    def is_as(vlans, *macs):
        untagged = vlans == "untagged = 2"
        assert street.vlans() == {2: NATIVE if untagged else set()}
        for mac in macs:
            assert admits(street, mac, native=2) if untagged else admits(street, mac, 2)

    put(street, number, before)
    street.associate(ONE, MAC_ONE, None, options=("--bridge-assigns-vlan",), **turns)
    street.associate(TWO, MAC_TWO, 2, **turns)
    is_as(before, MAC_ONE, MAC_TWO)
    put(street, number, after)
    change = street.bridge.vsis()[ONE]["type_change"]
    assert (change["in_force"], change["now"]) == ([before], [after])
    told = apply(street)
    assert set(told) == {ONE, TWO}
    for code, sentence, ended in told.values():
        assert code == "REFUSED" and "takes a new association" in sentence and not ended, sentence
    assert street.bridge.states() == {ONE: ASSOCIATED, TWO: ASSOCIATED}
    is_as(before, MAC_ONE, MAC_TWO)

    assert all(ended for *_, ended in apply(street, "--deassociate").values())
    wait_for(lambda: street.bridge.states() == {ONE: ASSOCIATED, TWO: ASSOCIATED} and
             not any("type_change" in one for one in street.bridge.vsis().values()),
             "the stations have asked again")
    is_as(after, MAC_ONE, MAC_TWO)
    assert street.station.states() == {ONE: ASSOCIATED, TWO: ASSOCIATED}
    assert street.station.ctl("vsi", "deassociate", ONE).returncode == 0
    is_as(after, MAC_TWO)
    deassociate(street, TWO)


def test_a_vlan_cannot_turn_tagged_while_another_type_has_it_untagged(street):
    put(street, 6, "untagged = 2")
    street.associate(ONE, MAC_ONE, 2, type_id=6, version=1)
    street.associate(TWO, MAC_TWO, 2, **BOTH)
    put(street, 6, "tagged = [2]")
    assert apply(street, "--deassociate")[ONE][2]
    wait_for(lambda: street.station.vsis()[ONE].get("last_failure", {}).get("reason") == 5,
             "the station is told that its VLAN cannot be had")
    assert "VLAN 2 is in use on the port both tagged and untagged" in street.bridge.process.text()
    assert street.vlans() == {2: NATIVE}
    assert admits(street, MAC_TWO, native=2) and admits(street, MAC_ONE)
    assert street.station.ctl("vsi", "deassociate", TWO).returncode == 0
    street.station.wait_for_state(ONE, ASSOCIATED)
    assert street.vlans() == {2: set()} and admits(street, MAC_ONE, 2)
    deassociate(street, ONE)
