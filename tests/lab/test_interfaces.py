# SPDX-License-Identifier: Apache-2.0
"""The documentation's eth0.2 for real: interfaces that evbd makes on VLAN devices."""
import pytest

from ground import INTERFACE, SERVER_MAC
from scenes import MAC_ONE, MAC_TWO, ONE
from vlan_street import TYPES, VlanStreet
from wire_ends import Tap, arrives, stays_out


@pytest.fixture
def street(lab):
    # What reaches eth0.2 is tagged, so the documentation's type has VLAN 2 tagged here.
    made = VlanStreet(lab, types=TYPES.replace("untagged = 2\ntagged = [10, 11]",
                                               "tagged = [2, 10, 11]"))
    yield made
    made.close()


def attach(street, *words):
    answer = street.station.ctl("interface", "attach", *words, timeout=120)
    assert answer.returncode == 0, answer.stderr
    return answer


def test_the_documentations_interface_is_associated_in_its_vlan_and_has_traffic(street, tmp_path):
    file = tmp_path / "interface.xml"
    file.write_text(INTERFACE.format(device="eth0.2", mac=MAC_ONE, vsi=ONE))
    attach(street, "--xml", file)
    assert street.links() == {"eth0.2", "guest"}
    assert street.filters(ONE) == {(2, MAC_ONE)}
    tap = Tap(street.host, "guest")
    tap.send(SERVER_MAC, MAC_ONE, "from the guest")
    arrives(street.far, "from the guest", 2)
    street.far.send(MAC_ONE, SERVER_MAC, "to the guest", 2)
    arrives(tap, "to the guest", None)
    street.far.send(MAC_ONE, SERVER_MAC, "in another VLAN", 10)
    assert stays_out(tap, "in another VLAN")
    tap.close()
    assert street.station.ctl("interface", "detach", "guest", timeout=120).returncode == 0
    assert street.links() == set() and street.station.vsis() == {}


def test_a_profiles_vlan_gets_a_device_that_goes_with_the_last_who_needs_it(street):
    street.station.put_profile("finance", "untagged=2", "mtu=1400")
    for name, mac in (("one", MAC_ONE), ("two", MAC_TWO)):
        attach(street, "--device", "eth0", "--name", name, "--mac", mac, "--profile", "finance")
    assert street.links() == {"eth0.2", "one", "two"}
    shown = street.station.json("interface", "show", "one")[0]
    assert {"name": "vlan", "wanted": "2", "in_force": "2"} in shown["parameters"]
    street.station.ctl("interface", "detach", "one", timeout=120)
    assert street.links() == {"eth0.2", "two"}
    street.station.ctl("interface", "detach", "two", timeout=120)
    assert street.links() == set()


def test_a_vlan_device_that_was_there_stays(street):
    street.host.ip("link", "add", "link", "eth0", "name", "tenants", "type", "vlan", "id", "2")
    street.host.ip("link", "set", "tenants", "up")
    street.station.put_profile("finance", "untagged=2")
    attach(street, "--device", "eth0", "--name", "one", "--profile", "finance")
    street.station.ctl("interface", "detach", "one", timeout=120)
    assert street.links() == {"tenants"}
    street.station.put_profile("other", "untagged=3")
    answer = street.station.ctl("interface", "attach", "--device", "tenants", "--profile", "other",
                                timeout=120)
    assert answer.returncode == 1 and "vlan: " in answer.stderr
