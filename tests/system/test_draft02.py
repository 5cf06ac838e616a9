# SPDX-License-Identifier: Apache-2.0
"""Draft 0.2: lldpad's first generation and our own two ends, on real links and a real bridge."""
import os
import shutil

import pytest

import evbd
import frames
import lldpad
from lab import wait_for
from scenes import ASSOCIATED, MAC_ONE, MAC_TWO, ONE, TWO, Link, Street, mac, uuid

KEEP = os.environ.get("EVBD_KEEP_CAPTURES")  # a folder: what tests/../captures were made with


def keep(capture, name):
    """Leaves what was captured for captures/, when somebody asks for it."""
    if KEEP:
        shutil.copy(capture.path, os.path.join(KEEP, name))


class LldpadScene(Link):
    """lldpad as draft station, our bridge in the given dialect."""

    def __init__(self, lab, dialect):
        super().__init__(lab)
        types = evbd.TYPES + evbd.TYPES.replace("1193047", "5").replace('"tenant"', '"five"')
        self.bridge = evbd.Evbd(self.far, [evbd.port_table("veth2", "bridge", enforce=False,
                                                           dialect=dialect)], types=types)
        self.station = lldpad.Draft02Lldpad(self.near, "veth0")
        self.bridge.wait_for_evb()
        wait_for(lambda: self.requests(), "lldpad's ECP is up: it begins with an empty ECPDU")

    def requests(self):
        return [frame for frame in self.capture.frames() if frame.is_draft02_request]

    def tlvs(self, number, source):
        return [one for frame in self.capture.frames() if frame.source == source
                for one in frame.draft02_associations() if one.id == uuid(number).replace("-", "")]

    def answers(self, number):
        return self.tlvs(number, "02:00:00:00:00:02")


@pytest.mark.parametrize("dialect", ["draft02", "auto"])
def test_lldpad_as_station_goes_through_its_life_with_our_bridge(lab, needs_lldpad, dialect):
    scene = LldpadScene(lab, dialect)
    assert scene.bridge.port()["dialect"] == "draft02"
    for mode in (lldpad.PRE, lldpad.ASSOC):
        scene.station.vdp(mode, uuid(1), mac(1))
        wait_for(lambda: any(one.mode == mode for one in scene.answers(1)),
                 f"our bridge answers mode {mode}")
        assert scene.answers(1)[-1].response == 0
    assert scene.bridge.states() == {uuid(1): ASSOCIATED}
    assert scene.bridge.vsis()[uuid(1)]["machine_state"] == "ASSOCIATED"
    scene.station.vdp(lldpad.DEASSOC, uuid(1), mac(1))
    wait_for(lambda: scene.bridge.states() == {}, "our bridge holds nothing of it any more")
    assert not any(frame.is_ecp for frame in scene.capture.frames())
    acks = [frame for frame in scene.capture.frames() if frame.is_draft02_ack]
    assert all(set(ack.payload[9:]) <= {0} for ack in acks)
    keep(scene.capture, f"lldpad-evb02-our-bridge-{dialect}.pcap")


def test_keep_alives_of_lldpad_hold_in_draft02(lab, needs_lldpad):
    scene = LldpadScene(lab, "draft02")
    scene.station.vdp(lldpad.ASSOC, uuid(1), mac(1))
    wait_for(lambda: scene.bridge.states() == {uuid(1): ASSOCIATED}, "it is associated")
    before = len(scene.answers(1))
    wait_for(lambda: len(scene.answers(1)) >= before + 2, "two keep-alives are answered",
             patience=40)
    assert scene.bridge.states() == {uuid(1): ASSOCIATED}


def test_a_refusal_ends_it_at_lldpad(lab, needs_lldpad):
    scene = LldpadScene(lab, "draft02")
    scene.station.vdp(lldpad.PRE, uuid(1), mac(1), type_id=77)
    wait_for(lambda: scene.answers(1), "our bridge answers")
    refusal = scene.answers(1)[-1]
    assert (refusal.mode, refusal.response) == (lldpad.PRE, 3)
    scene.station.vdp(lldpad.ASSOC, uuid(2), mac(2))
    wait_for(lambda: scene.answers(2), "another VSI is served")
    asked = [one.mode for one in scene.tlvs(1, "02:00:00:00:00:01")]
    assert asked.count(lldpad.PRE) == 1, "lldpad lets it go, at most with a de-associate"


def draft_street(lab, station, bridge):
    street = Street(lab, start=False)
    street.bridge = evbd.Evbd(street.switch, [evbd.port_table("port1", "bridge", dialect=bridge)])
    street.station = evbd.Evbd(street.host, [evbd.port_table("uplink", "station", dialect=station)])
    street.station.wait_for_evb()
    street.one = street.guest("one", MAC_ONE, "10.83.2.1")
    street.two = street.guest("two", MAC_TWO, "10.83.2.2")
    return street


@pytest.mark.parametrize("station, bridge", [("draft02", "draft02"), ("auto", "draft02"),
                                             ("draft02", "auto")])
def test_only_associated_guests_have_traffic_in_draft02(lab, station, bridge):
    street = draft_street(lab, station, bridge)
    assert not street.one.pings("10.83.2.3")
    street.associate(ONE, MAC_ONE)
    street.associate(TWO, MAC_TWO)
    wait_for(lambda: street.one.pings("10.83.2.2"), "guest one reaches guest two over the bridge")
    assert street.switch.port_flag("port1", "hairpin_mode")
    assert street.switch.fdb("port1") >= {MAC_ONE, MAC_TWO}
    assert street.station.port()["dialect"] == street.bridge.port()["dialect"] == "draft02"
    assert "draft02" in street.station.ctl("port", "show").stdout
    assert street.station.ctl("vsi", "deassociate", TWO).returncode == 0
    wait_for(lambda: MAC_TWO not in street.switch.fdb("port1"), "the bridge forgets guest two")
    assert not street.two.pings("10.83.2.3")
    keep(street.capture, f"evbd-draft02-{station}-{bridge}.pcap")


def test_what_draft02_cannot_say_is_refused_in_a_sentence(lab):
    street = draft_street(lab, "draft02", "draft02")
    answer = street.station.request("associate", "uplink", ONE, mac=MAC_ONE, manager="192.0.2.20")
    assert answer.returncode != 0
    assert "number from 0 to 255" in answer.stdout + answer.stderr


def test_auto_changes_over_when_the_bridge_is_replaced(lab):
    street = draft_street(lab, "auto", "draft02")
    street.associate(ONE, MAC_ONE)
    wait_for(lambda: street.one.pings("10.83.2.3"), "guest one has traffic in draft 0.2")
    for dialect in ("ratified", "draft02"):
        street.bridge.configure([evbd.port_table("port1", "bridge", dialect=dialect)])
        street.bridge.reload()
        wait_for(lambda: street.station.port()["dialect"] == dialect, f"the station speaks {dialect}")
        street.station.wait_for_state(ONE, ASSOCIATED)
        street.bridge.wait_for_state(ONE, ASSOCIATED)
        wait_for(lambda: street.one.pings("10.83.2.3"), f"guest one has traffic in {dialect}")
    wait_for(lambda: [frame for frame in street.capture.frames() if frame.ethertype == frames.LLDP
                      and frame.source == "02:00:00:00:00:01"][-1].evb() is None,
             "the station sends one generation of EVB TLV again")
    keep(street.capture, "evbd-auto-change-over.pcap")


def test_auto_finds_lldpad_of_the_ratified_generation(lab, needs_lldpad):
    link = Link(lab)
    bridge = evbd.Evbd(link.far, [evbd.port_table("veth2", "bridge", enforce=False,
                                                  dialect="auto")])
    lldpad.Lldpad(link.near, "veth0", "station")
    bridge.wait_for_evb()
    assert bridge.port()["dialect"] == "ratified"
