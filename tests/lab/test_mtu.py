# SPDX-License-Identifier: Apache-2.0
"""The MTU of a profile under a kernel that can hold a guest to it: the system tests', and what a
guest hands over in one piece for the host to cut into segments."""
import struct

from guests import IFF_VNET_HDR, Tap, octets
from lab import wait_for
from scenes import MAC_ONE
from test_interface_mtu import (  # noqa: F401 (tests, and a fixture)
    MTU, test_a_changed_mtu_holds_when_it_was_applied,
    test_frames_of_the_mtu_pass_and_longer_ones_do_not,
    test_what_a_neighbour_in_mode_bridge_sends_is_held_to_the_receivers_mtu, yard)
from test_interface_profiles import far_end

NEEDS_CHECKSUM, GSO_TCPV4 = 1, 1
HEADERS = 14 + 20 + 20


def piece(source, to, segment, mark):
    """Two TCP segments in one frame, behind a virtio_net_hdr."""
    head = struct.pack("=BBHHHH", NEEDS_CHECKSUM, GSO_TCPV4, HEADERS, segment, 34, 16)
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40 + 2 * segment, 0, 0x4000, 64, 6, 0,
                     bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2]))
    tcp = struct.pack("!HHIIBBHHH", 1, mark, 1, 0, 0x50, 0x10, 1000, 0, 0)
    return head + octets(to) + octets(source) + b"\x08\x00" + ip + tcp + bytes(2 * segment)


def test_of_a_piece_that_is_still_to_be_cut_each_segment_counts(yard):
    yard.evbd.put_profile("short", f"mtu={MTU}")
    server, there = far_end(yard)
    yard.attach(name="a", mac=MAC_ONE, profile="short")
    guest, seen = Tap(yard.host, "a", IFF_VNET_HDR), set()

    def segments(mark):
        """Lengths of the frames with this port that have reached the server."""
        while (one := server.receive(0.05)) is not None:
            if one[12:14] == b"\x08\x00":
                seen.add((struct.unpack("!H", one[36:38])[0], len(one)))
        return {length for number, length in seen if number == mark}

    guest.send(piece(MAC_ONE, there, MTU - 40 + 1, mark=1))
    guest.send(piece(MAC_ONE, there, MTU - 40, mark=2))
    wait_for(lambda: segments(2) == {MTU + 14}, "both segments arrive")
    assert segments(1) == set()
    guest.close()
