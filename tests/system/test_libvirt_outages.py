# SPDX-License-Identifier: Apache-2.0
"""What dies and comes back while VMs run: evbd, its state, the bridge, libvirtd, a predecessor."""
import contextlib
import json
import pathlib
import random
import signal

import evbd
import pytest

import frames
from lab import stays, wait_for
from libvirt_host import UPLINK, domain, interface
from scenes import ASSOCIATED, MAC_ONE, MAC_TWO, ONE, TWO, uuid
from vm_scenes import LIBVIRT, TYPES, Rack, host_macs, mac_of

HERE = pathlib.Path(__file__).parent
CLIENT, PYTHON = HERE / "libvirt_client.py", "/usr/bin/python3"
PID_FILE = "/run/lldpad.pid"
UPLINK_MAC = "02:00:00:00:01:01"
KILLS, STORM_SEED, STORM_THREADS = 20, 802, 6


@pytest.fixture(scope="module")
def built(needs_libvirt, shared_lab):
    # Ten seconds between keep-alives, as by default: a station may be away for a VM's whole reset.
    return Rack(shared_lab, evb={"rka": 20})


@pytest.fixture
def rack(built):
    yield built
    built.mend()
    built.is_empty()


@pytest.fixture
def guest(rack, host):
    """A VM whose firmware sends frames all the time."""
    host.create(domain("guest", interface(MAC_ONE, ONE), boots=True))
    rack.agrees()
    rack.hears(MAC_ONE)


def goes_on_with(rack, since):
    """They agree, the VM's traffic passes, and the bridge saw repeated associates at most."""
    rack.agrees()
    rack.hears(MAC_ONE)
    assert {one.kind for one in rack.requests("one", since)} <= {frames.ASSOC}


def test_evbd_killed_and_started_again_while_a_vm_runs(rack, station, guest):
    since = rack.spoken("one")
    station.kill()
    rack.hears(MAC_ONE)  # also while there is no agent
    station.start()
    goes_on_with(rack, since)


def test_evbd_killed_between_its_first_lldpdu_and_the_answer(rack, host, station, guest):
    """Its next run then says nothing new to the bridge, which has no reason to speak for 30 s."""
    station.kill()
    first = next(frame for frame in rack.captures["one"].frames()
                 if frame.ethertype == frames.LLDP and frame.source == UPLINK_MAC)
    host.send(UPLINK, b"".join(bytes.fromhex(part.replace(":", ""))
                               for part in (first.destination, first.source, "88cc"))
              + first.payload)
    station.start()
    station.wait_for_evb(UPLINK)
    rack.agrees()
    wait_for(lambda: not station.port(UPLINK)["in_use"].get("group_ids"), "no GroupIDs are left")


def test_evbd_stopped_and_started_again_while_a_vm_runs(rack, station, guest):
    since = rack.spoken("one")
    assert station.stop() == 0
    rack.hears(MAC_ONE)
    station.start()
    goes_on_with(rack, since)


def test_without_evbd_a_start_fails_at_once_and_a_stop_does_not(rack, host, station, guest):
    host.create(domain("other", interface(MAC_TWO, TWO)))
    rack.agrees()
    station.kill()
    answer = host.create(domain("third", interface("52:54:00:aa:00:33", uuid(3))), check=False)
    assert answer.returncode == 1 and "PortProfileRequest" in answer.stderr, answer.stderr
    host.virsh("destroy", "other")
    station.start()
    rack.agrees()
    assert set(station.vsis()) == {ONE}


def test_the_state_file_removed_libvirt_is_asked(rack, host, station, guest):
    host.create(domain("other", interface(MAC_TWO, TWO)))
    rack.agrees()
    since = rack.spoken("one")
    station.kill()
    for file in station.folder.glob("state.db*"):
        file.unlink()
    station.start()
    wait_for(lambda: "remembers nothing of" in station.process.text(), "evbd asks libvirt")
    goes_on_with(rack, since)


def test_libvirtd_killed_and_started_again(rack, host, station, guest):
    since, before = rack.spoken("one"), station.vsis()[ONE]["asked_by"]["pid"]
    host.libvirtd.kill()
    host.start_libvirtd()
    wait_for(lambda: station.vsis()[ONE]["asked_by"]["pid"] != before,
             "the new libvirtd's event port is known")
    assert station.vsis()[ONE]["asked_by"]["pid"] == host.libvirtd.pid
    goes_on_with(rack, since)


def test_in_bridge_mode_libvirt_is_silent_after_its_restart_and_the_vsi_stays(rack, host, station):
    """libvirt associates again in mode vepa only; what is kept here does not need it."""
    host.create(domain("guest", interface(MAC_ONE, ONE, mode="bridge")))
    rack.agrees()
    since = rack.spoken("one")
    host.libvirtd.kill()
    host.start_libvirtd()
    station.kill()
    station.start()
    rack.agrees()
    assert {one.kind for one in rack.requests("one", since)} <= {frames.ASSOC}
    host.virsh("destroy", "guest")
    rack.agrees()


def test_libvirtd_and_evbd_killed_together(rack, host, station, guest):
    since = rack.spoken("one")
    station.kill()
    host.libvirtd.kill()
    host.start_libvirtd()
    station.start()
    goes_on_with(rack, since)


def test_a_vm_that_ends_while_nobody_is_there_to_tell(rack, host, station, guest):
    station.kill()
    host.libvirtd.kill()
    host.run("kill", "-9", host.read("/run/libvirt/qemu/guest.pid"))
    station.start()
    host.start_libvirtd()
    wait_for(lambda: not host.running(), "libvirt sees the end of the VM")
    rack.agrees()
    assert not station.vsis()


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_the_bridge_ended_and_started_again(rack, host, station, guest, end):
    getattr(rack.bridge, end)()
    rack.bridge.start()
    rack.agrees()
    rack.hears(MAC_ONE)


def associates(host):
    """How often libvirtd has asked for an association."""
    return host.libvirtd.text().count(" : ASSOCIATE: ifname: up0")


def test_a_vsi_that_the_bridge_ends_is_asked_for_again_without_libvirt(rack, host, station, guest):
    before = associates(host)
    assert before > 0
    for _ in range(3):
        assert rack.bridge.ctl("vsi", "deassociate", ONE).returncode == 0
        rack.agrees()
        assert station.states() == {ONE: ASSOCIATED}
    rack.hears(MAC_ONE)
    assert associates(host) == before


@pytest.fixture
def impatient(rack, station):
    """The station tells libvirt after a second; in the end the bridge's types are as before."""
    ports = [evbd.port_table(UPLINK, "station", {"rka": 20})]
    for settings in (LIBVIRT + "notify_after_s = 1\n", LIBVIRT):
        station.stop()
        station.configure(ports, settings)
        station.start()
        if settings != LIBVIRT:
            yield
            rack.bridge.configure(rack.bridge_ports, TYPES)
            rack.bridge.reload()


def test_a_vsi_that_stays_lost_is_told_to_libvirt_seldom_and_comes_back(
        rack, host, station, guest, impatient):
    """The bridge takes the VSI away and refuses it from then on. libvirt is told after 1 s, 2 s, 4 s,
    ..., and asks again, once for each of our messages: no ping-pong."""
    rack.agrees()
    rack.bridge.configure(rack.bridge_ports, "")
    rack.bridge.reload()
    before = associates(host)
    rack.bridge.ctl("vsi", "deassociate", ONE)
    wait_for(lambda: associates(host) == before + 2, "libvirt is told twice")
    assert stays(lambda: associates(host) <= before + 3, 2)
    assert station.states()[ONE] != ASSOCIATED and host.running() == {"guest"}

    rack.bridge.configure(rack.bridge_ports, TYPES)
    rack.bridge.reload()
    rack.agrees()
    rack.hears(MAC_ONE)


def test_a_pulled_plug(rack, host, station, guest):
    rack.cables["one"].stop(signal.SIGKILL)
    wait_for(lambda: station.states()[ONE] != ASSOCIATED, "the station sees the link go")
    rack.plug("one")
    rack.agrees()
    rack.hears(MAC_ONE)


def test_a_vsi_whose_macvtap_is_gone_is_released(rack, host, station):
    host.create(domain("guest", interface(MAC_ONE, ONE)))
    rack.agrees()
    host.ip("link", "del", *host.macvtaps())
    wait_for(lambda: not station.vsis() and not rack.bridge.vsis(), "both ends let the VSI go")
    assert host.running() == {"guest"}


def test_libvirt_left_waiting_by_a_predecessor_is_freed(rack, host, station):
    """An agent that takes a request and dies leaves virsh, and the VM's job, waiting for ever."""
    station.stop()
    mute = host.start("mute", PYTHON, "-c", MUTE_AGENT, PID_FILE)
    wait_for(lambda: "listens" in mute.text(), "the mute agent listens")
    virsh = host.start("virsh", "timeout", "60", "virsh", "-c", host.uri, "create",
                       host.file(domain("guest", interface(MAC_ONE, ONE))))
    wait_for(lambda: "took" in mute.text(), "the mute agent takes a request")
    mute.kill()
    assert stays(virsh.alive, 0.5)
    station.start()
    wait_for(lambda: not virsh.alive(), "virsh is freed")
    assert virsh.child.returncode == 1 and "PortProfileRequest" in virsh.text()
    assert "freed" in station.process.text()
    assert not host.running()
    host.create(domain("guest", interface(MAC_ONE, ONE)))
    rack.agrees()


MUTE_AGENT = """
import os, socket, sys, time
agent = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
agent.bind((os.getpid(), 0))
with open(sys.argv[1], "w") as file:
    file.write(f"{os.getpid()}\\n")
print("listens", flush=True)
agent.recv(65536)
print("took", flush=True)
time.sleep(600)
"""


def test_twenty_kills_at_random_moments_of_a_storm(rack, host, station, guest):
    """Whoever was told yes, and has not stopped, is associated; nobody else is."""
    chance = random.Random(STORM_SEED)
    client = host.start("client", PYTHON, CLIENT, "storm", UPLINK, STORM_SEED, STORM_THREADS)
    wait_for(lambda: "storming" in client.text(), "the storm is on")
    try:
        for _ in range(KILLS):
            assert stays(station.alive, chance.uniform(0, 0.4))
            station.kill()
            station.start()
        # How many starts fit between two kills is chance; that the storm goes on after them is not.
        wait_for(lambda: client.text().count("yes") > KILLS, "VMs start in spite of it", 60)
        client.send(signal.SIGUSR1)
        wait_for(lambda: "over" in client.text(), "the storm is over", 60)
        running = json.loads(client.text().split("over", 1)[1])
        is_all_there_is(rack, {ONE: MAC_ONE, **running})
        rack.hears(MAC_ONE)
    finally:
        client.stop(signal.SIGKILL)
        for number in range(STORM_THREADS):
            host.run("ip", "link", "del", f"storm{number}", check=False)
    rack.agrees()


def is_all_there_is(rack, wanted):
    """As Rack.agrees(), where not libvirt but `wanted`, id -> MAC, says what runs."""
    def seen():
        agents = {"station": rack.stations["one"], "bridge": rack.bridge}
        there = {what: {vsi: (one["state"], mac_of(one)) for vsi, one in agent.vsis().items()}
                 for what, agent in agents.items()}
        return there | {"admitted": sorted(host_macs(rack.switch.fdb("port1")))}
    associated = {vsi: (ASSOCIATED, mac) for vsi, mac in wanted.items()}
    expected = {"station": associated, "bridge": associated, "admitted": sorted(wanted.values())}
    with contextlib.suppress(AssertionError):
        wait_for(lambda: seen() == expected, "what runs is what is associated", 30)
    assert seen() == expected
