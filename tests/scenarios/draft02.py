# SPDX-License-Identifier: Apache-2.0
"""Draft 0.2 between sound ends: our station and our bridge, lldpad at our bridge, and ports that
follow the dialect that they hear."""
import signal

import evbd as evbd_module
import lldpad
from pairs import PRE, Pair
from registry import scenario
from stage import ASSOCIATED, CAPTURE, FAR, QUIET, mac, uuid, wait_for
from wires import counted, rule

RETRY = {"first": 60, "longest": 60}


def pair_of(stage, station="draft02", bridge="draft02", **keys):
    return Pair(stage, station_keys={"dialect": station, "retry": RETRY, **keys},
                bridge_keys={"dialect": bridge}).agree()


@scenario("draft02-pair-life", "draft 0.2, both ends ours: pre-associate, associate, de-associate")
def life(stage):
    pair = pair_of(stage)
    pair.ask(verb="preassociate")
    assert pair.at_bridge() == PRE
    pair.ask()
    assert pair.at_bridge() == ASSOCIATED
    pair.end()
    assert pair.at_bridge() is None


@scenario("draft02-pair-keep-alives", "draft 0.2, both ends ours: two keep-alives, 10 s apart")
def keep_alives(stage):
    pair = pair_of(stage)
    pair.ask()
    pair.keep_alives(2, patience=40)
    assert pair.at_bridge() == ASSOCIATED


@scenario("draft02-pair-ten-vsis", "draft 0.2, both ends ours: ten VSIs share ECPDUs, one ends")
def ten_vsis(stage):
    pair = pair_of(stage)
    for number in range(10):
        pair.ask(number, options=("--no-wait",))
    wait_for(lambda: list(pair.bridge.states().values()).count(ASSOCIATED) == 10, "all are in")
    pair.station.wait_for_state(uuid(9), ASSOCIATED)
    pair.end(3)


@scenario("draft02-pair-bridge-deassociates", "draft 0.2: the bridge's operator ends an association; the station asks again")
def bridge_deassociates(stage):
    pair = pair_of(stage, retry={"first": 1, "longest": 1})
    pair.ask()
    assert pair.bridge.ctl("vsi", "deassociate", uuid(1)).returncode == 0
    wait_for(lambda: pair.station.states().get(uuid(1)) != ASSOCIATED, "the station is told")
    pair.station.wait_for_state(uuid(1), ASSOCIATED)


@scenario("draft02-pair-refused", "draft 0.2: a VSI type that nobody knows, refused in the mode that was asked")
def refused(stage):
    pair = pair_of(stage)
    pair.ask(type_id=99, code=1)
    assert pair.at_bridge() != ASSOCIATED


@scenario("draft02-pair-bridge-silent", "draft 0.2: the bridge freezes; three sends, given up, asked again when it thaws")
def bridge_silent(stage):
    pair = pair_of(stage, retry={"first": 1, "longest": 1})
    pair.bridge.process.send(signal.SIGSTOP)
    pair.ask(code=1)
    pair.bridge.process.send(signal.SIGCONT)
    pair.station.wait_for_state(uuid(1), ASSOCIATED)


def over(stage, *rules):
    stage.meddled_wire()
    pair = pair_of(stage)
    stage.meddle(*rules)
    pair.ask()
    return pair


@scenario("draft02-loses-request", "draft 0.2: the first send of a request is lost, and sent again after 500 ms")
def loses_request(stage):
    counted(over(stage, rule("near", "request", "drop")).station, "retried")


@scenario("draft02-loses-ack", "draft 0.2: an acknowledgement is lost; the repetition is acknowledged, too")
def loses_ack(stage):
    counted(over(stage, rule("far", "ack", "drop")).bridge, "duplicates")


# ---- Both dialects -------------------------------------------------------------------------------

@scenario("draft02-auto-station", "a station that follows finds a bridge of draft 0.2")
def auto_station(stage):
    pair = pair_of(stage, station="auto")
    assert pair.station.port()["dialect"] == "draft02"
    pair.ask()


@scenario("draft02-auto-bridge", "a bridge that follows finds a station of draft 0.2")
def auto_bridge(stage):
    pair = pair_of(stage, bridge="auto")
    assert pair.bridge.port()["dialect"] == "draft02"
    pair.ask()


@scenario("draft02-auto-change-over", "the bridge goes from draft 0.2 to the ratified standard and back; the VSI follows")
def change_over(stage):
    pair = pair_of(stage, station="auto", retry={"first": 1, "longest": 1})
    pair.ask()
    for dialect in ("ratified", "draft02"):
        pair.bridge.configure([evbd_module.port_table(FAR, "bridge", None, QUIET, dialect=dialect,
                                                      enforce=False)], evbd_module.TYPES + CAPTURE)
        pair.bridge.reload()
        wait_for(lambda: pair.station.port()["dialect"] == dialect, f"the station speaks {dialect}")
        wait_for(lambda: pair.at_bridge() == ASSOCIATED, f"it is associated in {dialect}")
        pair.station.wait_for_state(uuid(1), ASSOCIATED)


# ---- lldpad --------------------------------------------------------------------------------------

class OfLldpad:
    """lldpad's station of draft 0.2 at our bridge."""

    def __init__(self, stage, evb=None, dialect="draft02"):
        if stage.rules is None:
            stage.wire()
        self.bridge = stage.bridge(evb, dialect=dialect)
        self.station = lldpad.Draft02Lldpad(stage.near, "st0")
        self.bridge.wait_for_evb()
        self.counted("received", "lldpad's ECP is up: it begins with an empty ECPDU")

    def counted(self, counter, what, least=1):
        wait_for(lambda: int(self.bridge.port()["ecp"].get(counter, 0)) >= least, what)

    def ask(self, mode, number=1, **options):
        self.station.vdp(mode, uuid(number), mac(number), **options)

    def holds(self, *numbers, state=ASSOCIATED):
        wait_for(lambda: self.bridge.states() == {uuid(number): state for number in numbers},
                 f"our bridge holds {numbers}")

    def keeps_alive(self, times):
        before = int(self.bridge.port()["ecp"]["received"])
        wait_for(lambda: int(self.bridge.port()["ecp"]["received"]) >= before + times,
                 f"{times} keep-alives came", patience=40)


@scenario("draft02-lldpad-life", "lldpad as station of draft 0.2: pre-associate, associate, de-associate")
def lldpad_life(stage):
    scene = OfLldpad(stage)
    scene.ask(lldpad.PRE)
    scene.holds(1, state=PRE)
    scene.ask(lldpad.ASSOC)
    scene.holds(1)
    scene.ask(lldpad.DEASSOC)
    scene.holds()
    scene.counted("acks_received", "lldpad acknowledges the answers", 3)


@scenario("draft02-lldpad-keep-alives", "lldpad as station of draft 0.2: two keep-alives, at a bridge that follows")
def lldpad_keep_alives(stage):
    scene = OfLldpad(stage, dialect="auto")
    scene.ask(lldpad.ASSOC)
    scene.holds(1)
    scene.keeps_alive(2)
    scene.holds(1)


@scenario("draft02-lldpad-three-vsis", "lldpad as station of draft 0.2: three VSIs, and their keep-alives")
def lldpad_three(stage):
    scene = OfLldpad(stage)
    for number in (1, 2, 3):
        scene.ask(lldpad.ASSOC, number)
    scene.holds(1, 2, 3)
    scene.keeps_alive(2)
    scene.ask(lldpad.DEASSOC, 2)
    scene.holds(1, 3)


@scenario("draft02-lldpad-loses-ack",
          "lldpad as station of draft 0.2 loses an acknowledgement: its next send has the next number, without what was answered meanwhile")
def lldpad_loses_ack(stage):
    stage.meddled_wire()
    scene = OfLldpad(stage)
    scene.ask(lldpad.ASSOC)
    scene.holds(1)
    heard = int(scene.bridge.port()["ecp"]["received"])
    stage.meddle(rule("far", "ack", "drop"))
    scene.ask(lldpad.ASSOC, 2)
    scene.counted("received", "lldpad sends again", heard + 2)
    scene.holds(1, 2)


@scenario("draft02-lldpad-refused", "lldpad as station of draft 0.2 asks for a type that our bridge has not")
def lldpad_refused(stage):
    scene = OfLldpad(stage)
    scene.ask(lldpad.PRE, type_id=77)
    scene.counted("acks_received", "lldpad acknowledges our no")
    scene.ask(lldpad.ASSOC, 2)
    scene.holds(2)


@scenario("draft02-lldpad-deassociated", "our bridge ends what lldpad associated in draft 0.2")
def lldpad_deassociated(stage):
    scene = OfLldpad(stage)
    scene.ask(lldpad.ASSOC)
    scene.holds(1)
    assert scene.bridge.ctl("vsi", "deassociate", uuid(1)).returncode == 0
    scene.counted("acks_received", "lldpad acknowledges", 2)


@scenario("draft02-lldpad-no-relay", "lldpad as station of draft 0.2 at a bridge without reflective relay")
def lldpad_no_relay(stage):
    scene = OfLldpad(stage, {"reflective_relay": False})
    scene.ask(lldpad.ASSOC)
    scene.holds(1)
