# SPDX-License-Identifier: Apache-2.0
"""A bridge that filters VLANs admits exactly those that the VSI types of its database say."""
import pytest

from lab import wait_for
from scenes import ASSOCIATED, MAC_ONE, MAC_TWO, ONE, TWO
from vlan_street import SERVER_MAC, VlanStreet
from wire_ends import arrives, stays_out

NATIVE = {"PVID", "Egress Untagged"}
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
