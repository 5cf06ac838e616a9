# SPDX-License-Identifier: Apache-2.0
"""A real libvirtd with VMs on an S-channel: it knows none, and names the uplink and the SVID."""
import pytest

import libvirt_host
import vms
from channel_street import TYPES, Street
from ground import NATIVE
from scenes import ASSOCIATED, MAC_ONE, MAC_TWO, ONE, TWO
from wire_ends import End


@pytest.fixture(scope="module")
def street(shared_lab):
    made = Street(shared_lab, vlans=(5, 7), types=TYPES, host=vms.host(shared_lab), nics=vms.NICS,
                  more=vms.LIBVIRT)
    made.wait_for_channels({2: 100, 3: 101})
    made.station.wait_for_evb("eth0.s2")
    made.host.start_libvirtd()
    made.far = End(made.server, "eth0")
    yield made
    made.far.close()
    made.close()


@pytest.mark.parametrize("device, vsi, mac, vid, vlans", (
    ("eth0.s2", ONE, MAC_ONE, 7, {7: NATIVE}), ("eth0.s2.5", TWO, MAC_TWO, 5, {5: set()})))
def test_a_vm_is_associated_on_the_channel_below_it_in_its_vlan(street, device, vsi, mac, vid, vlans):
    host, station = street.host, street.station
    if device == "eth0.s2.5":
        host.ip("link", "add", "link", "eth0.s2", "name", device, "type", "vlan", "id", "5")
        host.ip("link", "set", device, "up")
    tap, lower = vms.start(street, libvirt_host.interface(mac, vsi, dev=device))

    # libvirt, station and bridge agree.
    assert lower == device and set(host.interfaces()) == {vsi}
    report = station.vsis()[vsi]
    assert (report["port"], report["state"], report["vm"]) == ("eth0.s2", ASSOCIATED, "guest")
    assert [one["vid"] for one in report["filters"]] == [vid]
    assert street.bridge.states() == {vsi: ASSOCIATED}
    assert street.bridge.vsis()[vsi]["port"] == "port1.s2"
    assert street.vlans("port1.s2") == vlans and street.vlans("port1") == {}
    assert street.switch.fdb("port1.s2") == {mac}

    vms.receives(street, tap, mac, vid)
    vms.end(street)
    assert street.vlans("port1.s2") == {} and street.switch.fdb("port1.s2") == set()
