# SPDX-License-Identifier: Apache-2.0
"""The main job, end to end, on a real Linux bridge, with real traffic."""
import signal

import pytest

from lab import wait_for
from scenes import ASSOCIATED, MAC_ONE, MAC_TWO, ONE, TWO, Street

XML = """
<domain type='kvm'><name>guest</name><devices>
  <interface type='direct'>
    <mac address='{mac}'/>
    <source dev='uplink' mode='vepa'/>
    <virtualport type='802.1Qbg'>
      <parameters managerid='11' typeid='1193047' typeidversion='2' instanceid='{vsi}'/>
    </virtualport>
  </interface>
</devices></domain>
"""


@pytest.fixture
def street(lab):
    made = Street(lab)
    made.one = made.guest("one", MAC_ONE, "10.83.2.1")
    made.two = made.guest("two", MAC_TWO, "10.83.2.2")
    return made


def associate_both(street):
    street.associate(ONE, MAC_ONE)
    street.associate(TWO, MAC_TWO)
    wait_for(lambda: street.one.pings("10.83.2.2"), "guest one reaches guest two")


def test_only_associated_guests_have_traffic(street, tmp_path):
    assert street.switch.port_flag("port1", "hairpin_mode")
    assert not street.switch.port_flag("port1", "learning")
    assert street.switch.locked("port1")
    assert not street.one.pings("10.83.2.2") and not street.one.pings("10.83.2.3")

    for vsi, mac, option in ((ONE, MAC_ONE, ("--vlan", "2")), (TWO, MAC_TWO,
                                                              ("--bridge-assigns-vlan",))):
        file = tmp_path / f"{vsi}.xml"
        file.write_text(XML.format(mac=mac, vsi=vsi))
        answer = street.station.ctl("vsi", "associate", "--xml", file, *option)
        assert answer.returncode == 0, answer.stdout + answer.stderr
    wait_for(lambda: street.one.pings("10.83.2.2"), "guest one reaches guest two")
    assert street.two.pings("10.83.2.1") and street.two.pings("10.83.2.3")
    assert street.station.states() == {ONE: ASSOCIATED, TWO: ASSOCIATED}
    assert street.bridge.states() == {ONE: ASSOCIATED, TWO: ASSOCIATED}
    assert street.switch.fdb("port1") >= {MAC_ONE, MAC_TWO}
    # The type's default VLAN is what the bridge chose where it was asked to.
    assert street.station.vsis()[TWO]["filters"][0]["vid"] == 7

    assert street.station.ctl("vsi", "deassociate", TWO).returncode == 0
    wait_for(lambda: MAC_TWO not in street.switch.fdb("port1"), "the bridge forgets guest two")
    assert not street.two.pings("10.83.2.3") and not street.two.pings("10.83.2.1")
    assert street.one.pings("10.83.2.3")


def test_keep_alives_hold_the_association_and_its_traffic(street):
    associate_both(street)
    for _ in range(3):
        street.wait_for_keep_alive(ONE)
    assert street.bridge.states()[ONE] == ASSOCIATED
    assert street.one.pings("10.83.2.2")


def test_a_type_that_the_bridge_does_not_know_is_refused_and_admits_nobody(street):
    answer = street.station.request("associate", "uplink", ONE, mac=MAC_ONE, type_id=99)
    assert answer.returncode != 0
    assert MAC_ONE not in street.switch.fdb("port1")
    assert not street.one.pings("10.83.2.3")
    why = street.station.ctl("vsi", "why", ONE).stdout
    assert "bridge" in why


def test_pre_association_lets_no_traffic_through_yet(street):
    street.associate(ONE, MAC_ONE, verb="preassociate")
    assert not street.one.pings("10.83.2.3")
    street.associate(ONE, MAC_ONE)
    wait_for(lambda: street.one.pings("10.83.2.3"), "the association opens the way")


def test_a_bridge_that_is_stopped_and_continued_has_its_associations_back(street):
    associate_both(street)
    street.bridge.process.send(signal.SIGSTOP)
    wait_for(lambda: street.station.vsis()[ONE].get("last_failure"), "the station sees the silence")
    assert "NO_RESPONSE" in street.station.vsis()[ONE]["last_failure"]["cause"]
    street.bridge.process.send(signal.SIGCONT)
    for vsi in (ONE, TWO):
        street.station.wait_for_state(vsi, ASSOCIATED)
        street.bridge.wait_for_state(vsi, ASSOCIATED)
    wait_for(lambda: street.one.pings("10.83.2.2"), "traffic passes again")


def test_carrier_lost_and_back_brings_the_associations_back(street):
    associate_both(street)
    street.switch.ip("link", "set", "port1", "down")
    wait_for(lambda: ASSOCIATED not in street.station.states().values(),
             "no association outlives the link")
    street.switch.ip("link", "set", "port1", "up")
    for vsi in (ONE, TWO):
        street.station.wait_for_state(vsi, ASSOCIATED)
    wait_for(lambda: street.one.pings("10.83.2.2"), "traffic passes again")


def test_a_bridge_killed_and_restarted_has_its_associations_back(street):
    associate_both(street)
    street.bridge.kill()
    street.bridge.start()
    for vsi in (ONE, TWO):
        street.bridge.wait_for_state(vsi, ASSOCIATED)
        street.station.wait_for_state(vsi, ASSOCIATED)
    wait_for(lambda: street.one.pings("10.83.2.2"), "traffic passes again")


def test_a_station_killed_and_restarted_still_wants_its_associations(street):
    associate_both(street)
    street.station.kill()
    street.station.start()
    for vsi in (ONE, TWO):
        street.station.wait_for_state(vsi, ASSOCIATED)
    wait_for(lambda: street.one.pings("10.83.2.2"), "traffic passes")


def test_a_bridge_that_ends_puts_the_port_back_as_it_was(street):
    associate_both(street)
    assert street.bridge.stop() == 0
    assert not street.switch.port_flag("port1", "hairpin_mode")
    assert street.switch.port_flag("port1", "learning")
    assert not street.switch.locked("port1")
    assert not street.switch.fdb("port1") & {MAC_ONE, MAC_TWO}
    wait_for(lambda: street.one.pings("10.83.2.3"), "an ordinary bridge forwards")


def test_a_station_ended_and_started_again_still_wants_its_associations(street):
    """evbd may be upgraded under running guests: its end is not theirs."""
    associate_both(street)
    assert street.station.stop() == 0
    assert {MAC_ONE, MAC_TWO} <= street.switch.fdb("port1")
    assert street.one.pings("10.83.2.2"), "the guests' traffic goes on without the agent"
    street.station.start()
    for vsi in (ONE, TWO):
        street.station.wait_for_state(vsi, ASSOCIATED)
    assert street.one.pings("10.83.2.2"), "and with the new one"
