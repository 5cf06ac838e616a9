# SPDX-License-Identifier: Apache-2.0
"""Our station and our bridge, and a wire between them that loses, delays, repeats or alters frames."""
from pairs import Pair
from registry import scenario
from stage import ASSOCIATED, uuid, wait_for

STATUS, ECP_VERSION, SEQUENCE, MANAGER_TYPE, VDP = 34, 14, 16, 18, 36


def over(stage, *rules):
    stage.meddled_wire()
    pair = Pair(stage).agree()
    stage.meddle(*rules)
    return pair


def rule(side, what, *do, times=1, skip=0):
    return {"from": side, "what": what, "do": list(do), "times": times, "skip": skip}


def counted(end, counter, least=1):
    wait_for(lambda: int(end.port()["ecp"].get(counter, 0)) >= least, f"{counter} is counted")


@scenario("wire-loses-request", "the first transmission of a request is lost: sent again after 10us x 2^RTE (P04)")
def loses_request(stage):
    pair = over(stage, rule("near", "request", "drop"))
    pair.ask()
    counted(pair.station, "retried")


@scenario("wire-loses-ack", "the acknowledgement is lost: the repetition is acknowledged and not delivered (P11)")
def loses_ack(stage):
    pair = over(stage, rule("far", "ack", "drop"))
    pair.ask()
    counted(pair.bridge, "duplicates")


@scenario("wire-loses-every-request", "no transmission arrives: R+1 sends, given up, asked again later (P05)")
def loses_every_request(stage):
    pair = over(stage, rule("near", "request", "drop", times=4))
    pair.ask(code=1)
    counted(pair.station, "failed")
    pair.station.wait_for_state(uuid(1), ASSOCIATED)


@scenario("wire-loses-response", "the bridge's response is lost once and sent again")
def loses_response(stage):
    pair = over(stage, rule("far", "request", "drop"))
    pair.ask()
    counted(pair.bridge, "retried")


@scenario("wire-loses-every-response", "acknowledged, and never answered: respWaitDelay runs out (V18)")
def loses_every_response(stage):
    pair = over(stage, rule("far", "request", "drop", times=4))
    pair.ask(code=1)
    pair.station.wait_for_state(uuid(1), ASSOCIATED)


@scenario("wire-loses-keep-alive", "a keep-alive is lost once: the association stays")
def loses_keep_alive(stage):
    pair = over(stage)
    pair.ask()
    stage.meddle(rule("near", "request", "drop"))
    counted(pair.station, "retried")
    pair.keep_alives(1)
    assert pair.at_bridge() == ASSOCIATED


@scenario("wire-repeats", "every ECPDU arrives three times (P07, P08, P11)")
def repeats(stage):
    pair = over(stage, rule("near", "ecp", "repeat", 3, times=-1),
                rule("far", "ecp", "repeat", 3, times=-1))
    pair.ask()
    counted(pair.bridge, "duplicates", 2)
    counted(pair.station, "acks_ignored", 2)
    pair.end()


@scenario("wire-delays-acks", "acknowledgements arrive after the request was repeated")
def delays_acks(stage):
    pair = over(stage, rule("far", "ack", "delay", 0.015, times=2))
    pair.ask()
    counted(pair.station, "retried")


@scenario("wire-swaps-ack-and-response", "the response overtakes the acknowledgement (P15)")
def swaps(stage):
    pair = over(stage, rule("far", "ack", "hold"))
    pair.ask()


@scenario("wire-cuts-response", "a response cut off in its VSI ID is refused; the next is taken (V31)")
def cuts_response(stage):
    pair = over(stage, rule("far", "request", "cut", 50, times=1))
    pair.ask(code=1)
    pair.station.wait_for_state(uuid(1), ASSOCIATED)


def altered(name, meaning, side, what, at, *values, code=0, times=1):
    def play(stage):
        pair = over(stage, rule(side, what, "set", at, *values, times=times))
        pair.ask(code=code)
        pair.station.wait_for_state(uuid(1), ASSOCIATED)
        pair.keep_alives(1)
    scenario(name, meaning)(play)


altered("wire-alters-version", "an ECP version of 15: no acknowledgement; the repetition is taken (P14)",
        "near", "request", ECP_VERSION, 0xF0)
altered("wire-alters-subtype", "an ECP subtype of 15: no acknowledgement; the repetition is taken (P14)",
        "near", "request", ECP_VERSION, 0x10, 0x0F)
altered("wire-alters-operation", "a reserved ECP operation: no acknowledgement (P14)",
        "near", "request", ECP_VERSION, 0x18)
altered("wire-alters-ack", "an acknowledgement of another sequence number is ignored (P08)",
        "far", "ack", SEQUENCE, 0xAB, 0xCD)
altered("wire-alters-reason", "a response that says insufficient resources (V14)",
        "far", "request", VDP + 2, 0x42, code=1)
altered("wire-alters-hint", "a request with status bits that requests do not have",
        "near", "request", VDP + 2, 0x80)
altered("wire-alters-response-bit", "a response without the response bit is no answer (V12)",
        "far", "request", VDP + 2, 0x00, code=1)
altered("wire-alters-type", "a response to another type than asked does not confirm (V13)",
        "far", "request", VDP, 0x02, code=1)
altered("wire-alters-vsi", "a response about a VSI that nobody asked for is ignored (V12)",
        "far", "request", VDP + 20, 0xEE, 0xEE, code=1)
altered("wire-alters-count", "a response whose entry count is larger than its length (V31)",
        "far", "request", VDP + 25, 0x00, 0x09, code=1)
altered("wire-alters-format", "a response with an unknown filter format (V31)",
        "far", "request", VDP + 24, 0x09, code=1)
altered("wire-alters-manager", "a response that does not begin with the manager TLV (V30)",
        "far", "request", MANAGER_TYPE, 0x7E, code=1)
altered("wire-alters-manager-length", "a response whose manager TLV is 15 octets long (V30)",
        "far", "request", MANAGER_TYPE, 0x0A, 0x0F, code=1)


@scenario("wire-loses-lldp", "no LLDPDU of the bridge arrives: EVB does not start (P02)")
def loses_lldp(stage):
    stage.meddled_wire(rule("far", "lldp", "drop", times=-1))
    pair = Pair(stage)
    pair.bridge.wait_for_evb()
    pair.ask(options=("--no-wait",))
    assert not pair.station.port()["in_use"].get("on")


@scenario("wire-cuts-lldp", "the bridge's first LLDPDU is cut off within its chassis ID (L12, L16)")
def cuts_lldp(stage):
    stage.meddled_wire(rule("far", "lldp", "cut", 20))
    Pair(stage, bridge_keys={"lldp": {"msg_tx_interval": 1}}).agree()
