# SPDX-License-Identifier: Apache-2.0
"""VSI types of the database, enforced on a Linux bridge port with real traffic."""
import json
import pathlib
import re

import pytest

import evbd
import lab as lab_module
from lab import wait_for
from scenes import ASSOCIATED, MAC_ONE, MAC_TWO, ONE, TWO, Street

FLOW = pathlib.Path(__file__).with_name("flow.py")
RATE = 20_000_000
KINDS = "htb", "clsact", "ifb"


class DatabaseStreet(Street):
    """A street whose bridge knows the types of its database only."""

    def __init__(self, lab):
        super().__init__(lab, start=False)
        self.bridge = evbd.Evbd(self.switch, self.bridge_ports, types="")
        self.station = evbd.Evbd(self.host, self.station_ports)
        self.station.wait_for_evb()

    def type(self, *lines, type_id=1193047, version=2, force=False):
        """Puts a type of manager 11 into the database."""
        head = ["[[vsi_type]]", "manager = 11", f"id = {type_id}", f"version = {version}"]
        self.bridge.put_types("\n".join([*head, *lines]) + "\n", *(("--force",) if force else ()))

    def outdated(self, vsi):
        """How the VSI's type has changed since the bridge granted it; None: it has it as it is."""
        return self.bridge.vsis()[vsi].get("type_change")

    def apply(self, *words):
        """`type apply`: exit code, and of each VSI what became of it."""
        answer = self.bridge.ctl("--json", "type", "apply", *words)
        return answer.returncode, {one["id"]: one for one in json.loads(answer.stdout)}

    def database(self, *words):
        return self.bridge.ctl(*words, "--db", self.bridge.folder / "profiles.db")

    def traces(self):
        """What tc has on the switch, as far as it may be ours."""
        shown = (self.switch.run("tc", "qdisc", "show").stdout +
                 self.switch.run("ip", "-d", "link", "show").stdout)
        return [line for line in shown.splitlines() if any(kind in line for kind in KINDS)]

    def rates(self):
        """The limits that the kernel holds on the switch's port for what guests receive."""
        return re.findall(r"rate (\S+)", self.switch.run("tc", "class", "show", "dev", "port1").stdout)

    def flow(self, sender, receiver, address, seconds=1.0):
        """Bits per second of a flood."""
        listening = receiver.start("flow-in", "/usr/bin/python3", FLOW, "receive", 5001, seconds)
        wait_for(lambda: "ready" in listening.text(), "the receiver is ready")
        flood = sender.start("flow-out", "/usr/bin/python3", FLOW, "send", address, 5001,
                             60 * lab_module.SLOWNESS)
        wait_for(lambda: not listening.alive(), "the flood is measured")
        flood.stop()
        return float(listening.text().split()[-1])


def failure(street, vsi):
    return street.station.vsis()[vsi].get("last_failure") or {}


def test_a_type_is_unknown_until_the_database_has_it_and_then_needs_no_restart(lab):
    street = DatabaseStreet(lab)
    one = street.guest("one", MAC_ONE, "10.83.2.1")
    asked = street.station.request("associate", "uplink", ONE, mac=MAC_ONE, vlan=None,
                                   options=("--bridge-assigns-vlan",))
    assert asked.returncode != 0
    assert failure(street, ONE)["reason"] == 3, "no type of the manager: it cannot be reached"
    assert not one.pings("10.83.2.3")
    street.type("untagged = 5", version=9)
    wait_for(lambda: failure(street, ONE).get("reason") == 4, "the manager is known, not its type")
    street.type("untagged = 5")
    street.station.wait_for_state(ONE, ASSOCIATED)
    assert street.station.vsis()[ONE]["filters"][0]["vid"] == 5
    wait_for(lambda: one.pings("10.83.2.3"), "the guest reaches the server")
    street.type("untagged = 6", force=True)
    wait_for(lambda: "has changed; 1 VSI(s) keep what they were granted" in
             street.bridge.process.text(), "evbd tells who holds what the type was")
    assert street.station.vsis()[ONE]["state"] == ASSOCIATED


def test_vlans_and_addresses_are_those_of_the_type(lab):
    """Bridges that filter VLANs are for tests/lab: not every kernel has them."""
    street = DatabaseStreet(lab)
    street.type("untagged = 5", "tagged = [6]", f'macs = ["{MAC_ONE}"]', "mtu = 1500")
    one, two = (street.guest(name, mac, address) for name, mac, address in (
        ("one", MAC_ONE, "10.83.2.1"), ("two", MAC_TWO, "10.83.2.2")))
    for vsi, mac, vlan in ((ONE, MAC_ONE, 7), (TWO, MAC_TWO, 5)):
        assert street.station.request("associate", "uplink", vsi, mac=mac, vlan=vlan).returncode
        assert failure(street, vsi)["reason"] == 5 and failure(street, vsi)["hard"]
    assert not one.pings("10.83.2.3") and not two.pings("10.83.2.3")
    street.associate(ONE, MAC_ONE, vlan=5)
    wait_for(lambda: one.pings("10.83.2.3"), "guest one reaches the server")
    assert street.switch.fdb("port1") == {MAC_ONE}
    assert not two.pings("10.83.2.3"), "guest two is not admitted"


def test_a_limit_of_bandwidth_holds_within_a_tenth_and_goes_with_the_vsi(lab):
    street = DatabaseStreet(lab)
    before = street.traces()
    street.type("untagged = 2", f'transmit = "{RATE} bit/s"', f'receive = "{2 * RATE} bit/s"')
    one = street.guest("one", MAC_ONE, "10.83.2.1")
    street.associate(ONE, MAC_ONE)
    wait_for(lambda: one.pings("10.83.2.3"), "the guest reaches the server")
    assert street.flow(one, street.server, "10.83.2.3") == pytest.approx(RATE, rel=0.1)
    assert street.flow(street.server, one, "10.83.2.1") == pytest.approx(2 * RATE, rel=0.1)
    assert street.traces() != before
    assert street.station.ctl("vsi", "deassociate", ONE).returncode == 0
    wait_for(lambda: street.traces() == before, "nothing is left of the limits")


def test_limits_are_taken_off_at_the_end_and_after_a_kill(lab):
    street = DatabaseStreet(lab)
    before = street.traces()
    street.type("untagged = 2", 'transmit = "20 Mbit/s"', 'receive = "20 Mbit/s"')
    for end in (street.bridge.stop, street.bridge.kill):
        street.station.request("associate", "uplink", ONE, mac=MAC_ONE)
        street.station.wait_for_state(ONE, ASSOCIATED)
        assert street.traces() != before
        end()
        street.station.ctl("vsi", "deassociate", "--no-wait", ONE)
        if end == street.bridge.stop:
            assert street.traces() == before
        street.bridge.start()
        wait_for(lambda: street.traces() == before, "the next evbd takes off what a killed one left")
        street.station.wait_for_evb()


def test_what_the_port_cannot_do_is_refused_by_name_and_changes_nothing(lab):
    street = DatabaseStreet(lab)
    street.switch.run("tc", "qdisc", "add", "dev", "port1", "root", "handle", "1:", "tbf", "rate",
                      "1gbit", "burst", "100k", "limit", "1m")
    before = street.traces(), street.switch.fdb("port1")
    street.type("untagged = 2", 'receive = "20 Mbit/s"')
    street.type("untagged = 2", "mtu = 9000", version=3)
    for version, word in ((2, "receive: "), (3, "mtu: the type wants 9000")):
        answer = street.station.request("associate", "uplink", ONE, mac=MAC_ONE, version=version)
        assert answer.returncode != 0
        assert failure(street, ONE)["reason"] == 4
        assert word in street.bridge.process.text()
    assert (street.traces(), street.switch.fdb("port1")) == before


def test_a_changed_type_is_reported_and_applied_in_place(lab):
    street = DatabaseStreet(lab)
    street.type("untagged = 2", f'receive = "{RATE} bit/s"')
    watch = street.switch.start("watch", evbd.BUILD / "evbctl", "--socket", street.bridge.socket,
                                "vsi", "watch")
    wait_for(lambda: "1 watching" in street.bridge.ctl("agent", "show").stdout, "the watch has begun")
    one = street.guest("one", MAC_ONE, "10.83.2.1")
    street.associate(ONE, MAC_ONE)
    wait_for(lambda: one.pings("10.83.2.3"), "the guest reaches the server")
    assert street.outdated(ONE) is None
    street.type("untagged = 2", f'receive = "{2 * RATE} bit/s"', force=True)
    assert street.outdated(ONE) == {"gone": False, "in_force": ['receive = "20 Mbit/s"'],
                                    "now": ['receive = "40 Mbit/s"']}
    assert "type has changed" in street.bridge.ctl("vsi", "show").stdout
    assert "has changed; 1 VSI(s) keep what they were granted" in street.bridge.process.text()
    wait_for(lambda: "1193047/2 has changed; 1 VSI(s)" in watch.text(), "watchers are told")
    assert street.rates() == ["20Mbit"]
    assert street.apply("12/1193047/2") == (0, {}), "another manager's"
    status, results = street.apply("11/1193047/2")
    assert status == 0 and results[ONE]["status"]["code"] == "OK"
    assert street.outdated(ONE) is None
    wait_for(lambda: "no VSI has it as it was any more" in watch.text(), "watchers are told")
    assert street.rates() == ["40Mbit"] and one.pings("10.83.2.3")
    assert street.station.vsis()[ONE]["state"] == ASSOCIATED
    assert street.apply() == (0, {}), "nothing is left to apply"


def test_what_a_changed_type_refuses_stays_unless_it_is_to_be_ended(lab):
    street = DatabaseStreet(lab)
    street.type("untagged = 2", "tagged = [3]")
    one = street.guest("one", MAC_ONE, "10.83.2.1")
    assert street.station.request("associate", "uplink", ONE, mac=MAC_ONE, vlan=None,
                                  options=("--bridge-assigns-vlan",)).returncode == 0
    street.associate(TWO, MAC_TWO, vlan=3)
    street.type("tagged = [3]", f'macs = ["{MAC_ONE}"]', force=True)
    status, results = street.apply()
    assert status == 1
    assert {vsi: (one["reason"], one["status"]["code"]) for vsi, one in results.items()} == {
        ONE: (4, "REFUSED"), TWO: (5, "REFUSED")}
    assert "another VLAN" in results[ONE]["status"]["sentence"]
    assert street.bridge.states() == {ONE: ASSOCIATED, TWO: ASSOCIATED}
    assert one.pings("10.83.2.3") and street.switch.fdb("port1") == {MAC_ONE, MAC_TWO}
    status, results = street.apply("--deassociate")
    assert status == 0 and all(one["deassociated"] for one in results.values())
    wait_for(lambda: failure(street, TWO).get("reason") == 5, "the station is told the reason")
    wait_for(lambda: street.switch.fdb("port1") == {MAC_ONE}, "guest two is out")
    street.station.wait_for_state(ONE, ASSOCIATED)
    assert street.station.vsis()[ONE]["filters"][0]["vid"] == 3, "it came back with the new VLAN"
    assert street.outdated(ONE) is None


def test_a_type_that_is_gone_is_reported_and_may_end_its_vsis(lab):
    street = DatabaseStreet(lab)
    street.type("untagged = 2")
    street.type("untagged = 2", version=9)
    street.associate(ONE, MAC_ONE)
    assert street.database("type", "delete", "11/1193047/2").returncode == 0
    wait_for(lambda: street.outdated(ONE), "evbd notices that the type is gone")
    assert street.outdated(ONE)["gone"]
    assert "is gone; 1 VSI(s) keep" in street.bridge.process.text()
    assert street.apply()[0] == 1
    assert street.bridge.states() == {ONE: ASSOCIATED}
    assert street.apply("--deassociate")[0] == 0
    wait_for(lambda: failure(street, ONE).get("reason") == 4, "the station is told the reason")
    assert street.switch.fdb("port1") == set()
