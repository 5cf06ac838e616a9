# SPDX-License-Identifier: Apache-2.0
"""Our station against Debian's lldpad as bridge, with all its faults."""
import re
import signal

import pytest

import evbd
import frames
import lldpad
from lab import wait_for
from scenes import ASSOCIATED, STATION_MAC, Link, mac, uuid


class Scene(Link):
    def __init__(self, lab, rka=16, **bridge):
        super().__init__(lab)
        self.bridge = lldpad.Lldpad(self.far, "veth2", "bridge", rka=rka, **bridge)
        self.station = evbd.Evbd(self.near, [evbd.port_table("veth0", "station")])
        self.station.wait_for_evb()
        # lldpad takes up the timers that were agreed only with its next LLDPDU; until then it
        # ends every association within microseconds.
        self.bridge.wait_for_neighbor()
        wait_for(lambda: self.relay_granted(), "lldpad has answered the station's EVB TLV")

    def relay_granted(self):
        return any(frame.evb() and frame.evb()[0] & 1 and frame.evb()[3] >> 6 == 1
                   for frame in self.capture.frames())

    def request(self, verb, number, **options):
        return self.station.request(verb, "veth0", uuid(number), mac=mac(number), **options)

    def responses(self, number):
        return [one.kind for one in self.capture.associations()
                if one.response and one.reason == 0 and one.id == uuid(number).replace("-", "")]


@pytest.fixture
def scene(lab, needs_lldpad):
    return Scene(lab)


def test_evb_is_agreed_by_the_greater_values(scene):
    """Ours: R 3, RTE 10, RWD 14, RKA 16. lldpad's: 3, 8, 16, 16."""
    used = scene.station.port()["in_use"]
    assert used["retransmit"]["exponent"] == 10
    assert used["resource_wait"]["exponent"] == 16
    assert used["keep_alive"]["exponent"] == 16
    assert used["relay_status"] == "on"
    shown = scene.bridge.tool("-t", "-V", "evb").stdout
    assert re.search(r"RTE:?\s*10|rte.*10", shown, re.IGNORECASE), shown


def test_every_type_of_association_is_confirmed_in_turn(scene):
    for verb, options, kind in (("preassociate", (), frames.PRE),
                                ("preassociate", ("--reserve",), frames.PRE_RR),
                                ("associate", (), frames.ASSOC)):
        answer = scene.request(verb, 1, options=options)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        wait_for(lambda: kind in scene.responses(1), "the capture has the response")
    assert scene.station.states() == {uuid(1): ASSOCIATED}
    assert scene.station.ctl("vsi", "deassociate", uuid(1)).returncode == 0
    wait_for(lambda: frames.DEASSOC in scene.responses(1), "the capture has the response")
    assert scene.station.states().get(uuid(1)) != ASSOCIATED


def test_keep_alives_hold_the_association(scene):
    assert scene.request("associate", 1).returncode == 0
    wait_for(lambda: scene.responses(1).count(frames.ASSOC) >= 4, "three keep-alives are answered")
    vsi = scene.station.vsis()[uuid(1)]
    assert vsi["state"] == ASSOCIATED and not vsi.get("last_failure")


def domain(count):
    """A domain with many interfaces: evbctl asks for all of them in one request."""
    interfaces = "".join(
        f"<interface type='direct'><mac address='{mac(number)}'/><source dev='veth0'/>"
        f"<virtualport type='802.1Qbg'><parameters managerid='11' typeid='1193047'"
        f" typeidversion='2' instanceid='{uuid(number)}'/></virtualport></interface>"
        for number in range(count))
    return f"<domain><name>many</name><devices>{interfaces}</devices></domain>"


def test_of_many_vsis_at_once_none_is_lost(lab, needs_lldpad, tmp_path):
    """lldpad loses the first of two ECPDUs that follow within 2 ms, repeats the tail of a longer
    one after a shorter one, and answers every VSI in an ECPDU of its own, one per RTE slot."""
    count = 100
    scene = Scene(lab, rwd=18, rka=18)
    file = tmp_path / "many.xml"
    file.write_text(domain(count))
    answer = scene.station.ctl("vsi", "associate", "--xml", file, "--vlan", 2)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert list(scene.station.states().values()) == [ASSOCIATED] * count
    responses = [one.id for one in scene.capture.associations() if one.response]
    assert set(responses) == {uuid(number).replace("-", "") for number in range(count)}
    requests = [frame for frame in scene.capture.frames()
                if frame.is_ecp_request and frame.source == STATION_MAC]
    assert len(requests) < count / 10, "requests share ECPDUs"


def test_a_bridge_stopped_and_continued_is_asked_again(scene):
    assert scene.request("associate", 1).returncode == 0
    scene.bridge.process.send(signal.SIGSTOP)
    wait_for(lambda: scene.station.vsis()[uuid(1)].get("last_failure"), "the silence is seen")
    scene.bridge.process.send(signal.SIGCONT)
    scene.station.wait_for_state(uuid(1), ASSOCIATED)


def test_carrier_lost_and_back_is_no_loss(scene):
    """Our end goes down, and with it the carrier of both. lldpad does not survive that its own
    interface is set down: it sends on a closed socket and dies of a segmentation fault."""
    assert scene.request("associate", 1).returncode == 0
    scene.near.ip("link", "set", "veth0", "down")
    wait_for(lambda: scene.station.states().get(uuid(1)) != ASSOCIATED, "the link's end is seen")
    scene.near.ip("link", "set", "veth0", "up")
    scene.station.wait_for_state(uuid(1), ASSOCIATED, patience=40)
