# SPDX-License-Identifier: Apache-2.0
"""The documentation's example with a real libvirtd: a VM whose uplink is the VLAN device eth0.2."""
import pathlib
import re

import pytest

import libvirt_host
from lab import SLOWNESS, wait_for
from scenes import ASSOCIATED, MAC_ONE, ONE
from vlan_street import SERVER_MAC, VlanStreet

PATIENCE = 40 * SLOWNESS  # seconds of a virsh: in here even qemu's firmware is emulated twice
NICS = ("nic0", "nic1")
LIBVIRT = "[libvirt]\nenable = true\n"
TAGGED_ONLY = dict(type_id=5, version=1)


@pytest.fixture(scope="module")
def street(shared_lab):
    """A veth cannot be the uplink of libvirt's VMs: the host has a real NIC here."""
    if not all(pathlib.Path(f"/sys/class/net/{nic}").exists() for nic in NICS):
        pytest.skip("needs two NICs on a hub: run it by tests/lab/all")
    reason = libvirt_host.missing()
    if reason:
        pytest.skip(reason)
    made = VlanStreet(shared_lab, libvirt_host.VmHost(shared_lab, "host"), NICS, LIBVIRT)
    made.host.start_libvirtd()
    yield made
    made.close()


def virsh(host, *words):
    return host.virsh(*words, patience=PATIENCE)


def test_a_vm_on_eth0_2_sends_vid_2_to_the_port_of_its_root_device(street):
    host, station = street.host, street.station
    host.ip("link", "add", "link", "eth0", "name", "eth0.2", "type", "vlan", "id", "2")
    host.ip("link", "set", "eth0.2", "up")
    guest = libvirt_host.domain(
        "guest", libvirt_host.interface(MAC_ONE, ONE, dev="eth0.2", **TAGGED_ONLY))
    virsh(host, "create", host.file(guest))

    # libvirt, station and bridge agree.
    assert host.running() == {"guest"} and set(host.interfaces()) == {ONE}
    taps = re.findall(r"(macvtap\d+)@(\S+?):", host.ip("link", "show", "type", "macvtap").stdout)
    assert [lower for _, lower in taps] == ["eth0.2"]
    assert street.filters(ONE) == {(2, MAC_ONE)}
    report = station.vsis()[ONE]
    assert (report["port"], report["state"], report["vm"]) == ("eth0", ASSOCIATED, "guest")
    assert [one["vid"] for one in report["filters"]] == [2]
    assert street.bridge.states() == {ONE: ASSOCIATED}
    assert street.vlans() == {2: set()} and MAC_ONE in street.switch.fdb("port1")

    # What the switch sends to the VM in VLAN 2 comes out of the macvtap on eth0.2.
    def received():
        return int(host.read(f"/sys/class/net/{taps[0][0]}/statistics/rx_packets"))
    wait_for(lambda: host.read(f"/sys/class/net/{taps[0][0]}/operstate") != "down", "the tap is up")
    before = received()
    street.far.send(MAC_ONE, SERVER_MAC, "to the VM", vid=2)
    wait_for(lambda: received() > before, "the VM's tap receives")

    virsh(host, "destroy", "guest")
    wait_for(lambda: not station.vsis() and not street.bridge.vsis(), "the VSI is gone at both ends")
    assert street.vlans() == {} and MAC_ONE not in street.switch.fdb("port1")
    assert not host.macvtaps() and not host.interfaces()


def test_a_vlan_that_the_switch_refuses_is_told_in_virshs_message(street):
    host = street.host
    host.ip("link", "add", "link", "eth0", "name", "eth0.99", "type", "vlan", "id", "99")
    host.ip("link", "set", "eth0.99", "up")
    guest = libvirt_host.domain(
        "guest", libvirt_host.interface(MAC_ONE, ONE, dev="eth0.99", **TAGGED_ONLY))
    answer = host.virsh("create", host.file(guest), check=False, patience=PATIENCE)
    assert answer.returncode != 0
    assert "error 5 during port-profile setlink on interface eth0" in answer.stderr, answer.stderr
    assert street.vlans() == {} and not host.macvtaps() and not street.station.vsis()
