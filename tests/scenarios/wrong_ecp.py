# SPDX-License-Identifier: Apache-2.0
"""Deviations that `evbreplay check` knows, one scenario each: ECP.

A scripted station asks our bridge. What draft 0.2 has, too, is in wrong_both.py.
"""
from peer import association, tlv
from scripted import bits
from stage import ASSOCIATED, mac, uuid, wait_for
from wrong import Asks, wrong
from wrong_lldp import OfWrong, end_evb

RTE = 12
ACK_TIME = 10e-6 * 2 ** RTE  # 41 ms


class Requests(Asks, OfWrong):
    """A scripted station at our bridge, with an ackTimer that a script can keep."""

    AT_ONCE, NEXT, MUCH_LATER = 0.005, ACK_TIME + 0.004, ACK_TIME * 1.25 + 0.08
    ALLOWED = 4  # sends, with R 3

    def __init__(self, stage, acks_arrive=True):
        if not acks_arrive:
            self.lose_acks(stage)
        super().__init__(stage, (0, 0, 0x60 | RTE, 0x8E, 0x10))

    def associate(self, number=1, kind=3, status=0, filters=None, **options):
        entry = bits(mac(number)) + b"\0\2" if filters is None else filters
        return association(kind, status, uuid(number), filters=entry, **options)

    def deassociate(self):
        return self.associate(kind=4)

    def request(self, sequence, *tlvs):
        self.peer.ecp(tlv(5, bytes(15) + b"\x0b") + b"".join(tlvs) + b"\0\0", sequence)

    def held(self, *numbers, state=ASSOCIATED):
        wait_for(lambda: self.bridge.states() == {uuid(number): state for number in numbers},
                 f"the bridge holds {numbers}")


@wrong("ecp-without-evb", "the station goes on with ECP after the bridge's EVB TLV went")
def without_evb(stage):
    scene = Requests(stage)
    end_evb(scene)
    scene.request(1, scene.associate())
