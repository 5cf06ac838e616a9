# SPDX-License-Identifier: Apache-2.0
"""Two hosts with a libvirtd each, whose VMs are on an S-channel of their uplink: live migration from
one channel to the other, and what of a VM outlives the programs that it was started by."""
import pytest

import frames
import libvirt_host
import vms
from ground import EVB
from lab import Capture, wait_for
from libvirt_host import UPLINK, domain, interface
from scenes import MAC_ONE, MAC_TWO, ONE, TWO
from vm_scenes import Rack

CHANNEL = f"{UPLINK}.s2"
COMES, GOES = 0x10, 0x20  # M and S (41.2.3)


class ChannelRack(Rack):
    """A rack whose wires have an S-channel beside the default one, which the VMs are on."""

    STATION = "[port.cdcp]\nenable = true\nchannels = [2]\n"
    BRIDGE = "[port.cdcp]\nenable = true\nsvid_pool = [100, 109]\n"

    def __init__(self, lab_, names):
        super().__init__(lab_, names, evb=EVB)
        for name, host in self.hosts.items():
            self.stations[name].wait_for_evb(CHANNEL)
            self.captures[name] = Capture(host, CHANNEL, lab_.folder / f"{name}-channel.pcap")

    def door(self, name):
        return f"{self.ports[name]}.s2"

    def start(self, name, vsi=ONE, mac=MAC_ONE):
        """A VM on the channel of this host."""
        guest = self.hosts[name].file(domain("guest", interface(mac, vsi, dev=CHANNEL)))
        self.hosts[name].virsh("create", guest, patience=vms.PATIENCE)
        self.agrees(vms.PATIENCE)
        assert self.stations[name].vsis()[vsi]["port"] == CHANNEL


@pytest.fixture(scope="module")
def rack(shared_lab):
    reason = libvirt_host.missing()
    if reason:
        pytest.skip(reason)
    return ChannelRack(shared_lab, ("one", "two"))


@pytest.fixture(autouse=True)
def nothing_is_left(rack):
    yield
    rack.is_empty()


def test_a_vm_migrates_from_channel_to_channel(rack):
    rack.start("one")
    since = {name: rack.spoken(name) for name in rack.hosts}
    way = rack.lab.short_folder() / "migration"
    rack.hosts["one"].virsh("migrate", "--live", "guest", rack.hosts["two"].uri, "--migrateuri",
                            f"unix://{way}", patience=vms.PATIENCE)
    assert rack.hosts["two"].running() == {"guest"} and not rack.hosts["one"].running()
    rack.agrees(vms.PATIENCE)
    assert rack.stations["two"].vsis()[ONE]["port"] == CHANNEL and not rack.stations["one"].vsis()

    came = rack.requests("two", since["two"])
    assert [one.kind for one in came[:2]] == [frames.PRE, frames.ASSOC]
    assert all(one.status & COMES for one in came[:2]), came
    went = rack.requests("one", since["one"])[-1]
    assert went.kind == frames.DEASSOC and went.status & GOES, went


def test_a_vms_association_outlives_evbd_and_libvirtd(rack):
    host, station = rack.hosts["one"], rack.stations["one"]
    rack.start("one")
    taps, since = host.macvtaps(), rack.spoken("one")
    station.kill()
    station.start()
    station.wait_for_evb(CHANNEL)
    rack.agrees(vms.PATIENCE)
    assert station.vsis()[ONE]["port"] == CHANNEL and host.macvtaps() == taps
    assert frames.DEASSOC not in [one.kind for one in rack.requests("one", since)]
    for end in ("stop", "kill"):
        getattr(host.libvirtd, end)()
        host.start_libvirtd()
        assert host.running() == {"guest"}
        rack.agrees(vms.PATIENCE)


def test_an_interface_is_plugged_into_the_channel_and_unplugged(rack):
    host = rack.hosts["one"]
    rack.start("one")
    second = host.file(interface(MAC_TWO, TWO, dev=CHANNEL))
    host.virsh("attach-device", "guest", second, "--live", patience=vms.PATIENCE)
    rack.agrees(vms.PATIENCE)
    assert {vsi["port"] for vsi in rack.stations["one"].vsis().values()} == {CHANNEL}
    host.virsh("detach-device", "guest", second, "--live", patience=vms.PATIENCE)
    host.virsh("reset", "guest")  # no guest is there that would let the device go
    wait_for(lambda: set(host.interfaces()) == {ONE}, "the interface is unplugged", vms.PATIENCE)
    rack.agrees(vms.PATIENCE)
