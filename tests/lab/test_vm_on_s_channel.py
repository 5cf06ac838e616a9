# SPDX-License-Identifier: Apache-2.0
"""A real libvirtd with VMs on an S-channel: it knows none, and names the uplink and the SVID."""
import pathlib
import re

import pytest

import libvirt_host
from channel_street import Street
from lab import SLOWNESS, wait_for
from scenes import ASSOCIATED, MAC_ONE, MAC_TWO, ONE, TWO
from vlan_street import SERVER_MAC
from wire_ends import End

PATIENCE = 40 * SLOWNESS  # seconds of a virsh
NICS = ("nic0", "nic1")
LIBVIRT = '[libvirt]\nenable = true\n'
NATIVE = {"PVID", "Egress Untagged"}
TYPES = """
[[vsi_type]]
id = 1193047
version = 2
name = "untagged in one, tagged in another"
untagged = 7
tagged = [5]
"""


@pytest.fixture(scope="module")
def street(shared_lab):
    """libvirt's VMs cannot have a veth as their uplink: the host has a real NIC here."""
    if not all(pathlib.Path(f"/sys/class/net/{nic}").exists() for nic in NICS):
        pytest.skip("needs two NICs on a hub: run it by tests/lab/all")
    reason = libvirt_host.missing()
    if reason:
        pytest.skip(reason)
    made = Street(shared_lab, vlans=(5, 7), types=TYPES, nics=NICS, more=LIBVIRT,
                  host=libvirt_host.VmHost(shared_lab, "host"))
    made.wait_for_channels({2: 100, 3: 101})
    made.station.wait_for_evb("eth0.s2")
    made.host.start_libvirtd()
    made.far = End(made.server, "eth0")
    yield made
    made.far.close()
    made.close()


def received(host, tap):
    return int(host.read(f"/sys/class/net/{tap}/statistics/rx_packets"))


@pytest.mark.parametrize("device, vsi, mac, vid, vlans", (
    ("eth0.s2", ONE, MAC_ONE, 7, {7: NATIVE}), ("eth0.s2.5", TWO, MAC_TWO, 5, {5: set()})))
def test_a_vm_is_associated_on_the_channel_below_it_in_its_vlan(street, device, vsi, mac, vid, vlans):
    host, station = street.host, street.station
    if device == "eth0.s2.5":
        host.ip("link", "add", "link", "eth0.s2", "name", device, "type", "vlan", "id", "5")
        host.ip("link", "set", device, "up")
    guest = libvirt_host.domain("guest", libvirt_host.interface(mac, vsi, dev=device))
    host.virsh("create", host.file(guest), patience=PATIENCE)

    # libvirt, station and bridge agree.
    assert host.running() == {"guest"} and set(host.interfaces()) == {vsi}
    taps = re.findall(r"(macvtap\d+)@(\S+?):", host.ip("link", "show", "type", "macvtap").stdout)
    assert [lower for _, lower in taps] == [device]
    report = station.vsis()[vsi]
    assert (report["port"], report["state"], report["vm"]) == ("eth0.s2", ASSOCIATED, "guest")
    assert [one["vid"] for one in report["filters"]] == [vid]
    assert street.bridge.states() == {vsi: ASSOCIATED}
    assert street.bridge.vsis()[vsi]["port"] == "port1.s2"
    assert street.vlans("port1.s2") == vlans and street.vlans("port1") == {}
    assert street.switch.fdb("port1.s2") == {mac}

    # What the server sends to the VM in its VLAN comes out of the macvtap.
    wait_for(lambda: host.read(f"/sys/class/net/{taps[0][0]}/operstate") != "down", "the tap is up")
    before = received(host, taps[0][0])
    street.far.send(mac, SERVER_MAC, "to the VM", vid)
    wait_for(lambda: received(host, taps[0][0]) > before, "the VM's tap receives")

    host.virsh("destroy", "guest", patience=PATIENCE)
    wait_for(lambda: not station.vsis() and not street.bridge.vsis(), "the VSI is gone at both ends")
    assert street.vlans("port1.s2") == {} and street.switch.fdb("port1.s2") == set()
    assert not host.macvtaps() and not host.interfaces()
