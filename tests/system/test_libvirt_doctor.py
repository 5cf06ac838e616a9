# SPDX-License-Identifier: Apache-2.0
"""What evbctl says on a host with VMs: doctor, why, explain; and what the agent answers at once."""
import re
import shutil
import signal
import struct

import pytest

import evbd
from lab import wait_for
from libvirt_host import HERE, UPLINK, domain, interface
from scenes import MAC_ONE, MAC_TWO, ONE, TWO
from vm_scenes import EVB, LIBVIRT, Rack

PID_FILE = "/run/lldpad.pid"
CLIENT = HERE / "libvirt_client.py"
AT_ONCE = 500  # ms: libvirt gives up waiting in order after 2 s; a loaded machine takes its time


@pytest.fixture(scope="module")
def built(needs_libvirt, shared_lab):
    return Rack(shared_lab)


@pytest.fixture
def rack(built):
    yield built
    built.mend()
    built.is_empty()


def findings(station):
    """Subject -> sentence; the exit code says whether there are any."""
    answer = station.ctl("doctor")
    assert (answer.returncode != 0) == ("Nothing was found" not in answer.stdout), answer.stdout
    return answer.stdout


def test_a_host_in_order_has_no_findings(rack, host, station):
    host.create(domain("guest", interface(MAC_ONE, ONE)))
    rack.agrees()
    assert findings(station) == "Nothing was found.\n"


def test_a_libvirtd_that_cannot_send_is_found(rack, host, station):
    host.libvirtd.stop()
    host.start_libvirtd(sendable=False)
    answer = host.create(domain("guest", interface(MAC_ONE, ONE)), check=False)
    assert "PortProfileRequest" in answer.stderr, "libvirt's defect is gone; so may the finding be"
    assert re.search(rf"libvirtd \(PID {host.libvirtd.pid}\): its netlink port id \d+ is above 2\^31",
                     findings(station))
    host.libvirtd.stop()


def test_a_foreign_pid_file_is_found(rack, host, station):
    number = host.read(PID_FILE)
    host.write(PID_FILE, "4711\n")
    try:
        assert f"{PID_FILE}: the file names port id 4711 instead of" in findings(station)
        host.run("rm", PID_FILE)
        assert f"{PID_FILE}: the file is missing" in findings(station)
    finally:
        host.write(PID_FILE, f"{number}\n")
    assert findings(station) == "Nothing was found.\n"


def test_another_agent_on_the_pid_file_keeps_evbd_from_starting(rack, host, station):
    station.stop()
    other = host.start("other", "/usr/bin/python3", "-c", OTHER_AGENT, PID_FILE)
    wait_for(lambda: "listens" in other.text(), "the other agent listens")
    try:
        answer = host.run(evbd.BUILD / "evbd", "--config", station.file, check=False)
        assert answer.returncode != 0 and "another agent" in answer.stderr, answer.stderr
        assert host.read(PID_FILE) == str(other.pid)
    finally:
        other.kill()
    station.start()


OTHER_AGENT = """
import os, socket, sys, time
agent = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
agent.bind((os.getpid(), 0))
with open(sys.argv[1], "w") as file:
    file.write(f"{os.getpid()}\\n")
print("listens", flush=True)
time.sleep(600)
"""


def test_another_lldp_agent_is_found(rack, host, station):
    if shutil.which("lldpad") is None:
        pytest.skip("no lldpad here: run it by ./check --only system")
    other = host.start("lldpad", "sh", "-c", "cd /run && exec lldpad -f /run/lldpad.conf")
    try:
        wait_for(lambda: f"lldpad (PID {other.pid}): another LLDP agent" in findings(station),
                 "the doctor finds lldpad")
    finally:
        other.stop(signal.SIGKILL)
        station.stop()
        host.run("rm", "-f", PID_FILE)
        station.start()  # lldpad has taken the pid file
    wait_for(lambda: findings(station) == "Nothing was found.\n", "lldpad is gone")


def test_a_veth_as_port_is_found(rack, host, station):
    """libvirt would take its peer for the device below it, and loop or fail."""
    rack.lab.wire(host, "veth9", rack.server, "veth9")
    station.configure([evbd.port_table(port, "station", EVB) for port in (UPLINK, "veth9")], LIBVIRT)
    station.reload()
    try:
        wait_for(lambda: "veth9: the port is a veth" in findings(station), "the veth is found")
        assert "veth9: no EVB peer is heard" in findings(station)
    finally:
        station.configure([evbd.port_table(UPLINK, "station", EVB)], LIBVIRT)
        station.reload()
        host.ip("link", "del", "veth9")


def test_a_cloned_instanceid_is_refused_while_the_first_vm_runs(rack, host, station):
    host.create(domain("first", interface(MAC_ONE, ONE)))
    answer = host.create(domain("cloned", interface(MAC_TWO, ONE)), check=False)
    assert "error 1009 during port-profile setlink" in answer.stderr, answer.stderr
    rack.agrees()
    why = station.ctl("vsi", "why", ONE).stdout
    assert "error 1009" in why and MAC_TWO in why
    assert "instanceid" in station.ctl("explain", "1009").stdout


def test_why_remembers_a_start_that_was_refused(rack, host, station):
    host.create(domain("guest", interface(MAC_ONE, ONE, type_id=99)), check=False)
    rack.agrees()
    assert not station.vsis()
    for name in (ONE, ONE[:8]):
        why = station.ctl("vsi", "why", name)
        assert why.returncode == 0, why.stderr
        assert "is no longer on port up0" in why.stdout
        assert "The bridge refused the associate: other failure (reason 4)" in why.stdout
        assert f"libvirt was told error 4 about its associate of {MAC_ONE}" in why.stdout
    host.create(domain("guest", interface(MAC_ONE, ONE)))
    rack.agrees()
    assert "error" not in station.ctl("vsi", "why", ONE).stdout
    host.virsh("destroy", "guest")
    rack.agrees()
    assert station.ctl("vsi", "why", ONE).returncode == 4


def test_malformed_messages_are_answered_at_once(rack, host, station):
    def message(kind, payload, length=None):
        length = 16 + len(payload) // 2 if length is None else length
        return struct.pack("IHHII", length, kind, 5, 0, 0).hex() + payload
    info = struct.pack("IIII", 0, 2, 0, 0).hex()
    rubbish = {"no attributes": message(19, info), "half an ifinfomsg": message(19, info[:10]),
               "an attribute too long": message(19, info + "ffff0300"),
               "a length beyond the datagram": message(19, info, length=4000),
               "less than a header": "0102030405", "a request of no known kind": message(77, info)}
    answers = host.run("/usr/bin/python3", CLIENT, "say", UPLINK, *rubbish.values()).stdout
    lines = [line.split() for line in answers.splitlines()]
    assert len(lines) == len(rubbish)
    for what, (milliseconds, octets) in zip(rubbish, lines):
        octets = bytes.fromhex(octets)
        assert octets[4:6] == b"\x02\x00" and octets[16:20] != bytes(4), f"{what}: {octets.hex()}"
        assert float(milliseconds) < AT_ONCE, what
