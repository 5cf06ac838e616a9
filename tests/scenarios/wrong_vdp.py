# SPDX-License-Identifier: Apache-2.0
"""Deviations that `evbreplay check` knows, one scenario each: VDP."""
import time

from peer import ACK, HARD, KEEP, association, tlv
from stage import mac, wait_for
from scripted import bits
from wires import VDP, rule
from wrong import wrong
from wrong_ecp import Requests
from wrong_lldp import AtWrong

ENTRY = bits(mac(1)) + b"\0\2"
DEASSOCIATE_INSTEAD = 6  # type and the highest bit of the length, of an Associate


# ---- A station that asks wrongly -----------------------------------------------------------------

def asks(name, meaning, **options):
    def play(stage):
        scene = Requests(stage)
        scene.request(1, scene.associate(**options))
        scene.acknowledged()
    wrong(name, meaning)(play)


asks("vdp-direction", "the station sends a response", status=ACK)
asks("vdp-reason-in-request", "the station's request has a reason", status=2)
asks("vdp-two-hints", "suspended here and migrating to here", status=KEEP | HARD)
asks("vdp-group-not-agreed", "a GroupID that was not agreed", form=4, filters=b"\0\0\0\xc8" + ENTRY)
asks("vdp-priority-in-request", "the station asks for a priority", filters=ENTRY[:6] + b"\xb0\2")
asks("vdp-no-filters", "an Associate without a filter entry", filters=b"")


@wrong("vdp-keep-alive-late", "the station's keep-alive comes when the bridge has nearly given up")
def keep_alive_late(stage):
    scene = Requests(stage)
    scene.peer.evb = (0, 0, 0x6C, 0x8E, 18)  # 2.6 s; the bridge gives up after 4.4 s
    scene.peer.lldp()
    wait_for(lambda: scene.bridge.port()["in_use"]["keep_alive"]["exponent"] == 18, "it is agreed")
    scene.ask(1, scene.associate())
    time.sleep(3.8)
    scene.ask(2, scene.associate())


@wrong("vdp-keep-alive-missing", "the station never confirms, and the bridge's De-Associate is lost")
def keep_alive_missing(stage):
    stage.meddled_wire()
    scene = Requests(stage)
    scene.ask(1, scene.associate())
    stage.meddle(rule("far", "request", "drop", times=-1))
    scene.held()
    time.sleep(0.2)  # check wants 5 % more
    scene.peer.lldp()


# ---- A bridge that answers wrongly ---------------------------------------------------------------

def answers(name, meaning, answer, code=1, **options):
    def play(stage):
        scene = AtWrong(stage)
        scene.peer.answer = answer
        scene.ask(code=code, **options)
    wrong(name, meaning)(play)


def other_version(one, _):
    return association(one.kind, ACK, one.id, one.type_id, one.type_version + 1, one.filters)


answers("vdp-success-with-error", "KEEP with reason 0", lambda one, _: (3, ACK | KEEP, one.filters), 0)
answers("vdp-response-type", "an Associate is answered as a Pre-Associate",
        lambda one, _: (1, ACK, one.filters))
answers("vdp-response-vsi-type", "the response has another VSI type version", other_version)
answers("vdp-vid-not-chosen", "VID 0 is confirmed without a VLAN", lambda one, _: (3, ACK, one.filters),
        0, vlan=None, options=("--bridge-assigns-vlan",))


@wrong("vdp-response-manager", "the bridge's response names another manager")
def response_manager(stage):
    scene = AtWrong(stage)
    scene.peer.own_manager = tlv(5, bytes(15) + b"\x63")
    scene.ask()


@wrong("vdp-hard-retried", "a client asks again for what was refused for good")
def hard_retried(stage):
    scene = AtWrong(stage)
    scene.peer.answer = lambda one, _: (3, ACK | HARD | 1, one.filters)
    scene.ask(code=1)
    scene.ask(code=1)


@wrong("vdp-keep-not-ended", "after KEEP to a keep-alive an Associate arrives, for the wire altered it")
def keep_not_ended(stage):
    stage.meddled_wire()
    scene = AtWrong(stage, (2, 4, 0x6C, 0x4E, 0x10))  # an RTE that the slower wire keeps
    scene.ask()
    stage.meddle(rule("near", "request", "set", VDP, DEASSOCIATE_INSTEAD, skip=1))
    scene.peer.answer = lambda one, _: (3, ACK | KEEP | 3, one.filters)
    scene.lost()


@wrong("vdp-response-missing", "the bridge never answers, and goes on with LLDP")
def response_missing(stage):
    scene = AtWrong(stage)
    scene.peer.answer = lambda one, _: None
    scene.ask(code=1)
    time.sleep(0.1)  # check wants 5 % more
    scene.peer.lldp()


@wrong("vdp-response-late", "the bridge answers when respWaitDelay has just run out")
def response_late(stage):
    scene = AtWrong(stage, (2, 4, 0x68, 0x40 | 18, 0x10))
    allowed = 1.5 * 10e-6 * (2 ** 18 + 7 * 2 ** 8)  # 4 s; 5 % later it counts as none

    def late(one, _):
        time.sleep(allowed * 1.02)
        return one.kind, ACK, one.filters
    scene.peer.answer = late
    scene.ask(code=1)
