# SPDX-License-Identifier: Apache-2.0
"""Deviations from draft 0.2 that `evbreplay check` knows, one scenario each: frames, the EVB TLV,
ECP.

The sound end is ours; the other is a script. What the ratified dialect has, too, is in wrong_both.py.
"""
import time

from draft02_peer import ASSOC, DEASSOC, EVB, Draft02Peer, association
from peer import NCB, tlv
from scripted import RETRY, bits
from stage import ASSOCIATED, BRIDGE_MAC, FAR, NEAR, STATION_MAC, mac, uuid, wait_for
from wrong import Asks, Repeats, wrong

ENTRY = bits(mac(1)) + b"\0\2"
LONGEST_ANSWER = 3.1  # seconds; check wants 50 ms more, so that what is late is still an answer
WATCHED = 3.3  # seconds after which nothing from before the capture can be answered


class Scene(Repeats):
    """A scripted end opposite of ours; it has said its EVB TLV and heard ours."""

    def __init__(self, stage, role, evb, ours):
        self.stage, self.ours = stage, ours
        host, device, address = ((stage.far, FAR, BRIDGE_MAC) if role == "bridge" else
                                 (stage.near, NEAR, STATION_MAC))
        self.peer = Draft02Peer(host, device, address, evb)
        stage.peers.append(self.peer)
        if role == "station":
            self.peer.answer = lambda one, count: None
        stage.tap(role)
        self.peer.lldp()
        ours.wait_for_evb()
        wait_for(lambda: any(frame.ethertype == 0x88CC for frame in self.peer.heard),
                 "our EVB TLV is heard")


class AtWrong(Scene):
    """Our station at a scripted bridge."""

    OTHER_ADDRESS = NCB

    def __init__(self, stage, evb=EVB, station=None):
        if stage.rules is None:
            stage.wire()
        self.station = stage.station(station, dialect="draft02", retry=RETRY)
        super().__init__(stage, "bridge", evb, self.station)

    def ask(self, number=1, verb="associate", code=0, **options):
        answer = self.station.request(verb, NEAR, uuid(number), **{"mac": mac(number), **options})
        assert answer.returncode == code, f"{answer.returncode}: {answer.stdout}{answer.stderr}"

    def ends(self, number=1):
        self.peer.vdp(association(DEASSOC, uuid(number), filters=ENTRY))
        wait_for(lambda: self.station.states().get(uuid(number)) != ASSOCIATED, "it is lost")


class OfWrong(Asks, Scene):
    """A scripted station at our bridge."""

    AT_ONCE, NEXT, MUCH_LATER = 0.05, 0.51, 0.9
    ALLOWED = 3  # sends

    def __init__(self, stage, acks_arrive=True):
        if not acks_arrive:
            self.lose_acks(stage)
        if stage.rules is None:
            stage.wire()
        self.bridge = stage.bridge(dialect="draft02")
        super().__init__(stage, "station", EVB, self.bridge)

    def associate(self, number=1, mode=ASSOC, **options):
        return association(mode, uuid(number), filters=options.pop("filters", bits(mac(number)) +
                                                                    b"\0\2"), **options)

    def deassociate(self):
        return self.associate(mode=DEASSOC)

    def request(self, sequence, *tlvs):
        self.peer.vdp(*tlvs, sequence=sequence)


# ---- Frames and the EVB TLV ----------------------------------------------------------------------

@wrong("draft02-ecp-unreadable", "draft 0.2: an ECPDU of mode 2")
def ecp_unreadable(stage):
    AtWrong(stage).peer.ecp(b"", 1, 2)


@wrong("draft02-vdp-unreadable", "draft 0.2: a VDP TLV of format 1, a VID alone")
def vdp_unreadable(stage):
    scene = OfWrong(stage)
    scene.request(1, scene.associate(form=1, filters=b"\0\2", count=1))
    scene.acknowledged()


@wrong("draft02-unknown-tlv", "draft 0.2: a TLV of another subtype")
def unknown_tlv(stage):
    scene = OfWrong(stage)
    scene.request(1, tlv(127, bits("00:1b:3f:07")))
    scene.acknowledged()


def says(name, meaning, octets, **options):
    """The bridge says it in one LLDPDU more."""
    def play(stage):
        scene = AtWrong(stage)
        scene.peer.lldp(octets, **options)
        scene.ask(options=("--no-wait",))
        scene.station.ctl("port", "show")
    wrong(f"draft02-{name}", f"draft 0.2: {meaning}")(play)


says("evb-unreadable", "an EVB TLV of ten octets", EVB[:6])
says("evb-destination", "the EVB TLV goes to the nearest bridge, too", EVB,
     destination=bits("01:80:c2:00:00:0e"))
says("evb-length", "an EVB TLV of 14 octets", EVB + b"\0")
says("evb-reserved-bits", "reserved bits are set", bytes([0xC1]) + EVB[1:])
says("evb-chosen", "relay is configured, and not supported", bytes([0x80]) + EVB[1:])
says("evb-vsis", "4,000 VSIs of 3,295 are configured", EVB[:6] + bytes([0x0F, 0xA0]) + EVB[8:])


@wrong("draft02-evb-agreed", "draft 0.2: the bridge chooses relay, which our station does not support")
def evb_agreed(stage):
    AtWrong(stage, station={"reflective_relay": False}).says_again()


@wrong("draft02-evb-rte", "draft 0.2: the bridge keeps to its smaller RTE")
def evb_rte(stage):
    AtWrong(stage, EVB[:8] + b"\x05", {"rte": 12}).says_again()


@wrong("draft02-without-evb", "draft 0.2: the station goes on with ECP after the bridge's EVB TLV went")
def without_evb(stage):
    scene = OfWrong(stage)
    scene.bridge.change({"transmit": False})
    wait_for(lambda: not scene.bridge.port()["in_use"].get("on"), "EVB is off")
    scene.request(1, scene.associate())


@wrong("ecp-other-dialect", "the bridge's VDP is ratified, its EVB TLV is of draft 0.2")
def other_dialect(stage):
    scene = AtWrong(stage)
    scene.settle()
    scene.peer.frame(0x8940, bits("1001 0001 0a10") + bytes(16) + b"\0\0")


# ---- ECP -----------------------------------------------------------------------------------------

@wrong("draft02-resend-after-ack", "draft 0.2: the station repeats what was acknowledged")
def resend_after_ack(stage):
    scene = OfWrong(stage)
    scene.request(1, scene.associate())
    scene.acknowledged()
    time.sleep(scene.NEXT)
    scene.request(1, scene.associate())


@wrong("draft02-sequence", "draft 0.2: the station's sequence numbers jump")
def sequence(stage):
    scene = OfWrong(stage)
    scene.ask(100, scene.associate(1))
    scene.ask(200, scene.associate(2))


@wrong("draft02-ack-repeated", "draft 0.2: the bridge acknowledges twice")
def ack_repeated(stage):
    scene = AtWrong(stage)
    scene.ask()
    scene.peer.ack(scene.peer.last_sequence())


@wrong("draft02-ack-late", "draft 0.2: the bridge's acknowledgement comes after the second send")
def ack_late(stage):
    scene = AtWrong(stage)
    scene.peer.acknowledges, scene.peer.answer = False, lambda one, count: None
    scene.ask(options=("--no-wait",))
    wait_for(lambda: len(scene.peer.requests) >= 3, "it is sent for the third time")
    first = scene.peer.requests[0].draft02_sequence
    time.sleep(0.52)
    scene.peer.ack(first)


def unacknowledged(name, meaning, sends_seen, then_acknowledges):
    def play(stage):
        scene = AtWrong(stage)
        scene.peer.acknowledges, answer = False, scene.peer.answer
        scene.peer.answer = lambda one, count: None
        scene.ask(options=("--no-wait",))
        wait_for(lambda: len(scene.peer.requests) >= sends_seen, f"it is sent {sends_seen} times")
        if then_acknowledges:
            scene.peer.ack(scene.peer.last_sequence())
            scene.peer.acknowledges, scene.peer.answer = True, answer
            scene.peer.vdp(tlv(127, scene.peer.associations()[-1].octets))
        else:
            time.sleep(0.6)
            scene.ask(2, options=("--no-wait",))
            wait_for(lambda: len(scene.peer.requests) > sends_seen, "the next one leaves")
    wrong(f"draft02-{name}", f"draft 0.2: {meaning}")(play)


unacknowledged("not-acknowledged", "the bridge acknowledges none of three sends", 3, False)
unacknowledged("retried", "the bridge acknowledges the second send only", 2, True)
