# SPDX-License-Identifier: Apache-2.0
"""Guests on an S-channel: with its device as a link of their own, and with VLANs inside of it."""
import pytest

import evbd
from channel_street import TYPES, Street
from ground import INTERFACE, NATIVE, SERVER_MAC
from lab import run, wait_for
from scenes import ASSOCIATED, MAC_ONE, MAC_TWO, ONE, TWO
from wire_ends import ETHERTYPE, End, Tap, arrives, stays_out


@pytest.fixture(scope="module")
def street(shared_lab):
    made = Street(shared_lab, vlans=(5, 7), types=TYPES)
    made.wait_for_channels({2: 100, 3: 101})
    made.station.wait_for_evb("eth0.s2")
    made.far = End(made.server, "eth0")
    yield made
    made.far.close()


def xml(street, device, vsi=ONE, mac=MAC_ONE):
    file = street.station.folder / "interface.xml"
    file.write_text(INTERFACE.format(device=device, vsi=vsi, mac=mac))
    return file


def attach(street, *words):
    answer = street.station.ctl("interface", "attach", *words, timeout=120)
    assert answer.returncode == 0, answer.stderr


def detach(street, name):
    answer = street.station.ctl("interface", "detach", name, timeout=120)
    assert answer.returncode == 0, answer.stderr
    wait_for(lambda: street.bridge.vsis() == {}, "the bridge has ended it")
    assert street.station.vsis() == {} and street.links() == {"eth0.s2", "eth0.s3"}
    assert street.switch.fdb("port1.s2") == set() and street.vlans("port1.s2") == {}


def has_traffic(street, name, vid, tag):
    """Both ways, in VLAN `vid` at the server, with C-tag `tag` and S-tag 100 on the wire between."""
    tap, text = Tap(street.host, name), f"{name} {vid} {tag}"
    tap.send(SERVER_MAC, MAC_ONE, f"from {text}")
    arrives(street.far, f"from {text}", vid)
    for other in (5, 7):
        street.far.send(MAC_ONE, SERVER_MAC, f"to {text} in {other}", other)
    arrives(tap, f"to {text} in {vid}", None)
    assert stays_out(tap, f"to {text} in {12 - vid}")
    tap.close()
    for mac in (MAC_ONE, SERVER_MAC):
        wait_for(lambda m=mac: (m, 100, tag, ETHERTYPE) in street.seen(), f"tags {tag} of {mac}")
    assert not any(kind == ETHERTYPE and svid != 100 for _, svid, _, kind in street.seen())


def test_an_interface_on_a_channels_device_is_untagged_in_the_channel(street):
    attach(street, "--xml", xml(street, "eth0.s2"), "--bridge-assigns-vlan")
    report = street.station.vsis()[ONE]
    assert (report["port"], report["state"]) == ("eth0.s2", ASSOCIATED)
    assert street.bridge.vsis()[ONE]["port"] == "port1.s2"
    assert street.vlans("port1.s2") == {7: NATIVE} and street.vlans("port1") == {}
    has_traffic(street, "guest", 7, None)
    detach(street, "guest")


def test_an_interface_on_a_vlan_of_the_channel_is_tagged_twice(street):
    attach(street, "--xml", xml(street, "eth0.s2.5"))
    assert street.links() == {"eth0.s2", "eth0.s3", "eth0.s2.5", "guest"}
    report = street.station.vsis()[ONE]
    assert report["port"] == "eth0.s2" and report["filters"][0]["vid"] == 5
    assert street.vlans("port1.s2") == {5: set()} and street.vlans("port1") == {}
    has_traffic(street, "guest", 5, 5)
    detach(street, "guest")


def test_a_profiles_vlan_is_one_inside_of_the_channel(street):
    """The SVID of the channel's device is no VLAN of the guest's."""
    file, database = (street.station.folder / each for each in ("profile.toml", "profiles.db"))
    file.write_text(TYPES.replace("id =", "manager = 11\nid =") + """
[[port_profile]]
name = "finance"
untagged = 5
vsi_type = { manager = 11, id = 1193047, version = 2 }
""")
    run(evbd.BUILD / "evbctl", "profile", "import", file, "--db", database)
    attach(street, "--device", "eth0.s2", "--name", "one", "--mac", MAC_ONE, "--profile", "finance")
    assert street.links() == {"eth0.s2", "eth0.s3", "eth0.s2.5", "one"}
    shown = street.station.json("interface", "show", "one")[0]
    assert {"name": "vlan", "wanted": "5", "in_force": "5"} in shown["parameters"]
    has_traffic(street, "one", 5, 5)
    detach(street, "one")
    street.station.put_profile("trunk", "tagged=5")
    attach(street, "--device", "eth0.s2", "--name", "two", "--mac", MAC_ONE, "--profile", "trunk")
    assert street.links() == {"eth0.s2", "eth0.s3", "two"}
    detach(street, "two")


def test_the_vlan_of_a_device_on_a_channel_is_the_vsis(street):
    """Whether only its name is there, or the device itself."""
    for vsi, mac, words in ((ONE, MAC_ONE, None), (TWO, MAC_TWO, ("link", "eth0.s2", "name"))):
        if words is not None:
            street.host.ip("link", "add", *words, "eth0.s2.5", "type", "vlan", "id", "5")
        answer = street.station.ctl("vsi", "associate", "--xml",
                                    xml(street, "eth0.s2.5", vsi, mac), timeout=120)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        report = street.station.vsis()[vsi]
        assert report["port"] == "eth0.s2" and [one["vid"] for one in report["filters"]] == [5]
        assert street.vlans("port1.s2") == {5: set()}
    street.host.ip("link", "del", "eth0.s2.5")
    for vsi in (ONE, TWO):
        assert street.station.ctl("vsi", "deassociate", vsi).returncode == 0
    wait_for(lambda: street.bridge.vsis() == {}, "the bridge has ended them")


def test_a_channel_without_an_svid_is_told_where_its_device_is_needed(street):
    street.switch.ip("link", "set", "port1", "down")
    wait_for(lambda: street.links() == set(), "the channels are gone")
    answer = street.station.ctl("interface", "attach", "--xml", xml(street, "eth0.s2"), timeout=120)
    assert answer.returncode == 1 and "the bridge gives it no SVID" in answer.stderr, answer.stderr
    street.switch.ip("link", "set", "port1", "up")
    street.wait_for_channels({2: 100, 3: 101})
