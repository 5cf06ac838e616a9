# SPDX-License-Identifier: Apache-2.0
"""Debian's lldpad at the other end, in both roles."""
import signal

import evbd
from registry import scenario
from stage import ASSOCIATED, NEAR, mac, uuid, wait_for

TYPES = evbd.TYPES.replace("any_vlan = true", 'manager = "tenants"\nany_vlan = true')


class AtLldpad:
    """Our station at lldpad's bridge."""

    def __init__(self, stage, **options):
        stage.wire()
        self.bridge = stage.lldpad("bridge", **options)
        self.station = stage.station()
        self.station.wait_for_evb()
        # lldpad uses what was agreed from its next LLDPDU on.
        wait_for(lambda: self.station.port()["in_use"].get("relay_status") == "on", "relay is given")

    def ask(self, number=1, verb="associate", code=0, **options):
        answer = self.station.request(verb, NEAR, uuid(number), **{"mac": mac(number), **options})
        assert answer.returncode == code, answer.stdout + answer.stderr

    def acknowledged(self, more):
        def count():
            return int(self.station.port()["ecp"].get("acks_received", 0))
        before = count()
        wait_for(lambda: count() >= before + more, f"lldpad acknowledges {more} more")


class OfLldpad:
    """lldpad's station at our bridge."""

    def __init__(self, stage, **options):
        stage.wire()
        self.bridge = stage.bridge(types=TYPES)
        self.station = stage.lldpad("station", **options)
        self.bridge.wait_for_evb()
        self.station.wait_for_neighbor()
        wait_for(lambda: self.bridge.port().get("remote", {}).get("relay_status") != "unknown",
                 "lldpad has taken up what our bridge says")

    def ask(self, mode, number=1, **options):
        answer = self.station.vdptool(mode, uuid(number), [f"2-{mac(number)}"], manager="tenants",
                                      **options)
        assert answer.returncode == 0, answer.stdout + answer.stderr

    def holds(self, *numbers, state=ASSOCIATED):
        wait_for(lambda: self.bridge.states() == {uuid(number): state for number in numbers},
                 f"our bridge holds {numbers}")


@scenario("lldpad-bridge-associate", "lldpad as bridge confirms an association and its end")
def bridge_associate(stage):
    scene = AtLldpad(stage)
    scene.ask()
    assert scene.station.ctl("vsi", "deassociate", uuid(1)).returncode == 0


@scenario("lldpad-bridge-three-steps", "lldpad as bridge: pre-associate, with reservation, associate")
def bridge_three_steps(stage):
    scene = AtLldpad(stage)
    for verb, options in (("preassociate", ()), ("preassociate", ("--reserve",)), ("associate", ())):
        scene.ask(verb=verb, options=options)


@scenario("lldpad-bridge-keep-alives", "lldpad as bridge answers three keep-alives")
def bridge_keep_alives(stage):
    scene = AtLldpad(stage)
    scene.ask()
    scene.acknowledged(3)
    assert scene.station.states() == {uuid(1): ASSOCIATED}


@scenario("lldpad-bridge-several", "lldpad as bridge takes five VSIs, one after the other")
def bridge_several(stage):
    scene = AtLldpad(stage)
    for number in range(5):
        scene.ask(number)
    assert list(scene.station.states().values()) == [ASSOCIATED] * 5


@scenario("lldpad-bridge-two-filters", "lldpad as bridge, two MAC addresses")
def bridge_two_filters(stage):
    AtLldpad(stage).ask(options=("--filter", f"mac={mac(2)},vid=2"))


@scenario("lldpad-bridge-groups", "lldpad as bridge with GroupIDs offered, a station without")
def bridge_groups(stage):
    scene = AtLldpad(stage, groups=True)
    assert not scene.station.port()["in_use"].get("group_ids")
    scene.ask()


@scenario("lldpad-bridge-frozen", "lldpad as bridge freezes: repeated, given up; it thaws: associated again")
def bridge_frozen(stage):
    scene = AtLldpad(stage)
    scene.ask()
    scene.bridge.process.send(signal.SIGSTOP)
    wait_for(lambda: scene.station.states().get(uuid(1)) != ASSOCIATED, "the station gives up")
    scene.bridge.process.send(signal.SIGCONT)
    scene.station.wait_for_state(uuid(1), ASSOCIATED)


@scenario("lldpad-station-associate", "lldpad as station associates and de-associates")
def station_associate(stage):
    scene = OfLldpad(stage)
    scene.ask("assoc")
    scene.holds(1)
    scene.ask("deassoc")
    scene.holds()


@scenario("lldpad-station-three-steps", "lldpad as station: pre-associate, with reservation, associate")
def station_three_steps(stage):
    scene = OfLldpad(stage)
    for mode, state in (("preassoc", "PREASSOCIATED"),
                        ("preassoc-rr", "PREASSOCIATED_WITH_RESERVATION"), ("assoc", ASSOCIATED)):
        scene.ask(mode, wait=True)
        scene.holds(1, state=state)


@scenario("lldpad-station-keep-alives", "lldpad as station: three keep-alives hold an association")
def station_keep_alives(stage):
    scene = OfLldpad(stage)
    scene.ask("assoc")
    scene.holds(1)
    wait_for(lambda: int(scene.bridge.port()["ecp"].get("received", 0)) >= 4, "keep-alives came")
    scene.holds(1)


@scenario("lldpad-station-ten", "lldpad as station: ten VSIs, one ECPDU each")
def station_ten(stage):
    scene = OfLldpad(stage)
    for number in range(10):
        scene.ask("assoc", number)
    scene.holds(*range(10))


@scenario("lldpad-station-unknown-type", "lldpad as station asks for a type that our database has not")
def station_unknown_type(stage):
    scene = OfLldpad(stage)
    scene.ask("assoc", type_id=99)
    wait_for(lambda: int(scene.bridge.port()["ecp"].get("acks_received", 0)) >= 1, "our no was heard")
    wait_for(lambda: uuid(1) not in scene.station.vsis(), "lldpad gives up")


@scenario("lldpad-station-killed", "lldpad as station dies: our bridge ends its VSI for want of keep-alives")
def station_killed(stage):
    scene = OfLldpad(stage)
    scene.ask("assoc")
    scene.holds(1)
    scene.station.process.kill()
    scene.holds()
