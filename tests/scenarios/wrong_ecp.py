# SPDX-License-Identifier: Apache-2.0
"""Deviations that `evbreplay check` knows, one scenario each: ECP.

A scripted station asks our bridge; where it must not be acknowledged, the wire loses the bridge's
acknowledgements behind the tap.
"""
import time

from peer import association, tlv
from scripted import bits
from stage import ASSOCIATED, mac, uuid, wait_for
from wires import rule
from wrong_lldp import AtWrong, OfWrong, end_evb, wrong

RTE = 12
ACK_TIME = 10e-6 * 2 ** RTE  # 41 ms
BEFORE_NEXT, MUCH_LATER = ACK_TIME + 0.004, ACK_TIME * 1.25 + 0.08


class Requests(OfWrong):
    """A scripted station at our bridge, with an ackTimer that a script can keep."""

    def __init__(self, stage, acks_arrive=True):
        if not acks_arrive:
            stage.meddled_wire(rule("far", "ack", "drop", times=-1))
        super().__init__(stage, (0, 0, 0x60 | RTE, 0x8E, 0x10))

    def associate(self, number=1, kind=3, status=0, filters=None, **options):
        entry = bits(mac(number)) + b"\0\2" if filters is None else filters
        return association(kind, status, uuid(number), filters=entry, **options)

    def request(self, sequence, *tlvs):
        self.peer.ecp(tlv(5, bytes(15) + b"\x0b") + b"".join(tlvs) + b"\0\0", sequence)

    def sends(self, *gaps, number=1):
        """The same request again after each gap."""
        self.request(1, self.associate(number))
        for gap in gaps:
            time.sleep(gap)
            self.request(1, self.associate(number))

    def held(self, *numbers, state=ASSOCIATED):
        wait_for(lambda: self.bridge.states() == {uuid(number): state for number in numbers},
                 f"the bridge holds {numbers}")

    def answers(self):
        return len(self.peer.associations())

    def ask(self, sequence, *tlvs):
        """A request, until it is answered."""
        before = self.answers()
        self.request(sequence, *tlvs)
        wait_for(lambda: self.answers() > before, "the bridge answers")


@wrong("ecp-without-evb", "the station goes on with ECP after the bridge's EVB TLV went")
def without_evb(stage):
    scene = Requests(stage)
    end_evb(scene)
    scene.request(1, scene.associate())


@wrong("ecp-resend-early", "the station sends again at once")
def resend_early(stage):
    Requests(stage, acks_arrive=False).sends(0.005)


@wrong("ecp-resend-late", "the station waits three times its ackTimer before it sends again")
def resend_late(stage):
    Requests(stage, acks_arrive=False).sends(MUCH_LATER)


@wrong("ecp-resend-changed", "the station sends another VSI with the same sequence number")
def resend_changed(stage):
    scene = Requests(stage, acks_arrive=False)
    scene.request(1, scene.associate(1))
    time.sleep(BEFORE_NEXT)
    scene.request(1, scene.associate(2))


@wrong("ecp-too-many-sends", "the station sends six times, with R 3")
def too_many_sends(stage):
    Requests(stage, acks_arrive=False).sends(*[BEFORE_NEXT] * 5)


@wrong("ecp-two-outstanding", "the station does not wait for the acknowledgement")
def two_outstanding(stage):
    scene = Requests(stage, acks_arrive=False)
    scene.request(1, scene.associate(1))
    scene.request(2, scene.associate(2))


@wrong("ecp-too-few-sends", "the station gives up after two sends, with R 3")
def too_few_sends(stage):
    scene = Requests(stage, acks_arrive=False)
    scene.sends(BEFORE_NEXT)
    time.sleep(BEFORE_NEXT)
    scene.request(2, scene.associate(2))


@wrong("ecp-ack-unknown", "the bridge acknowledges a sequence number that nobody sent")
def ack_unknown(stage):
    scene = AtWrong(stage)
    scene.ask()
    scene.peer.frame(0x8940, bits("1401 9c40"))


@wrong("ecp-ack-contents", "octets of an earlier frame stand in the bridge's acknowledgement")
def ack_contents(stage):
    scene = AtWrong(stage)
    scene.ask()
    scene.peer.frame(0x8940, bits("1401 0001 0a10 0b"))
