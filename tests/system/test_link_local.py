# SPDX-License-Identifier: Apache-2.0
"""Frames to 01-80-C2-00-00-00 on a Linux bridge: who sees them, and where they must not go."""
import pytest

import evbd

from lab import Listener, wait_for
from scenes import STATION_MAC, Street

ALL, LLDP = 3, 0x88CC


def lldpdu(ttl=120, marker=b"probe"):
    """A small LLDPDU to the nearest customer bridge."""
    def tlv(kind, value):
        return (kind << 9 | len(value)).to_bytes(2, "big") + value
    source = bytes.fromhex(STATION_MAC.replace(":", ""))
    frame = bytes.fromhex("0180c2000000") + source + LLDP.to_bytes(2, "big")
    frame += tlv(1, b"\x04" + source) + tlv(2, b"\x05" + marker) + tlv(3, ttl.to_bytes(2, "big"))
    return (frame + tlv(0, b"")).ljust(60, b"\0")


@pytest.fixture
def plain(lab):
    return Street(lab, start=False)


def test_a_bridge_without_stp_forwards_them_and_a_socket_for_their_type_sees_nothing(plain):
    """The kernel's behaviour that evbd is built around; if it changes, this test tells."""
    behind, every = Listener(plain.server, "eth0", ALL), Listener(plain.switch, "port1", ALL)
    narrow = Listener(plain.switch, "port1", LLDP)
    frame = lldpdu()
    plain.host.send("uplink", frame)
    wait_for(lambda: behind.saw(frame), "the frame leaks through the bridge")
    assert every.saw(frame)
    assert not narrow.saw(frame)


def test_evbd_hears_them_and_its_locked_port_stops_the_leak(lab):
    street = Street(lab)
    behind, every = Listener(street.server, "eth0", ALL), Listener(street.switch, "port1", ALL)
    before = street.bridge.port()["lldp"]["received"]
    frame = lldpdu()
    street.host.send("uplink", frame)
    wait_for(lambda: every.saw(frame), "the frame reaches the port")
    wait_for(lambda: int(street.bridge.port()["lldp"]["received"]) > int(before), "evbd counts it")
    assert not behind.saw(frame)


def test_nothing_that_evbd_says_reaches_the_server(lab):
    street = Street(lab, start=False)
    behind = Listener(street.server, "eth0", LLDP)
    street.bridge = evbd.Evbd(street.switch, street.bridge_ports)
    street.station = evbd.Evbd(street.host, street.station_ports)
    street.station.wait_for_evb()
    assert "0180c2" not in behind.process.text()
