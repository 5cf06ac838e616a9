# SPDX-License-Identifier: Apache-2.0
"""VMs of a real libvirtd, and Debian's lldpad as the bridge."""
import shutil

import pytest

import frames
import lldpad
from lab import wait_for
from libvirt_host import domain, interface
from scenes import ASSOCIATED, MAC_ONE, MAC_TWO, ONE, TWO
from vm_scenes import Rack


def lldpad_bridge(switch, ports, types, evb):
    """lldpad enforces nothing and knows no types; a Linux bridge would take its frames away."""
    switch.ip("link", "set", ports[0], "nomaster")
    return lldpad.Lldpad(switch, ports[0], "bridge", rka=evb["rka"])


@pytest.fixture(scope="module")
def built(needs_libvirt, shared_lab):
    if shutil.which("lldpad") is None:
        pytest.skip("no lldpad here: run it by ./check --only system")
    rack = Rack(shared_lab, bridge=lldpad_bridge)
    # Until its next LLDPDU lldpad ends each association within microseconds.
    rack.bridge.wait_for_neighbor()
    return rack


@pytest.fixture
def rack(built):
    yield built
    built.hosts["one"].destroy_all()
    agree(built)
    assert not built.stations["one"].vsis() and not confirmed(built)


def confirmed(rack):
    """The VSIs that lldpad has confirmed last: as a bridge it lists none, so the wire has to tell."""
    last = {one.id: one.kind for one in rack.captures["one"].associations()
            if one.response and one.reason == 0}
    return {vsi for vsi, kind in last.items() if kind == frames.ASSOC}


def agree(rack):
    """As Rack.agrees(), by what is known of lldpad."""
    host, station = rack.hosts["one"], rack.stations["one"]

    def agreed():
        wanted = {vsi: mac for vsi, (mac, _) in host.interfaces().items()}
        there = {vsi: one["filters"][0]["mac"] for vsi, one in station.vsis().items()}
        states = set(station.states().values()) <= {ASSOCIATED}
        held = {vsi.replace("-", "") for vsi in wanted}
        return states and there == wanted and confirmed(rack) == held
    wait_for(agreed, "station, lldpad and libvirt agree")


def test_a_vm_starts_and_stops(rack):
    host = rack.hosts["one"]
    host.create(domain("guest", interface(MAC_ONE, ONE), interface(MAC_TWO, TWO)))
    agree(rack)
    assert len(confirmed(rack)) == 2
    host.virsh("destroy", "guest")
    agree(rack)


def test_save_and_restore(rack):
    host = rack.hosts["one"]
    host.create(domain("guest", interface(MAC_ONE, ONE)))
    host.virsh("save", "guest", "/run/guest.saved")
    agree(rack)
    host.virsh("restore", "/run/guest.saved")
    agree(rack)


def test_evbd_and_libvirtd_killed_while_a_vm_runs(rack):
    host, station = rack.hosts["one"], rack.stations["one"]
    host.create(domain("guest", interface(MAC_ONE, ONE)))
    agree(rack)
    station.kill()
    host.libvirtd.kill()
    station.start()
    host.start_libvirtd()
    agree(rack)
    assert host.running() == {"guest"}


def test_the_state_file_removed(rack):
    host, station = rack.hosts["one"], rack.stations["one"]
    host.create(domain("guest", interface(MAC_ONE, ONE)))
    agree(rack)
    station.kill()
    for file in station.folder.glob("state.db*"):
        file.unlink()
    station.start()
    agree(rack)
