# SPDX-License-Identifier: Apache-2.0
"""Interfaces with an association (802.1Qbg), and what is left of them after refusals and kills."""
import json
import random
import signal
import time

import pytest

import evbd
from lab import run, wait_for
from scenes import ASSOCIATED, MAC_ONE, MAC_TWO, ONE, STATION_MAC, TWO, Street


@pytest.fixture
def street(lab):
    # A killed station is no new neighbour to the bridge: it hears the bridge at its next turn.
    made = Street(lab, lldp={"msg_tx_interval": 1})
    made.links = lambda: json.loads(run("ip", "-n", made.host.namespace, "-j", "link", "show",
                                        "type", "macvtap").stdout)
    return made


def attach(street, *options, vsi=ONE, mac=MAC_ONE, type_id=1193047, name="a", mode="vepa"):
    return street.station.ctl(
        "interface", "attach", "--device", "uplink", "--mode", mode, "--mac", mac, "--name", name,
        "--instanceid", vsi, "--managerid", 11, "--typeid", type_id, "--typeidversion", 2,
        "--vlan", 2, *options)


XML = """
<domain type='kvm'><name>guest</name><devices>
  <interface type='direct'>
    <mac address='{}'/><source dev='uplink' mode='vepa'/>
    <virtualport type='802.1Qbg'>
      <parameters managerid='11' typeid='1193047' typeidversion='2' instanceid='{}'/>
    </virtualport>
  </interface>
  <interface type='direct'>
    <mac address='{}'/><source dev='uplink' mode='bridge'/>
    <virtualport type='802.1Qbg'>
      <parameters managerid='11' typeid='{}' typeidversion='2' instanceid='{}'/>
    </virtualport>
  </interface>
</devices></domain>
"""


def test_an_interface_is_up_when_its_association_is_granted_and_gone_with_it(street):
    answer = attach(street, "--require-relay")
    assert answer.returncode == 0, answer.stderr
    assert "/dev/tap" in answer.stdout
    shown = street.station.json("interface", "show", "a")[0]
    assert shown["up"] and shown["association"]["state"] == ASSOCIATED
    assert MAC_ONE in street.switch.fdb("port1")
    assert street.station.ctl("interface", "detach", "a").returncode == 0
    wait_for(lambda: not street.bridge.states(), "the bridge has let go of it")
    assert street.links() == [] and street.station.states() == {}


def test_an_association_that_somebody_has_ended_is_shown_as_ended(street):
    assert attach(street).returncode == 0
    assert street.station.ctl("vsi", "deassociate", ONE).returncode == 0
    wait_for(lambda: not street.station.states(), "the station has forgotten the VSI")
    shown = street.station.json("interface", "show", "a")[0]["association"]
    assert (shown["id"], shown["port"], shown["state"]) == (ONE, "uplink", "DEASSOCIATED")
    assert f"{ONE} on uplink: deassociated" in street.station.ctl("interface", "show", "a").stdout
    assert street.station.ctl("interface", "detach", "a").returncode == 0
    assert street.links() == []


def test_all_interfaces_of_a_domain_are_attached_or_none(street, tmp_path):
    file = tmp_path / "guest.xml"
    file.write_text(XML.format(MAC_ONE, ONE, MAC_TWO, 99, TWO))
    answer = street.station.ctl("interface", "attach", "--xml", file, "--vlan", 2)
    assert answer.returncode == 1 and "not granted" in answer.stderr, answer.stderr
    assert street.links() == [] and street.station.states() == {}
    wait_for(lambda: not street.bridge.states(), "the bridge has let go of the first")
    file.write_text(XML.format(MAC_ONE, ONE, MAC_TWO, 1193047, TWO))
    answer = street.station.ctl("interface", "attach", "--xml", file, "--vlan", 2)
    assert answer.returncode == 0, answer.stderr
    assert street.bridge.states() == {ONE: ASSOCIATED, TWO: ASSOCIATED}
    assert street.station.ctl("interface", "detach", "--guest", "guest").returncode == 0
    wait_for(lambda: not street.bridge.states(), "the bridge has let go of both")
    assert street.links() == []


def test_a_vsi_type_is_attached_in_the_modes_that_it_allows(street):
    street.station.put_types('[[vsi_type]]\nmanager = 11\nid = 1193047\nversion = 2\ntagged = [2]\n'
                             'modes = ["vepa", "private"]\n')
    answer = attach(street, mode="bridge")
    assert answer.returncode == 1
    assert "mode: VSI type 1193047 version 2 of 11 does not allow mode bridge" in answer.stderr
    assert street.links() == [] and street.station.states() == {}
    assert attach(street).returncode == 0


def test_a_bridge_that_does_not_answer_leaves_nothing(street):
    street.bridge.process.send(signal.SIGSTOP)
    answer = attach(street)
    assert answer.returncode == 1 and "did not answer" in answer.stderr, answer.stderr
    street.bridge.process.send(signal.SIGCONT)
    assert street.links() == []
    wait_for(lambda: not street.station.states(), "the station has dropped it")
    wait_for(lambda: not street.bridge.states(), "the bridge knows nothing of it")


def test_an_interface_outlives_evbd(street):
    assert attach(street).returncode == 0
    street.station.kill()
    street.station.start()
    street.station.wait_for_state(ONE, ASSOCIATED)
    shown = street.station.json("interface", "show")[0]
    assert shown["state"] == "attached" and shown["up"]
    assert street.station.ctl("interface", "detach", "a").returncode == 0
    wait_for(lambda: not street.bridge.states(), "the bridge has let go of it")
    assert street.links() == []


def test_an_evbctl_that_nobody_waits_for_any_more_leaves_nothing(street):
    street.bridge.process.send(signal.SIGSTOP)
    waiting = street.host.start(
        "evbctl", evbd.BUILD / "evbctl", "--socket", street.station.socket, "interface", "attach",
        "--device", "uplink", "--mac", MAC_ONE, "--name", "a", "--instanceid", ONE, "--managerid",
        11, "--typeid", 1193047, "--typeidversion", 2, "--vlan", 2)
    wait_for(street.links, "the interface is made")
    waiting.kill()
    street.bridge.process.send(signal.SIGCONT)
    wait_for(lambda: not street.links(), "it is taken back")
    wait_for(lambda: not street.bridge.states(), "the bridge has let go of it")


def test_kill_at_fifty_random_points_leaves_all_or_nothing(street):
    """Attach and detach in turn, killed after a random part of the time that they take."""
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    began = time.monotonic()
    assert attach(street).returncode == 0
    whole = time.monotonic() - began
    assert street.station.ctl("interface", "detach", "a").returncode == 0
    ends = {"whole": 0, "nothing": 0}
    for point in range(50):
        detaching = bool(street.links())
        words = (["interface", "detach", "a"] if detaching else
                 ["interface", "attach", "--device", "uplink", "--mode",
                  chance.choice(("vepa", "bridge", "private", "passthrough")), "--mac", MAC_ONE,
                  "--name", "a", "--instanceid", ONE, "--managerid", 11, "--typeid", 1193047,
                  "--typeidversion", 2, "--vlan", 2])
        asked = street.host.start("evbctl", evbd.BUILD / "evbctl", "--socket",
                                  street.station.socket, *words)
        time.sleep(chance.uniform(0, 1.3 * whole))  # the point, not a wait
        street.station.kill()
        asked.child.wait()
        street.station.start()
        wait_for(lambda: all(one["state"] == "attached"
                             for one in street.station.json("interface", "show")),
                 f"point {point}, seed {seed}: nothing is left half done", 60)
        whole_now = bool(street.station.json("interface", "show"))
        ends["whole" if whole_now else "nothing"] += 1
        assert bool(street.links()) == whole_now, f"point {point}, seed {seed}"
        if whole_now:
            street.station.wait_for_state(ONE, ASSOCIATED, 60)
        else:
            wait_for(lambda: not street.bridge.states() and not street.station.states(),
                     f"point {point}, seed {seed}: no association is left", 60)
            mac = street.host.read("/sys/class/net/uplink/address")
            assert mac == STATION_MAC, f"point {point}, seed {seed}"
    print(ends)
    assert ends["whole"] and ends["nothing"], f"seed {seed}: {ends}"
