# SPDX-License-Identifier: Apache-2.0
"""A scripted end says exactly what a scenario is about: negotiation, ECP's rules, what a station may send.

The situations are those of lldpad's own qbg22 tests and of the conformance statements of EVB, ECP and
VDP; octets of an EVB TLV stand as bridge status, station status, R and RTE, mode and RWD, RKA.
"""
import peer
from peer import association, tlv
from registry import scenario
from stage import ASSOCIATED, NEAR, mac, uuid, wait_for

RETRY = {"first": 60, "longest": 60}
SAME = dict(rte=8, rwd=8, rka=8, retries=3)  # lldpad's test configuration
SLOW = dict(rte=8, rwd=14, rka=16, retries=3)


class AtScript:
    """Our station at a scripted bridge."""

    def __init__(self, stage, octets=(2, 0, 0x68, 0x4E, 0x10), evb=None, start=True, **keys):
        if stage.rules is None:
            stage.wire()
        keys.setdefault("retry", RETRY)
        self.station = stage.station({**SLOW, **(evb or {})}, **keys)
        self.peer = stage.scripted("bridge", octets)
        if start:
            self.peer.lldp()
            self.station.wait_for_evb()

    def says(self, expected):
        wait_for(lambda: self.peer.evb_heard() == expected.replace(":", ""),
                 f"the station says {expected} (last: {self.peer.evb_heard()})")

    def ask(self, number=1, verb="associate", code=0, **options):
        answer = self.station.request(verb, NEAR, uuid(number), **{"mac": mac(number), **options})
        assert answer.returncode == code, f"{answer.returncode}: {answer.stdout}{answer.stderr}"

    def state(self, number=1):
        return self.station.states().get(uuid(number))

    def counted(self, counter, least=1, of="ecp"):
        wait_for(lambda: int(self.station.port()[of].get(counter, 0)) >= least, f"{counter} counts")

    def lost(self, number=1):
        wait_for(lambda: self.state(number) != ASSOCIATED, "the VSI is lost")


# ---- EVB -----------------------------------------------------------------------------------------

def bits(text):
    return bytes.fromhex(text.replace(":", ""))


NEGOTIATIONS = (
    ("no-relay", "neither side wants reflective relay", "00:00:00:40:00", "00:00:68:88:08", False, False),
    ("relay-offered", "the bridge offers relay, the station asks not", "02:00:00:40:00", "02:00:68:88:08",
     False, False),
    ("relay-not-offered", "the station asks for relay, the bridge cannot", "00:04:00:40:00",
     "00:04:68:88:08", True, False),
    ("relay-granted", "relay asked, offered and in force (E05)", "03:04:00:40:00", "03:05:68:88:08", True,
     False),
    ("rte-larger", "the bridge's RTE is larger (E08)", "02:00:1f:40:00", "02:04:7f:88:08", True, False),
    ("rte-smaller", "the bridge's RTE is smaller", "02:00:00:40:00", "02:04:68:88:08", True, False),
    ("rka-larger", "the bridge's RKA is larger: ROL (E10)", "02:00:00:40:1f", "02:04:68:88:3f", True, False),
    ("rwd-larger", "the bridge's RWD is larger: ROL (E10)", "02:00:00:5f:00", "02:04:68:bf:08", True, False),
    ("retries-larger", "the bridge's R is larger", "02:00:e0:40:00", "02:04:e8:88:08", True, False),
    ("groups-of-bridge", "GroupIDs of the bridge alone", "06:00:00:40:00", "06:04:68:88:08", True, False),
    ("groups-of-station", "GroupIDs of the station alone", "02:00:00:40:00", "02:0c:68:88:08", True, True),
    ("groups-of-both", "GroupIDs of both", "07:0c:00:40:00", "07:0d:68:88:08", True, True),
)


def negotiation(name, meaning, bridge, station, relay, groups):
    def play(stage):
        scene = AtScript(stage, bits(bridge), dict(SAME, reflective_relay=relay, group_ids=groups))
        # What each side sends of the other's larger value is not the same in all agents: the status
        # octets and the greater of each exponent are what both have to agree on.
        octets = bits(station)
        wait_for(lambda: scene.peer.evb_heard() and bits(scene.peer.evb_heard())[:2] == octets[:2],
                 f"the station says {station}")
        used = scene.station.port()["in_use"]
        assert used["retransmit"]["exponent"] == octets[2] & 31
        assert used.get("max_retries", 0) == octets[2] >> 5
        assert used["resource_wait"]["exponent"] == octets[3] & 31
        assert used["keep_alive"]["exponent"] == octets[4] & 31
        heard = bits(scene.peer.evb_heard())
        assert heard[3] >> 6 == 2
    scenario(f"evb-{name}", meaning)(play)


for one in NEGOTIATIONS:
    negotiation(*one)


@scenario("evb-relay-dropped", "the bridge takes relay back (qbg22 case 5)")
def relay_dropped(stage):
    scene = AtScript(stage, bits("03:04:00:40:00"), SAME)
    wait_for(lambda: bits(scene.peer.evb_heard())[1] & 3 == 1, "the station says that relay is on")
    scene.peer.lldp(bits("00:06:00:40:00"))
    wait_for(lambda: bits(scene.peer.evb_heard())[1] & 3 == 0, "the station says that it is off")


@scenario("evb-groups-dropped", "the bridge turns GroupIDs off (qbg22 case 23)")
def groups_dropped(stage):
    scene = AtScript(stage, bits("07:0c:00:40:00"), dict(SAME, group_ids=True))
    assert scene.station.port()["in_use"]["group_ids"]
    scene.peer.lldp(bits("03:0d:00:40:00"))
    wait_for(lambda: not scene.station.port()["in_use"].get("group_ids"), "groups are off")


for mode, word in ((0x80, "another station"), (0x00, "mode 0"), (0xC0, "mode 3")):
    def wrong_mode(stage, octet=mode):
        scene = AtScript(stage, (2, 0, 0x68, octet | 14, 16), start=False)
        scene.peer.lldp()
        wait_for(lambda: int(scene.station.port()["lldp"].get("received", 0)) >= 1, "it is heard")
        scene.ask(options=("--no-wait",))
        assert not scene.station.port()["in_use"].get("on") and not scene.peer.requests
    scenario(f"evb-mode-{mode >> 6}", f"the neighbour is {word}: EVB does not start (E12)")(wrong_mode)


@scenario("evb-reserved-bits", "reserved bits are set by the bridge and not repeated (E07)")
def reserved_bits(stage):
    scene = AtScript(stage, (0xFA, 0xF0, 0x68, 0x4E, 0xD0))
    wait_for(lambda: scene.peer.evb_heard(), "the station answers")
    assert bits(scene.peer.evb_heard())[4] & 0xC0 == 0


@scenario("evb-too-short", "an EVB TLV of 8 octets is ignored (E13)")
def too_short(stage):
    scene = AtScript(stage, (2, 0, 0x68, 0x4E), start=False)
    scene.peer.lldp()
    wait_for(lambda: scene.station.json("neighbor", "show"), "the neighbour is heard")
    assert not scene.station.port()["in_use"].get("on")


@scenario("evb-too-long", "an EVB TLV of 11 octets (E13)")
def too_long(stage):
    scene = AtScript(stage, (2, 0, 0x68, 0x4E, 0x10, 0xAA, 0xBB), start=False)
    scene.peer.lldp()
    wait_for(lambda: scene.station.json("neighbor", "show"), "the neighbour is heard")


@scenario("evb-goes", "an LLDPDU without the EVB TLV takes EVB away (L20)")
def evb_goes(stage):
    scene = AtScript(stage)
    scene.ask()
    scene.peer.lldp(b"")
    scene.lost()


@scenario("evb-relay-forgotten", "the bridge ends EVB: from then on the station knows nothing of its relay (E15)")
def relay_forgotten(stage):
    scene = AtScript(stage, bits("03:05:68:4e:10"), lldp={"msg_tx_interval": 1})
    wait_for(lambda: scene.peer.evb_heard() and bits(scene.peer.evb_heard())[1] & 3 == 1, "relay is on")
    scene.peer.lldp(b"")
    wait_for(lambda: bits(scene.peer.evb_heard())[1] & 2, "the station does not know any more")
    heard = len(scene.peer.heard)
    wait_for(lambda: len(scene.peer.heard) >= heard + 4, "it says so for three seconds")


@scenario("evb-among-strangers", "unknown, reserved and organisational TLVs around the EVB TLV (L15, L17)")
def among_strangers(stage):
    scene = AtScript(stage, start=False)
    scene.peer.lldp(before=tlv(42, b"reserved") + tlv(127, b"\x00\x12\x34\x01hello"),
                    after=tlv(127, b"\x00\x80\xc2\x0c\x01"), end=False)
    scene.station.wait_for_evb()


@scenario("evb-twice", "two EVB TLVs in one LLDPDU")
def twice(stage):
    scene = AtScript(stage, start=False)
    scene.peer.lldp(after=peer.evb_tlv((0, 0, 0xFF, 0x5F, 0x1F)))
    wait_for(lambda: scene.station.json("neighbor", "show"), "the neighbour is heard")


@scenario("lldp-mandatory-missing", "an LLDPDU without its port ID is dropped whole (L12)")
def mandatory_missing(stage):
    scene = AtScript(stage, start=False)
    scene.peer.frame(0x88CC, tlv(1, b"\x04" + scene.peer.mac) + tlv(3, b"\0\x79") +
                     peer.evb_tlv((2, 0, 0x68, 0x4E, 0x10)) + b"\0\0")
    scene.counted("received_with_errors", 1, "lldp")
    assert not scene.station.port()["in_use"].get("on")


# ---- Bridge role ---------------------------------------------------------------------------------

BRIDGES = (("no-relay", "00:04:68:8e:10", False, False), ("relay", "02:04:68:8e:10", True, False),
           ("groups", "06:0c:68:8e:10", True, True))


def bridge_role(name, octets, relay, groups):
    def play(stage):
        stage.wire()
        bridge = stage.bridge(dict(SLOW, reflective_relay=relay, group_ids=groups), enforce=relay)
        script = stage.scripted("station", bits(octets))
        script.lldp()
        bridge.wait_for_evb()
        wait_for(lambda: script.evb_heard() and bits(script.evb_heard())[3] >> 6 == 1, "it answers")
        heard = bits(script.evb_heard())
        assert bool(heard[0] & 2) == relay and bool(heard[0] & 4) == groups
    scenario(f"evb-bridge-{name}", f"our bridge, {name}, and a scripted station (qbg22 30-33)")(play)


for one in BRIDGES:
    bridge_role(*one)


class OfScript:
    """A scripted station at our bridge."""

    def __init__(self, stage):
        stage.wire()
        self.bridge = stage.bridge(SLOW)
        self.peer = stage.scripted("station", (0, 4, 0x68, 0x8E, 0x10))
        self.peer.lldp()
        self.bridge.wait_for_evb()

    def request(self, *tlvs, sequence, head=0x1001):
        self.peer.ecp(tlv(5, bytes(15) + b"\x0b") + b"".join(tlvs) + b"\0\0", sequence, head)

    def associate(self, number=1, status=0, **options):
        entry = bytes.fromhex(mac(number).replace(":", "")) + b"\0\2"
        return association(3, status, uuid(number), filters=entry, **options)

    def acked(self, *sequences):
        wait_for(lambda: self.peer.acks() == list(sequences), f"acknowledged: {sequences}")


@scenario("ecp-same-sequence", "one ECPDU three times: three acknowledgements, delivered once (qbg22 ecp 2)")
def same_sequence(stage):
    scene = OfScript(stage)
    for _ in range(3):
        scene.request(scene.associate(), sequence=0x1224)
    scene.acked(0x1224, 0x1224, 0x1224)
    assert int(scene.bridge.port()["ecp"]["duplicates"]) == 2


@scenario("ecp-three-sequences", "three ECPDUs in a row: each acknowledged and delivered (qbg22 ecp 3)")
def three_sequences(stage):
    scene = OfScript(stage)
    for number in range(3):
        scene.request(scene.associate(number), sequence=0x1224 + number)
    scene.acked(0x1224, 0x1225, 0x1226)
    wait_for(lambda: len(scene.bridge.states()) == 3, "all three are in")


@scenario("ecp-any-sequence", "sequence numbers that jump: 100, 5, 40000, 65535, 0 are all new (P12, P13)")
def any_sequence(stage):
    scene = OfScript(stage)
    for number, sequence in enumerate((100, 5, 40000, 65535, 0)):
        scene.request(scene.associate(number), sequence=sequence)
    scene.acked(100, 5, 40000, 65535, 0)
    wait_for(lambda: len(scene.bridge.states()) == 5, "all five are in")


for head, word in ((0xF001, "version 15"), (0x100F, "subtype 15"), (0x1801, "operation 2"),
                   (0x1002, "subtype 2, PE-CSP")):
    def bad_head(stage, wrong=head):
        scene = OfScript(stage)
        scene.request(scene.associate(1), sequence=1, head=wrong)
        scene.request(scene.associate(2), sequence=2)
        scene.acked(2)
        wait_for(lambda: list(scene.bridge.states()) == [uuid(2)], "the good one is in")
    scenario(f"ecp-head-{head:04x}", f"{word}: no acknowledgement, a good one follows (P14)")(bad_head)


@scenario("vdp-two-in-one", "two association TLVs, and an unknown and an organisational one between (V28, V29)")
def two_in_one(stage):
    scene = OfScript(stage)
    scene.request(scene.associate(1), tlv(0x40, b"unknown"), tlv(127, b"\0\0\x0cname"),
                  scene.associate(2), sequence=9)
    wait_for(lambda: len(scene.bridge.states()) == 2, "both are in")


@scenario("vdp-no-manager", "a request without the manager TLV: acknowledged and ignored (V30)")
def no_manager(stage):
    scene = OfScript(stage)
    scene.peer.ecp(scene.associate(1) + b"\0\0", 9)
    scene.acked(9)
    assert scene.bridge.states() == {}


@scenario("vdp-id-format-0", "a VSI ID of format 0 is refused, the TLV after it is used (V31)")
def id_format_0(stage):
    scene = OfScript(stage)
    scene.request(scene.associate(1, id_format=0), scene.associate(2), sequence=9)
    wait_for(lambda: list(scene.bridge.states()) == [uuid(2)], "the good one is in")
