# SPDX-License-Identifier: Apache-2.0
"""Debian's lldpad as the station, driven by vdptool, against our bridge."""
import pytest

import evbd
import frames
import lldpad
from lab import wait_for
from scenes import ASSOCIATED, Link, Street, mac, uuid

MANAGER = "tenants"  # as vdptool writes text into the 16 octets
TYPES = evbd.TYPES.replace("any_vlan = true", f'manager = "{MANAGER}"\nany_vlan = true')


class Scene(Link):
    """Our bridge decides, but has no Linux bridge below it to enforce it on."""

    def __init__(self, lab, rka=16):
        super().__init__(lab)
        self.bridge = evbd.Evbd(self.far, [evbd.port_table("veth2", "bridge", enforce=False)],
                                types=TYPES)
        self.station = lldpad.Lldpad(self.near, "veth0", "station", rka=rka)
        self.bridge.wait_for_evb()
        self.station.wait_for_neighbor()
        wait_for(self.station_knows_the_bridge, "lldpad has taken up what our bridge says")

    def ask(self, mode, number, **options):
        return self.station.vdptool(mode, uuid(number), [f"2-{mac(number)}"], manager=MANAGER,
                                    **options)

    def responses(self, number):
        return [one for one in self.capture.associations()
                if one.response and one.id == uuid(number).replace("-", "")]


@pytest.fixture
def scene(lab, needs_lldpad):
    return Scene(lab)


def test_every_type_of_association_is_served_in_turn(scene):
    for mode, kind in (("preassoc", frames.PRE), ("preassoc-rr", frames.PRE_RR),
                       ("assoc", frames.ASSOC)):
        assert scene.ask(mode, 1, wait=True).returncode == 0
        wait_for(lambda: scene.responses(1)[-1:] and scene.responses(1)[-1].kind == kind,
                 f"our bridge answers {mode}")
        assert scene.responses(1)[-1].reason == 0
    assert scene.bridge.states() == {uuid(1): ASSOCIATED}
    assert scene.ask("deassoc", 1, wait=True).returncode == 0
    wait_for(lambda: scene.bridge.states() == {}, "our bridge holds nothing of it any more")
    assert scene.responses(1)[-1].kind == frames.DEASSOC


def test_keep_alives_of_lldpad_are_answered_and_hold(scene):
    scene.ask("assoc", 1)
    wait_for(lambda: len(scene.responses(1)) >= 4, "three keep-alives are answered")
    assert all(one.kind == frames.ASSOC and one.reason == 0 for one in scene.responses(1))
    assert scene.bridge.states() == {uuid(1): ASSOCIATED}


def test_several_vsis_at_once(scene):
    for number in range(10):
        scene.ask("assoc", number)
    wait_for(lambda: list(scene.bridge.states().values()).count(ASSOCIATED) == 10, "all ten are in")
    assert set(scene.station.vsis()) == {uuid(number) for number in range(10)}


def test_a_type_that_is_not_in_the_database_is_refused_with_a_reason(scene):
    scene.ask("assoc", 1, type_id=99)
    refusal = wait_for(lambda: scene.responses(1), "our bridge answers")[0]
    assert refusal.reason != 0
    wait_for(lambda: uuid(1) not in scene.station.vsis(), "lldpad gives up")
    assert scene.bridge.states().get(uuid(1)) != ASSOCIATED


def test_a_vsi_whose_keep_alives_stop_is_let_go(scene):
    scene.ask("assoc", 1)
    scene.bridge.wait_for_state(uuid(1), ASSOCIATED)
    scene.station.process.kill()
    wait_for(lambda: scene.bridge.states().get(uuid(1)) != ASSOCIATED, "toutKeepAlive runs out")


def test_lldpad_as_station_opens_a_real_bridge_port(lab, needs_lldpad):
    street = Street(lab, start=False)
    guest = street.guest("one", mac(1), "10.83.2.1")
    street.bridge = evbd.Evbd(street.switch, street.bridge_ports, types=TYPES)
    station = lldpad.Lldpad(street.host, "uplink", "station", rka=16)
    street.bridge.wait_for_evb()
    wait_for(lambda: street.switch.port_flag("port1", "hairpin_mode"), "the relay is on")
    station.wait_for_neighbor()
    assert not guest.pings("10.83.2.3")
    station.vdptool("assoc", uuid(1), [f"2-{mac(1)}"], manager=MANAGER)
    wait_for(lambda: guest.pings("10.83.2.3"), "the guest reaches the server")
    assert mac(1) in street.switch.fdb("port1")
