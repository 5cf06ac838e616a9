# SPDX-License-Identifier: Apache-2.0
"""Deviations from draft 0.2 that `evbreplay check` knows, one scenario each: VDP."""
import time

from draft02_peer import (ASSOC, DEASSOC, MANAGER, MODE, PRE, UNUSED_TYPE, VERSION, association,
                          changed)
from peer import tlv
from scripted import bits
from stage import mac, uuid, wait_for
from wrong import wrong
from wrong_draft02 import LONGEST_ANSWER, WATCHED, AtWrong, OfWrong


@wrong("draft02-request-response", "draft 0.2: the station's keep-alive has the response of an earlier answer")
def request_response(stage):
    scene = OfWrong(stage)
    scene.ask(1, scene.associate())
    scene.request(2, scene.associate(response=UNUSED_TYPE))
    scene.acknowledged(2)


@wrong("draft02-direction", "draft 0.2: the other end is a station as well")
def direction(stage):
    scene = AtWrong(stage)
    scene.ask()
    time.sleep(WATCHED)
    scene.peer.vdp(association(ASSOC, uuid(2), filters=bits(mac(2)) + b"\0\2"))


def answers(name, meaning, answer, code=1, **options):
    def play(stage):
        scene = AtWrong(stage)
        scene.peer.answer = lambda one, count: answer(one)
        time.sleep(WATCHED)
        scene.ask(code=code, **options)
    wrong(f"draft02-{name}", f"draft 0.2: {meaning}")(play)


answers("response-mode", "an Associate is answered as a Pre-Associate",
        lambda one: changed(one, MODE, PRE))
answers("deassociate-as-answer", "a refusal as a De-Associate, which lldpad does not notice",
        lambda one: changed(one, MODE, DEASSOC), verb="preassociate")
answers("response-type", "the answer has another VSI type version",
        lambda one: changed(one, VERSION, 9))
answers("response-filters", "the answer has another VLAN", lambda one: changed(one, 36, 0, 9))
answers("response-manager", "the answer names another manager", lambda one: changed(one, MANAGER, 99),
        0)


@wrong("draft02-response-unasked", "draft 0.2: the bridge answers twice")
def response_unasked(stage):
    scene = AtWrong(stage)
    scene.ask()
    scene.peer.vdp(tlv(127, scene.peer.associations()[-1].octets))


@wrong("draft02-step-down", "draft 0.2: the station pre-associates what is associated")
def step_down(stage):
    scene = OfWrong(stage)
    scene.ask(1, scene.associate())
    scene.ask(2, scene.associate(mode=PRE))


@wrong("draft02-response-late", "draft 0.2: the bridge answers when the station's 3 s have just run out")
def response_late(stage):
    scene = AtWrong(stage)

    def late(one, _):
        time.sleep(LONGEST_ANSWER - 0.03)
        return tlv(127, one.octets)
    scene.peer.answer = late
    scene.ask(code=1)
    wait_for(lambda: scene.peer.sequence > 0, "the bridge answers")


@wrong("draft02-response-missing", "draft 0.2: the bridge acknowledges, and never answers, as lldpad's does")
def response_missing(stage):
    scene = AtWrong(stage)
    scene.peer.answer = lambda one, count: None
    time.sleep(WATCHED)
    scene.ask(code=1)
    time.sleep(0.3)  # check wants 5 % more
    scene.peer.lldp()


@wrong("draft02-keep-alive-late", "draft 0.2: the station's keep-alive comes after 12 s")
def keep_alive_late(stage):
    scene = OfWrong(stage)
    scene.ask(1, scene.associate())
    time.sleep(12)
    scene.ask(2, scene.associate())


@wrong("draft02-keep-alive-missing", "draft 0.2: the station never confirms what it has associated")
def keep_alive_missing(stage):
    scene = OfWrong(stage)
    scene.ask(1, scene.associate())
    wait_for(lambda: scene.bridge.states() == {}, "the bridge gives up", patience=40)
