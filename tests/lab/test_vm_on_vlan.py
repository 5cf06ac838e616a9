# SPDX-License-Identifier: Apache-2.0
"""The documentation's example with a real libvirtd: a VM whose uplink is the VLAN device eth0.2."""
import pytest

import libvirt_host
import vms
from scenes import ASSOCIATED, MAC_ONE, ONE
from vlan_street import VlanStreet

TAGGED_ONLY = dict(type_id=5, version=1)


@pytest.fixture(scope="module")
def street(shared_lab):
    made = VlanStreet(shared_lab, vms.host(shared_lab), vms.NICS, vms.LIBVIRT)
    made.host.start_libvirtd()
    yield made
    made.close()


def test_a_vm_on_eth0_2_sends_vid_2_to_the_port_of_its_root_device(street):
    host, station = street.host, street.station
    host.ip("link", "add", "link", "eth0", "name", "eth0.2", "type", "vlan", "id", "2")
    host.ip("link", "set", "eth0.2", "up")
    tap, lower = vms.start(street,
                           libvirt_host.interface(MAC_ONE, ONE, dev="eth0.2", **TAGGED_ONLY))

    # libvirt, station and bridge agree.
    assert lower == "eth0.2" and set(host.interfaces()) == {ONE}
    assert street.filters(ONE) == {(2, MAC_ONE)}
    report = station.vsis()[ONE]
    assert (report["port"], report["state"], report["vm"]) == ("eth0", ASSOCIATED, "guest")
    assert [one["vid"] for one in report["filters"]] == [2]
    assert street.bridge.states() == {ONE: ASSOCIATED}
    assert street.vlans() == {2: set()} and MAC_ONE in street.switch.fdb("port1")

    vms.receives(street, tap, MAC_ONE, 2)
    vms.end(street)
    assert street.vlans() == {} and MAC_ONE not in street.switch.fdb("port1")


def test_a_vlan_that_the_switch_refuses_is_told_in_virshs_message(street):
    host = street.host
    host.ip("link", "add", "link", "eth0", "name", "eth0.99", "type", "vlan", "id", "99")
    host.ip("link", "set", "eth0.99", "up")
    guest = libvirt_host.domain(
        "guest", libvirt_host.interface(MAC_ONE, ONE, dev="eth0.99", **TAGGED_ONLY))
    answer = host.virsh("create", host.file(guest), check=False, patience=vms.PATIENCE)
    assert answer.returncode != 0
    assert "error 5 during port-profile setlink on interface eth0" in answer.stderr, answer.stderr
    assert street.vlans() == {} and not host.macvtaps() and not street.station.vsis()
