# SPDX-License-Identifier: Apache-2.0
"""What the scenarios of deviations share in both dialects: one end is ours, the other a script."""
import time

from registry import scenario
from scripted import bits
from stage import wait_for
from wires import rule

TAG = bits("81:00:00:02")
REACTION = 2.1  # seconds; check allows both ends 2 to take up what the other says


def wrong(deviation, meaning):
    return scenario(f"wrong-{deviation}", meaning, shows=deviation)


class Repeats:
    """A script that has said its EVB TLV and heard ours."""

    def settle(self):
        """Until nobody can take what the script says for a thing of the moment."""
        wait_for(lambda: self.peer.unchanged() > REACTION, "ours has said the same long enough")

    def says_again(self):
        self.settle()
        for _ in range(2):  # an end that started anew may be wrong once
            self.peer.lldp()


class Asks(Repeats):
    """A scripted station. Where it must not be acknowledged, the wire loses our acknowledgements."""

    @staticmethod
    def lose_acks(stage):
        stage.meddled_wire(rule("far", "ack", "drop", times=-1))

    def sends(self, *gaps):
        """The same request again after each gap."""
        self.request(1, self.associate())
        for gap in gaps:
            time.sleep(gap)
            self.request(1, self.associate())

    def answers(self):
        return len(self.peer.associations())

    def ask(self, sequence, *tlvs):
        """A request, until it is answered."""
        before = self.answers()
        self.request(sequence, *tlvs)
        wait_for(lambda: self.answers() > before, "the bridge answers")

    def acknowledged(self, sequence=1):
        wait_for(lambda: sequence in self.peer.acks(), "the bridge acknowledges")
