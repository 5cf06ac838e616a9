# SPDX-License-Identifier: Apache-2.0
"""What the tests with a real libvirtd and VMs share. A veth cannot be the uplink of libvirt's VMs: the
host has a real NIC."""
import pathlib
import re

import pytest

import libvirt_host
from ground import SERVER_MAC
from lab import SLOWNESS, wait_for

PATIENCE = 40 * SLOWNESS  # seconds of a virsh: in here even qemu's firmware is emulated twice
NICS = ("nic0", "nic1")
LIBVIRT = "[libvirt]\nenable = true\n"


def host(lab):
    """A host for VMs, or the reason why there can be none."""
    if not all(pathlib.Path(f"/sys/class/net/{nic}").exists() for nic in NICS):
        pytest.skip("needs two NICs on a hub: run it by tests/lab/all")
    reason = libvirt_host.missing()
    if reason:
        pytest.skip(reason)
    return libvirt_host.VmHost(lab, "host")


def start(street, interface):
    """A VM "guest" with this interface, the only one; its macvtap and the device below that."""
    guest = libvirt_host.domain("guest", interface)
    street.host.virsh("create", street.host.file(guest), patience=PATIENCE)
    assert street.host.running() == {"guest"}
    shown = street.host.ip("link", "show", "type", "macvtap").stdout
    taps = re.findall(r"(macvtap\d+)@(\S+?):", shown)
    assert len(taps) == 1, shown
    return taps[0]


def receives(street, tap, mac, vid):
    """What the server sends to the VM in this VLAN comes out of its macvtap."""
    def received():
        return int(street.host.read(f"/sys/class/net/{tap}/statistics/rx_packets"))
    wait_for(lambda: street.host.read(f"/sys/class/net/{tap}/operstate") != "down", "the tap is up")
    before = received()
    street.far.send(mac, SERVER_MAC, "to the VM", vid)
    wait_for(lambda: received() > before, "the VM's tap receives")


def end(street):
    street.host.virsh("destroy", "guest", patience=PATIENCE)
    wait_for(lambda: not street.station.vsis() and not street.bridge.vsis(),
             "the VSI is gone at both ends")
    assert not street.host.macvtaps() and not street.host.interfaces()
