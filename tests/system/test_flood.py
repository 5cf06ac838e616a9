# SPDX-License-Identifier: Apache-2.0
"""A wire that is full of what no sound peer would send: evbd goes on, answers its clients, stays
small, and is as before when it ends."""
import pathlib

import pytest

import evbd
from lab import wait_for
from scenes import ASSOCIATED, BRIDGE_MAC, ONE, STATION_MAC, TWO, Link

FLOOD = pathlib.Path(__file__).with_name("flood.py")
FLOODED = 20_000  # frames that arrive before anything is looked at
MOST_GROWTH = 32 * 1024  # KiB
MOST_LOG = 256 * 1024  # octets: a few lines for each VSI that a bridge may hold


def resident(agent):
    """In KiB."""
    status = pathlib.Path(f"/proc/{agent.process.child.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def taken(port):
    """Frames that came through evbd's sockets."""
    return sum(int(count) for count in (port["lldp"]["received"], port["ecp"]["received"],
                                        port["ecp"]["refused"]))


def received(host, device):
    return int(host.read(f"/sys/class/net/{device}/statistics/rx_packets"))


@pytest.fixture
def ends(lab):
    link = Link(lab)
    link.capture.process.stop()  # it would write the flood to the disk
    bridge = evbd.Evbd(link.far, [evbd.port_table("veth2", "bridge", enforce=False, max_vsis=500)],
                       log_level="warning")
    station = evbd.Evbd(link.near, [evbd.port_table("veth0", "station")], log_level="warning")
    station.wait_for_evb()
    assert station.request("associate", "veth0", ONE, mac="52:54:00:aa:00:11").returncode == 0
    return link, station, bridge


@pytest.mark.parametrize("kind", ["lldp", "ecp", "vsis", "noise"])
@pytest.mark.parametrize("victim", ["station", "bridge"])
def test_a_flood_passes(ends, kind, victim):
    link, station, bridge = ends
    agent, here, device = ((station, link.near, "veth0") if victim == "station"
                           else (bridge, link.far, "veth2"))
    there, out, sender = ((link.far, "veth2", BRIDGE_MAC) if victim == "station"
                          else (link.near, "veth0", STATION_MAC))
    before, seen = resident(agent), received(here, device)
    flood = there.start("flood", "/usr/bin/python3", FLOOD, kind, out, sender, 7)
    wait_for(lambda: received(here, device) - seen > FLOODED, "the flood is on")
    assert agent.port()["name"] == device
    assert agent.ctl("vsi", "show").returncode == 0
    wait_for(lambda: received(here, device) - seen > 4 * FLOODED, "it goes on")
    grown = resident(agent) - before
    flood.stop()
    assert taken(agent.port()) > FLOODED // 20, "the flood is for evbd; the kernel may drop most"
    assert grown < MOST_GROWTH, f"{grown} KiB more"
    assert station.alive() and bridge.alive()
    station.wait_for_evb()
    wait_for(lambda: station.states().get(ONE) == ASSOCIATED, "the VSI is associated")
    station.request("associate", "veth0", TWO, mac="52:54:00:aa:00:22")
    station.wait_for_state(TWO, ASSOCIATED)  # a bridge that was filled up has to notice first
    assert len(agent.process.text()) < MOST_LOG
