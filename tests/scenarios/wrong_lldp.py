# SPDX-License-Identifier: Apache-2.0
"""Deviations that `evbreplay check` knows, one scenario each: LLDP, the EVB TLV, CDCP, and addresses.

The sound end is ours; the other is a script. Frames are those of a tap beside the script, for some
never reach our sockets.
"""
import time

import peer
from peer import association, tlv
from scripted import SLOW, AtScript, bits
from stage import BRIDGE_MAC, NEAR, STATION_MAC, mac, uuid, wait_for
from wrong import TAG, Repeats, wrong

NEAREST_BRIDGE, NON_TPMR = bits("01:80:c2:00:00:0e"), bits("01:80:c2:00:00:03")


class AtWrong(Repeats, AtScript):
    """Our station at a scripted bridge, and a tap beside the bridge."""

    OTHER_ADDRESS = NEAREST_BRIDGE

    def __init__(self, stage, *octets, **keys):
        super().__init__(stage, *octets, start=False, **keys)
        stage.tap("bridge")
        self.peer.lldp()
        self.station.wait_for_evb()
        wait_for(self.peer.evb_heard, "the station has said its EVB TLV")

    def ends(self, number=1):
        self.peer.vdp(association(4, 0, uuid(number), filters=bits(mac(number)) + b"\0\2"))
        self.lost(number)


class OfWrong(Repeats):
    """A scripted station at our bridge, and a tap beside the station."""

    def __init__(self, stage, octets=(0, 0, 0x68, 0x8E, 0x10), evb=None, **keys):
        self.stage = stage
        if stage.rules is None:
            stage.wire()
        self.bridge = stage.bridge({**SLOW, **(evb or {})}, **keys)
        self.peer = stage.scripted("station", octets)
        stage.tap("station")
        self.peer.lldp()
        self.bridge.wait_for_evb()
        wait_for(self.peer.evb_heard, "the bridge has said its EVB TLV")


# ---- Addresses, tags and numbers -----------------------------------------------------------------

@wrong("source-group", "the bridge's LLDPDU has a group address as its source")
def source_group(stage):
    scene = AtWrong(stage)
    scene.peer.lldp(source=b"\x03" + scene.peer.mac[1:])


@wrong("lldp-tagged", "the bridge's LLDPDU has a C-tag")
def lldp_tagged(stage):
    AtWrong(stage).peer.lldp(tag=TAG)


@wrong("ethertype-8890", "the bridge acknowledges with the Ethertype of lldpad's manual, 0x8890")
def ethertype_8890(stage):
    scene = AtWrong(stage)
    scene.ask()
    scene.peer.frame(0x8890, bits("1401 0001"))


# ---- LLDPDUs -------------------------------------------------------------------------------------

@wrong("lldp-overrun", "the bridge's last TLV runs past the end of the frame")
def lldp_overrun(stage):
    AtWrong(stage).peer.lldp(after=bits("ff:ff") + b"\xaa" * 20, end=False)


@wrong("lldp-shutdown", "the bridge shuts down with its usual LLDPDU and a TTL of 0")
def lldp_shutdown(stage):
    scene = AtWrong(stage)
    scene.peer.lldp(ttl=0)
    wait_for(lambda: not scene.station.port()["in_use"].get("on"), "EVB is off")


@wrong("lldp-ttl-ran-out", "the bridge's TTL of 1 s runs out before its next LLDPDU")
def lldp_ttl_ran_out(stage):
    scene = AtWrong(stage)
    scene.peer.lldp(ttl=1)
    wait_for(lambda: not scene.station.port()["in_use"].get("on"), "EVB is off")
    scene.peer.lldp()
    scene.station.wait_for_evb()


@wrong("lldp-burst", "the bridge sends seven LLDPDUs at once")
def lldp_burst(stage):
    scene = AtWrong(stage)
    for _ in range(6):
        scene.peer.lldp()


@wrong("lldp-fast-start", "the bridge goes and returns, and the station takes three seconds to say anything")
def lldp_fast_start(stage):
    scene = OfWrong(stage)
    scene.bridge.change(of_lldp={"admin_status": "disabled"})
    wait_for(lambda: scene.peer.evb_heard() is None, "the bridge shuts down")
    scene.bridge.change()
    wait_for(scene.peer.evb_heard, "the bridge is back")
    time.sleep(3)
    scene.peer.lldp()


@wrong("lldp-fast-for-nobody", "the station starts fast at each LLDPDU of the same bridge")
def lldp_fast_for_nobody(stage):
    scene = OfWrong(stage, lldp={"msg_tx_interval": 6})
    scene.settle()
    for _ in range(2):
        heard = scene.peer.lldpdus()
        wait_for(lambda heard=heard: scene.peer.lldpdus() > heard, "the bridge says the same again")
        for _ in range(4):
            scene.peer.lldp()
            time.sleep(1)
    time.sleep(1)  # the fast start is over
    scene.peer.lldp()


@wrong("evb-destination", "the bridge's EVB TLV goes to the nearest bridge, too")
def evb_destination(stage):
    AtWrong(stage).peer.lldp(destination=NEAREST_BRIDGE)


@wrong("evb-two-dialects", "the bridge's LLDPDU has the EVB TLVs of both dialects")
def evb_two_dialects(stage):
    AtWrong(stage).peer.lldp(after=tlv(127, bits("00:1b:3f:00") + bytes(8)))


# ---- The EVB TLV ---------------------------------------------------------------------------------

@wrong("evb-rrctr-without-rrcap", "the bridge has relay on, and says that it cannot")
def rrctr_without_rrcap(stage):
    AtWrong(stage).peer.lldp((1, 5, 0x68, 0x4E, 0x10))


@wrong("evb-rrctr-without-rrreq", "the bridge turns relay on for a station that does not ask")
def rrctr_without_rrreq(stage):
    AtWrong(stage, (3, 0, 0x68, 0x4E, 0x10), {"reflective_relay": False}).says_again()


@wrong("evb-rrctr-missing", "the station asks, the bridge can relay, and never does")
def rrctr_missing(stage):
    AtWrong(stage, (2, 4, 0x68, 0x4E, 0x10)).says_again()


@wrong("evb-echo-of-bridge", "the bridge does not repeat that the station asks for relay")
def echo_of_bridge(stage):
    AtWrong(stage, (0, 0, 0x68, 0x4E, 0x10)).says_again()


@wrong("evb-max-not-used", "the bridge keeps to its smaller RWD")
def max_not_used(stage):
    AtWrong(stage, (0, 4, 0x68, 0x4A, 0x10)).says_again()


@wrong("evb-rol", "the bridge says of an RWD larger than the station's that it is the station's")
def rol(stage):
    AtWrong(stage, (0, 4, 0x68, 0x72, 0x10)).says_again()


@wrong("evb-rrstat", "the station says that relay is on, and the bridge says that it is not")
def rrstat(stage):
    OfWrong(stage, (0, 5, 0x68, 0x8E, 0x10)).says_again()


@wrong("evb-echo-of-station", "the station does not repeat that the bridge knows GroupIDs")
def echo_of_station(stage):
    OfWrong(stage, evb={"group_ids": True}).says_again()


@wrong("evb-rrstat-without-bridge", "the bridge ends EVB, and the station still knows its relay")
def rrstat_without_bridge(stage):
    scene = OfWrong(stage)
    end_evb(scene)
    scene.settle()
    scene.peer.lldp()


def end_evb(scene):
    """The bridge goes on with LLDP, without its EVB TLV."""
    scene.bridge.change({"transmit": False})
    wait_for(lambda: scene.peer.evb_heard() is None, "the bridge's EVB TLV is gone")


# ---- CDCP ----------------------------------------------------------------------------------------

def cdcp_tlv(*pairs, head="80000000", capacity=167):
    """Role B and S-VLAN component (`head`), ChnCap, and (SCID, SVID) of each channel."""
    first = int(head, 16) | 1 << 27 | capacity
    octets = first.to_bytes(4, "big")
    for scid, svid in pairs:
        octets += (scid << 12 | svid).to_bytes(3, "big")
    return tlv(127, bits("00:80:c2:0e") + octets)


def cdcp(rule, meaning, made):
    def play(stage):
        scene = AtScript(stage, start=False, lldp_destination="nearest-non-tpmr-bridge")
        stage.tap("bridge")
        scene.peer.lldp(b"", after=made, destination=NON_TPMR)
        scene.counted("received", of="lldp")
    wrong(rule, meaning)(play)


cdcp("cdcp-unreadable", "an SCID stands twice", cdcp_tlv((1, 1), (2, 5), (2, 6), head="00000000"))
cdcp("cdcp-reserved-bits", "reserved bits are set", cdcp_tlv((1, 1), head="10000000"))
cdcp("cdcp-default-channel", "the default S-channel stands second",
     cdcp_tlv((2, 5), (1, 1), head="00000000"))
cdcp("cdcp-capacity", "a ChnCap of 0", cdcp_tlv((1, 1), head="00000000", capacity=0))
cdcp("cdcp-svid", "S-VID 1 for a second channel", cdcp_tlv((1, 1), (2, 1), head="00000000"))


@wrong("cdcp-destination", "the CDCP TLV goes to the nearest customer bridge")
def cdcp_destination(stage):
    AtWrong(stage).peer.lldp(after=cdcp_tlv((1, 1), head="00000000"))


@wrong("s-channel-svid", "an S-tag whose S-VID the sender's CDCP TLV does not list (C09)")
def s_channel_svid(stage):
    scene = AtScript(stage, start=False, lldp_destination="nearest-non-tpmr-bridge")
    stage.tap("bridge")
    scene.peer.lldp(b"", after=cdcp_tlv((1, 1), (2, 5), head="00000000"), destination=NON_TPMR)
    scene.peer.lldp(tag=bits("88:a8:00:06"))
    scene.counted("received", of="lldp")


def both_ends(rule, meaning, station, bridge):
    """Both ends are scripts: an evbd without CDCP looks on."""
    def play(stage):
        scene = AtScript(stage, start=False)
        stage.tap("bridge")
        other = peer.Peer(stage.near, NEAR, STATION_MAC, b"")
        stage.peers.append(other)
        assert scene.peer.mac == bits(BRIDGE_MAC)
        other.lldp(after=station, destination=NON_TPMR)
        scene.peer.lldp(b"", after=bridge, destination=NON_TPMR)
        scene.peer.lldp()
        scene.station.wait_for_evb()
    wrong(rule, meaning)(play)


both_ends("cdcp-same-role", "two stations ask each other for S-channels",
          cdcp_tlv((1, 1), (2, 0)), cdcp_tlv((1, 1), (2, 0)))
both_ends("cdcp-too-many", "a bridge assigns two channels to a station that can have one",
          cdcp_tlv((1, 1), capacity=1), cdcp_tlv((1, 1), (2, 5), head="00000000"))
