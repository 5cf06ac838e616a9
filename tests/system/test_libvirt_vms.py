# SPDX-License-Identifier: Apache-2.0
"""VMs of a real libvirtd: they start when the bridge says yes, and leave nothing behind."""
import re

import pytest

import frames
from lab import wait_for
from libvirt_host import UPLINK, domain, interface
from scenes import MAC_ONE, MAC_TWO, ONE, TWO, mac, uuid
from vm_scenes import Rack

REFUSED_TYPE = 99  # the bridge knows no such type
SAVED = "/run/vm.saved"


@pytest.fixture(scope="module")
def built(needs_libvirt, shared_lab):
    return Rack(shared_lab)


@pytest.fixture
def rack(built):
    """After each test station, bridge and libvirt must agree that nothing is left."""
    yield built
    built.is_empty()


def number_told(answer):
    """N of libvirt's "error N during port-profile setlink"."""
    assert answer.returncode != 0, answer.stdout
    told = re.search(r"error (\d+) during port-profile setlink on interface up0", answer.stderr)
    assert told, answer.stderr
    return int(told.group(1))


def test_a_vm_starts_when_the_bridge_says_yes_and_its_traffic_passes(rack, host, station):
    host.create(domain("guest", interface(MAC_ONE, ONE), boots=True))
    rack.agrees()
    rack.hears(MAC_ONE)
    shown = station.ctl("vsi", "show").stdout
    assert re.search(rf"{ONE} +guest +{UPLINK} +associated", shown), shown
    host.virsh("destroy", "guest")
    rack.agrees()
    assert MAC_ONE not in rack.switch.fdb("port1")


def test_a_refused_type_fails_with_the_reasons_number_in_virshs_message(rack, host, station):
    answer = host.create(domain("guest", interface(MAC_ONE, ONE, type_id=REFUSED_TYPE)), check=False)
    number = number_told(answer)
    assert number == 4
    assert not host.running()
    rack.agrees()
    assert str(number) in station.ctl("explain", str(number)).stdout


def test_a_vm_with_several_interfaces_has_them_all_or_does_not_start(rack, host):
    nics = [interface(mac(number), uuid(number)) for number in range(4)]
    host.create(domain("guest", *nics))
    rack.agrees()
    assert len(host.interfaces()) == 4
    host.virsh("destroy", "guest")
    nics[2] = interface(mac(2), uuid(2), type_id=REFUSED_TYPE)
    assert number_told(host.create(domain("guest", *nics), check=False)) == 4
    assert not host.running()
    rack.agrees()


def test_an_interface_is_plugged_and_unplugged(rack, host):
    host.create(domain("guest", interface(MAC_ONE, ONE)))
    second = host.file(interface(MAC_TWO, TWO))
    host.virsh("attach-device", "guest", second, "--live")
    rack.agrees()
    assert set(host.interfaces()) == {ONE, TWO}
    host.virsh("detach-device", "guest", second, "--live")
    host.virsh("reset", "guest")  # no guest is there that would let the device go
    wait_for(lambda: set(host.interfaces()) == {ONE}, "the interface is unplugged")
    rack.agrees()


def test_a_refused_interface_is_not_plugged_and_the_vm_runs_on(rack, host):
    host.create(domain("guest", interface(MAC_ONE, ONE)))
    second = host.file(interface(MAC_TWO, TWO, type_id=REFUSED_TYPE))
    answer = host.virsh("attach-device", "guest", second, "--live", check=False)
    assert number_told(answer) == 4
    assert host.running() == {"guest"}
    rack.agrees()


def test_save_takes_the_vsi_away_and_restore_brings_it_back(rack, host, station):
    host.create(domain("guest", interface(MAC_ONE, ONE)))
    host.virsh("save", "guest", SAVED)
    rack.agrees()
    assert not station.vsis()
    host.virsh("restore", SAVED)
    rack.agrees()
    assert set(station.vsis()) == {ONE}


def test_a_managed_save_too(rack, host, station):
    host.virsh("define", host.file(domain("kept", interface(MAC_ONE, ONE))))
    try:
        host.virsh("start", "kept")
        host.virsh("managedsave", "kept")
        rack.agrees()
        assert not station.vsis()
        host.virsh("start", "kept")
        rack.agrees()
        assert set(station.vsis()) == {ONE}
        host.virsh("destroy", "kept")
    finally:
        host.virsh("undefine", "kept", "--managed-save", check=False)


def test_suspend_and_resume_disturb_nothing(rack, host):
    host.create(domain("guest", interface(MAC_ONE, ONE)), "--paused")
    rack.agrees()
    host.virsh("resume", "guest")
    rack.agrees()


@pytest.mark.parametrize("mode", ["bridge", "private", "passthrough"])
def test_the_other_modes_are_associated_too(rack, host, mode):
    host.create(domain("guest", interface(MAC_ONE, ONE, mode=mode)))
    rack.agrees()


def test_the_vlan_that_libvirt_finds_is_the_one_associated(rack, host, station):
    """Of a real VLAN device where the kernel has them (tests/lab); here it is told of one."""
    host.libvirtd.stop()
    host.start_libvirtd(vid=42)
    try:
        host.create(domain("guest", interface(MAC_ONE, ONE)))
        rack.agrees()
        assert station.vsis()[ONE]["filters"] == [{"mac": MAC_ONE, "vid": 42}]
        host.virsh("destroy", "guest")
    finally:
        host.libvirtd.stop()
        host.start_libvirtd()


def test_a_vm_that_crashes_leaves_nothing(rack, host):
    host.create(domain("guest", interface(MAC_ONE, ONE)))
    rack.agrees()
    pid = host.read("/run/libvirt/qemu/guest.pid")
    host.run("kill", "-9", pid)
    wait_for(lambda: not host.running(), "libvirt sees the end of the VM")
    rack.agrees()


def test_what_is_asked_for_is_what_is_on_the_wire(rack, host):
    before = len(rack.captures["one"].associations())
    host.create(domain("guest", interface(MAC_ONE, ONE)))
    host.virsh("destroy", "guest")
    rack.agrees()
    spoken = [one for one in rack.captures["one"].associations()[before:] if not one.response]
    kinds = [one.kind for one in spoken]
    assert kinds[0] == frames.ASSOC and kinds[-1] == frames.DEASSOC
    assert {(one.id, one.type_id, one.type_version) for one in spoken} == {
        (ONE.replace("-", ""), 1193047, 2)}
