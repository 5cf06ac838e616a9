# SPDX-License-Identifier: Apache-2.0
"""Our station and our bridge over a sound wire."""
import signal

import evbd as evbd_module
from registry import scenario
from stage import ASSOCIATED, CAPTURE, NEAR, QUIET, mac, uuid, wait_for

PRE, PRE_RR = "PREASSOCIATED", "PREASSOCIATED_WITH_RESERVATION"
TYPES = {"associate": ASSOCIATED, "preassociate": PRE}


class Pair:
    def __init__(self, stage, station=None, bridge=None, station_keys=None, bridge_keys=None):
        self.stage = stage
        if stage.rules is None:
            stage.wire()
        self.bridge = stage.bridge(bridge, **(bridge_keys or {}))
        self.station = stage.station(station, **(station_keys or {}))

    def agree(self):
        self.station.wait_for_evb()
        self.bridge.wait_for_evb()
        return self

    def ask(self, number=1, verb="associate", code=0, **options):
        options = {"mac": mac(number), **options}
        answer = self.station.request(verb, NEAR, uuid(number), **options)
        assert answer.returncode == code, f"{answer.returncode}: {answer.stdout}{answer.stderr}"
        return answer

    def end(self, number=1, code=0, *options):
        answer = self.station.ctl("vsi", "deassociate", uuid(number), *options)
        assert answer.returncode == code, answer.stdout + answer.stderr

    def at_bridge(self, number=1):
        return self.bridge.states().get(uuid(number))

    def received(self):
        return int(self.bridge.port()["ecp"].get("received", 0))

    def keep_alives(self, count=3, **patience):
        before = self.received()
        wait_for(lambda: self.received() >= before + count, f"{count} keep-alives came", **patience)


@scenario("pair-handshake", "both ends agree on EVB: the larger of each value, relay asked and not offered")
def handshake(stage):
    pair = Pair(stage, station={"rte": 11}, bridge={"rka": 17}).agree()
    used = pair.station.port()["in_use"]
    assert used["retransmit"]["exponent"] == 11 and used["keep_alive"]["exponent"] == 17
    assert not pair.bridge.port()["local"].get("reflective_relay"), "nobody would turn it on"


@scenario("pair-relay", "relay asked, offered and given on the port of a Linux bridge (E05)")
def relay(stage):
    pair = Pair(stage, bridge_keys={"enforce": True}).agree()
    wait_for(lambda: pair.bridge.port().get("remote", {}).get("relay_status") == "on",
             "the station says that relay is on")
    assert stage.far.port_flag(pair.bridge.device, "hairpin_mode")
    pair.ask()


@scenario("pair-associate", "one VSI is associated and de-associated by the client (V11, V25)")
def associate(stage):
    pair = Pair(stage).agree()
    pair.ask()
    assert pair.at_bridge() == ASSOCIATED
    pair.end()
    assert pair.at_bridge() is None


@scenario("pair-preassociate", "pre-associate, keep-alives of it, de-associate (V06, V21)")
def preassociate(stage):
    pair = Pair(stage).agree()
    pair.ask(verb="preassociate")
    pair.keep_alives(2)
    assert pair.at_bridge() == PRE
    pair.end()


@scenario("pair-preassociate-rr", "pre-associate with reservation, keep-alives of it, de-associate")
def preassociate_rr(stage):
    pair = Pair(stage).agree()
    pair.ask(verb="preassociate", options=("--reserve",))
    pair.keep_alives(2)
    assert pair.at_bridge() == PRE_RR
    pair.end()


@scenario("pair-three-steps", "pre-associate, with reservation, associate, de-associate (V26)")
def three_steps(stage):
    pair = Pair(stage).agree()
    for verb, options, state in (("preassociate", (), PRE), ("preassociate", ("--reserve",), PRE_RR),
                                 ("associate", (), ASSOCIATED)):
        pair.ask(verb=verb, options=options)
        assert pair.at_bridge() == state
    pair.end()


@scenario("pair-same-again", "the same command twice in each state: confirmed each time")
def same_again(stage):
    pair = Pair(stage).agree()
    for verb in ("preassociate", "associate"):
        for _ in range(2):
            pair.ask(verb=verb)
        assert pair.at_bridge() == TYPES[verb]


@scenario("pair-backward", "pre-associate of what is associated")
def backward(stage):
    pair = Pair(stage).agree()
    pair.ask()
    pair.station.request("preassociate", NEAR, uuid(1), mac=mac(1))
    wait_for(lambda: pair.station.states().get(uuid(1)) == pair.at_bridge(), "both see the same")


@scenario("pair-keep-alives", "an association held by three keep-alives (V20)")
def keep_alives(stage):
    pair = Pair(stage).agree()
    pair.ask()
    pair.keep_alives()
    assert pair.at_bridge() == ASSOCIATED


@scenario("pair-two-vsis", "two VSIs; one is taken out, the other stays (V27)")
def two_vsis(stage):
    pair = Pair(stage).agree()
    pair.ask(1)
    pair.ask(2)
    pair.end(1)
    pair.keep_alives(1)
    assert pair.bridge.states() == {uuid(2): ASSOCIATED}


@scenario("pair-ten-vsis", "ten VSIs asked for at once share ECPDUs")
def ten_vsis(stage):
    pair = Pair(stage).agree()
    for number in range(10):
        pair.ask(number, options=("--no-wait",))
    wait_for(lambda: list(pair.bridge.states().values()).count(ASSOCIATED) == 10, "all are in")
    pair.station.wait_for_state(uuid(9), ASSOCIATED)


@scenario("pair-two-managers", "VSIs of two managers never share an ECPDU (V02)")
def two_managers(stage):
    pair = Pair(stage).agree()
    pair.ask(1, manager=11)
    pair.ask(2, manager=12)
    pair.keep_alives(2)


@scenario("pair-vlan-by-bridge", "VID 0: the bridge chooses VLAN 7, and keep-alives go on (V09)")
def vlan_by_bridge(stage):
    pair = Pair(stage).agree()
    pair.ask(vlan=None, options=("--bridge-assigns-vlan",))
    assert pair.station.vsis()[uuid(1)]["filters"][0]["vid"] == 7
    pair.keep_alives(1)
    assert pair.at_bridge() == ASSOCIATED
    pair.end()


@scenario("pair-unknown-type", "a VSI type that the bridge's database has not: refused with a reason (V14)")
def unknown_type(stage):
    pair = Pair(stage).agree()
    pair.ask(type_id=99, code=1)
    assert pair.at_bridge() != ASSOCIATED


@scenario("pair-groups", "GroupIDs negotiated: a filter of format 4")
def groups(stage):
    pair = Pair(stage, {"group_ids": True}, {"group_ids": True}).agree()
    pair.ask(options=("--group", "200"))
    assert pair.at_bridge() == ASSOCIATED


@scenario("pair-groups-not-negotiated", "a GroupID that only the station supports: refused before it is sent (V08)")
def groups_refused(stage):
    pair = Pair(stage, {"group_ids": True}).agree()
    pair.ask(options=("--group", "200"), code=1)
    assert pair.received() == 0


@scenario("pair-vid-filter", "a filter of format 1, a VID alone")
def vid_filter(stage):
    pair = Pair(stage).agree()
    pair.ask(mac=None)
    assert pair.at_bridge() == ASSOCIATED


@scenario("pair-two-filters", "two MAC addresses in two VLANs")
def two_filters(stage):
    pair = Pair(stage).agree()
    pair.ask(options=("--filter", f"mac={mac(2)},vid=3"))
    assert len(pair.bridge.vsis()[uuid(1)]["filters"]) == 2


@scenario("pair-filters-change", "an associated VSI asks for another VLAN")
def filters_change(stage):
    pair = Pair(stage).agree()
    pair.ask(vlan=2)
    pair.ask(vlan=3)
    assert pair.bridge.vsis()[uuid(1)]["filters"][0]["vid"] == 3


@scenario("pair-migration-to-here", "the M bit in each associate (V07)")
def migration_to(stage):
    pair = Pair(stage).agree()
    pair.ask(options=("--migrating-to-here",))
    pair.keep_alives(1)
    assert pair.at_bridge() == ASSOCIATED


@scenario("pair-migration-from-here", "the S bit in a de-associate (V07)")
def migration_from(stage):
    pair = Pair(stage).agree()
    pair.ask()
    pair.end(1, 0, "--migrating-from-here")


for form, text in (("ipv4", "192.0.2.7"), ("ipv6", "2001:db8::7"),
                                       ("mac", "52:54:00:aa:00:07"), ("local", "0" * 31 + "7")):
    def id_format(stage, name=f"{form}:{text}"):
        pair = Pair(stage).agree()
        answer = pair.station.request("associate", NEAR, name, mac=mac(1))
        assert answer.returncode == 0, answer.stdout + answer.stderr
        assert list(pair.bridge.states().values()) == [ASSOCIATED]
    scenario(f"pair-id-{form}", f"a VSI ID of format {form}")(id_format)


@scenario("pair-bridge-deassociates", "the bridge's operator ends an association (V23)")
def bridge_deassociates(stage):
    pair = Pair(stage, station_keys={"retry": {"first": 60, "longest": 60}}).agree()
    pair.ask()
    assert pair.bridge.ctl("vsi", "deassociate", uuid(1)).returncode == 0
    wait_for(lambda: pair.station.states().get(uuid(1)) != ASSOCIATED, "the station is told")


@scenario("pair-link-flap", "the carrier goes and returns; associations come back by themselves (L24)")
def link_flap(stage):
    pair = Pair(stage).agree()
    pair.ask()
    stage.far.ip("link", "set", pair.bridge.device, "down")
    wait_for(lambda: pair.station.states().get(uuid(1)) != ASSOCIATED, "the station loses it")
    stage.far.ip("link", "set", pair.bridge.device, "up")
    pair.station.wait_for_state(uuid(1), ASSOCIATED)


@scenario("pair-bridge-silent", "the bridge freezes and thaws: no response, then associated again (V18, V22)")
def bridge_silent(stage):
    pair = Pair(stage).agree()
    pair.ask()
    pair.bridge.process.send(signal.SIGSTOP)
    wait_for(lambda: pair.station.states().get(uuid(1)) != ASSOCIATED, "the station gives up")
    pair.bridge.process.send(signal.SIGCONT)
    pair.station.wait_for_state(uuid(1), ASSOCIATED)


@scenario("pair-station-silent", "the station freezes: the bridge ends its VSI when no keep-alive comes")
def station_silent(stage):
    pair = Pair(stage).agree()
    pair.ask()
    pair.station.process.send(signal.SIGSTOP)
    wait_for(lambda: pair.at_bridge() is None, "the bridge gives up")
    pair.station.process.send(signal.SIGCONT)
    pair.station.wait_for_state(uuid(1), ASSOCIATED)


@scenario("pair-bridge-restarts", "the bridge is killed and starts again: its VSIs come back (as the station saw it)")
def bridge_restarts(stage):
    pair = Pair(stage, bridge_keys={"lldp": {"msg_tx_interval": 1}}).agree()
    pair.ask()
    pair.bridge.kill()
    pair.bridge.start()
    stage.recorders.remove(pair.bridge)
    wait_for(lambda: pair.at_bridge() == ASSOCIATED, "the bridge has it again")


@scenario("pair-bridge-says-goodbye", "the bridge stops in order: a shutdown LLDPDU, EVB is lost (L18, E15)")
def goodbye(stage):
    pair = Pair(stage).agree()
    pair.ask()
    stage.recorders.remove(pair.bridge)
    pair.bridge.stop()
    wait_for(lambda: not pair.station.port()["in_use"].get("on"), "EVB is off")
    assert pair.station.states().get(uuid(1)) != ASSOCIATED


@scenario("pair-neighbor-ages-out", "the bridge's LLDP falls silent until its TTL has run out (L19, E15)")
def ages_out(stage):
    pair = Pair(stage, bridge_keys={"lldp": {"msg_tx_interval": 1, "msg_tx_hold": 1}}).agree()
    stage.recorders.remove(pair.bridge)
    pair.bridge.process.send(signal.SIGSTOP)
    wait_for(lambda: not pair.station.port()["in_use"].get("on"), "EVB is off")


def reconfigured(stage, **evb):
    pair = Pair(stage).agree()
    pair.ask()
    pair.station.configure([evbd_module.port_table(NEAR, "station", evb, QUIET)],
                           evbd_module.TYPES + CAPTURE)
    pair.station.reload()
    return pair


@scenario("pair-rte-grows", "the station's RTE grows while a VSI is associated (E08, P16)")
def rte_grows(stage):
    pair = reconfigured(stage, rte=12)
    wait_for(lambda: pair.bridge.port()["in_use"]["retransmit"]["exponent"] == 12, "both use it")
    pair.keep_alives(1)


@scenario("pair-rte-shrinks-again", "RTE grows and shrinks: the larger value is no latch (E09)")
def rte_shrinks(stage):
    pair = reconfigured(stage, rte=12)
    wait_for(lambda: pair.bridge.port()["in_use"]["retransmit"]["exponent"] == 12, "both use it")
    pair.station.configure([evbd_module.port_table(NEAR, "station", None, QUIET)],
                           evbd_module.TYPES + CAPTURE)
    pair.station.reload()
    wait_for(lambda: pair.bridge.port()["in_use"]["retransmit"]["exponent"] == 10, "it is back")


@scenario("pair-evb-off", "the station stops sending its EVB TLV: EVB ends at both (E14, L20)")
def evb_off(stage):
    pair = reconfigured(stage, transmit=False)
    wait_for(lambda: not pair.bridge.port()["in_use"].get("on"), "EVB is off at the bridge")


@scenario("pair-manual", "a station that keeps to its own values whatever is proposed (E11)")
def manual(stage):
    pair = Pair(stage, {"manual": True}, {"rka": 18}).agree()
    assert pair.station.port()["in_use"]["keep_alive"]["exponent"] == 16
    pair.ask()


@scenario("pair-never-evb", "a station without an EVB TLV: a wish waits and nothing is sent (P02, E14)")
def never_evb(stage):
    pair = Pair(stage, {"transmit": False})
    pair.ask(options=("--no-wait",))
    wait_for(lambda: int(pair.bridge.port()["lldp"].get("received", 0)) > 1, "LLDP is heard")
    assert pair.received() == 0 and not pair.station.port()["in_use"].get("on")


@scenario("pair-tx-only", "a bridge that only sends LLDP never knows its station (L11)")
def tx_only(stage):
    pair = Pair(stage, bridge_keys={"lldp": {"admin_status": "tx-only", "msg_tx_interval": 1}})
    pair.station.wait_for_evb()
    assert not pair.bridge.port()["in_use"].get("on")


@scenario("pair-rx-only", "a bridge that only listens is not heard (L11)")
def rx_only(stage):
    pair = Pair(stage, bridge_keys={"lldp": {"admin_status": "rx-only"}})
    pair.bridge.wait_for_evb()
    assert not pair.station.port()["in_use"].get("on")
