# SPDX-License-Identifier: Apache-2.0
"""Bridges that say nothing: the start fails with a number of evbd's own before libvirt gives up."""
import concurrent.futures
import re
import signal
import time

import evbd
import pytest
from lab import wait_for
from libvirt_host import UPLINK, domain, interface
from scenes import mac, uuid
from vm_scenes import EVB, LIBVIRT, Rack

LIBVIRTS_PATIENCE = 10.0  # seconds; 80 polls each 125 ms
LONELY, BARE = "up1", "up2"  # a link to a switch that is no EVB bridge; no link


@pytest.fixture(scope="module")
def rack(needs_libvirt, shared_lab):
    made = Rack(shared_lab, ("one", "two"))
    host, station = made.hosts["one"], made.stations["one"]
    for device in (LONELY, BARE):
        host.ip("tuntap", "add", device, "mode", "tap")
        host.ip("link", "set", device, "up")
    made.switch.ip("tuntap", "add", "dumb", "mode", "tap")
    made.switch.ip("link", "set", "dumb", "up")
    made.connect(host, LONELY, made.switch, "dumb")
    station.configure([evbd.port_table(name, "station", EVB) for name in (UPLINK, LONELY, BARE)],
                      LIBVIRT)
    station.reload()
    wait_for(lambda: station.port(LONELY).get("link_up"), "the lonely port is up")
    return made


def start(host, number, dev=UPLINK):
    """Number in virsh's message, and how long it took; None when libvirt itself gave up."""
    began = time.monotonic()
    answer = host.create(domain(f"vm{number}", interface(mac(number), uuid(number), dev=dev)),
                         check=False)
    assert answer.returncode != 0, answer.stdout
    told = re.search(r"error (\d+) during port-profile setlink", answer.stderr)
    return told and int(told.group(1)), time.monotonic() - began, answer.stderr


def test_each_silence_has_its_number_before_libvirts_patience_ends(rack):
    one, two = rack.hosts["one"], rack.hosts["two"]
    rack.cables["one"].stop(signal.SIGKILL)
    rack.plug("one", "swallow-answers")
    rack.stations["one"].wait_for_evb(UPLINK)
    rack.cables["two"].send(signal.SIGSTOP)
    expected = {"answers swallowed": (1001, one, UPLINK), "all swallowed": (1002, two, UPLINK),
                "no EVB bridge": (1003, one, LONELY), "no carrier": (1004, one, BARE)}
    with concurrent.futures.ThreadPoolExecutor() as pool:
        asked = {what: pool.submit(start, host, number, dev)
                 for what, (number, host, dev) in expected.items()}
    for what, (number, _, _) in expected.items():
        told, seconds, message = asked[what].result()
        assert told == number, f"{what}: {message}"
        assert seconds < LIBVIRTS_PATIENCE, f"{what} took {seconds:.1f} s"
    rack.cables["two"].send(signal.SIGCONT)
    rack.cables["one"].stop(signal.SIGKILL)
    rack.plug("one")
    rack.is_empty()


def test_a_device_that_is_no_port_is_told_at_once(rack):
    host = rack.hosts["two"]
    host.ip("tuntap", "add", "other0", "mode", "tap")
    told, seconds, message = start(host, 1005, "other0")
    assert told == 1005, message
    assert seconds < LIBVIRTS_PATIENCE / 2
    rack.is_empty()


def test_a_request_without_a_vlan_is_refused_where_the_file_says_so(rack):
    host, station = rack.hosts["two"], rack.stations["two"]
    station.configure([evbd.port_table(UPLINK, "station", EVB, vid_zero="refuse")], LIBVIRT)
    station.reload()
    try:
        wait_for(lambda: start(host, 1006)[0] == 1006, "requests without a VLAN are refused")
        found = station.ctl("doctor").stdout
        assert "vid_zero" in found and uuid(1006) in found
    finally:
        station.configure([evbd.port_table(UPLINK, "station", EVB)], LIBVIRT)
        station.reload()
    wait_for(lambda: host.create(domain("vm", interface(mac(1), uuid(1))),
                                 check=False).returncode == 0, "the bridge may choose again")
    rack.agrees()
    rack.is_empty()
