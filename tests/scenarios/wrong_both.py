# SPDX-License-Identifier: Apache-2.0
"""Deviations that `evbreplay check` knows in both dialects: one script, and a scenario of each."""
import time

import wrong_draft02
from scripted import bits
from stage import mac, uuid, wait_for
from wrong import TAG, wrong
from wrong_ecp import Requests
from wrong_lldp import AtWrong

AT_BRIDGE = AtWrong, wrong_draft02.AtWrong
OF_STATION = Requests, wrong_draft02.OfWrong


def both(rule, meaning, scenes, **options):
    """What is played on the ratified and on the draft's scene; the draft's rule ends as the other's."""
    def enter(play):
        of_draft = "draft02-" + rule.split("-", 1)[1]
        for scene, name, words in zip(scenes, (rule, of_draft), ("", "draft 0.2: ")):
            wrong(name, words + meaning)(lambda stage, scene=scene: play(scene(stage, **options)))
        return play
    return enter


# ---- ECP: a bridge that acknowledges wrongly -----------------------------------------------------

@both("ecp-tagged", "the bridge's acknowledgement has a C-tag", AT_BRIDGE)
def tagged(scene):
    scene.ask()
    scene.peer.ack(1, tag=TAG)


@both("ecp-destination", "the bridge's acknowledgement goes to the address of the other dialect", AT_BRIDGE)
def destination(scene):
    scene.ask()
    scene.peer.ack(1, destination=scene.OTHER_ADDRESS)


@both("ecp-ack-unknown", "the bridge acknowledges a sequence number that nobody sent", AT_BRIDGE)
def ack_unknown(scene):
    scene.ask()
    scene.peer.ack((scene.peer.last_sequence() + 100) % 65536)


@both("ecp-ack-contents", "octets of an earlier frame stand in the bridge's acknowledgement", AT_BRIDGE)
def ack_contents(scene):
    scene.ask()
    scene.peer.ack(1, bits("0a10 0b"))


# ---- ECP: a station that sends wrongly, and hears no acknowledgement -----------------------------

@both("ecp-resend-early", "the station sends again at once", OF_STATION, acks_arrive=False)
def resend_early(scene):
    scene.sends(scene.AT_ONCE)


@both("ecp-resend-late", "the station waits much too long before it sends again", OF_STATION,
      acks_arrive=False)
def resend_late(scene):
    scene.sends(scene.MUCH_LATER)


@both("ecp-resend-changed", "the station sends another VSI with the same sequence number", OF_STATION,
      acks_arrive=False)
def resend_changed(scene):
    scene.request(1, scene.associate(1))
    time.sleep(scene.NEXT)
    scene.request(1, scene.associate(2))


@both("ecp-too-many-sends", "the station sends twice more than it may", OF_STATION, acks_arrive=False)
def too_many_sends(scene):
    scene.sends(*[scene.NEXT] * (scene.ALLOWED + 1))


@both("ecp-too-few-sends", "the station gives up after two sends", OF_STATION, acks_arrive=False)
def too_few_sends(scene):
    scene.sends(scene.NEXT)
    time.sleep(scene.NEXT)
    scene.request(2, scene.associate(2))


@both("ecp-two-outstanding", "the station does not wait for the acknowledgement", OF_STATION,
      acks_arrive=False)
def two_outstanding(scene):
    scene.request(1, scene.associate(1))
    scene.request(2, scene.associate(2))


# ---- VDP -----------------------------------------------------------------------------------------

@both("vdp-vid-reserved", "a filter with VID 4095", OF_STATION)
def vid_reserved(scene):
    scene.request(1, scene.associate(filters=bits(mac(1)) + b"\x0f\xff"))
    scene.acknowledged()


@both("vdp-keep-alive-early", "the station confirms at once, again and again", OF_STATION)
def keep_alive_early(scene):
    for sequence in range(1, 6):
        scene.ask(sequence, scene.associate())


@both("vdp-deassociate-answered", "the station answers the bridge's De-Associate with one of its own",
      OF_STATION)
def deassociate_answered(scene):
    scene.ask(1, scene.associate())
    heard = scene.answers()
    assert scene.bridge.ctl("vsi", "deassociate", uuid(1)).returncode == 0
    wait_for(lambda: scene.answers() > heard, "the bridge de-associates")
    scene.request(2, scene.deassociate())
    scene.acknowledged(2)


@both("vdp-deassociate-of-nothing", "the bridge de-associates what it has just de-associated", AT_BRIDGE)
def deassociate_of_nothing(scene):
    scene.ask()
    scene.ends()
    scene.ends()
