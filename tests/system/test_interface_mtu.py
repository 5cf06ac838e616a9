# SPDX-License-Identifier: Apache-2.0
"""The MTU of a profile, tried with frames of exactly its length and with longer ones. tests/lab runs
this, too, as the kernel there has act_police for sure."""
import os

import pytest

from guests import Tap
from scenes import MAC_ONE, MAC_TWO
from test_interface_profiles import far_end
from yard import passes, yard  # noqa: F401 (a fixture)

MTU, ETHERNET, TAG = 1400, 14, 4


def is_held(yard, name):
    """Whether longer frames are stopped, as evbd says; what it says is what the tests try."""
    notes = " ".join(yard.interfaces()[name].get("notes", []))
    assert "EVBD_LAB" not in os.environ or "mtu: " not in notes, notes
    return "are not stopped" not in notes


@pytest.mark.parametrize("mode", ("vepa", "bridge", "private", "passthrough"))
def test_frames_of_the_mtu_pass_and_longer_ones_do_not(yard, mode):
    yard.evbd.put_profile("short", f"mtu={MTU}")
    server, there = far_end(yard)
    yard.attach(name="a", mode=mode, mac=MAC_ONE, profile="short")
    guest, held = Tap(yard.host, "a"), is_held(yard, "a")
    for way in ((guest, server, MAC_ONE, there), (server, guest, there, MAC_ONE)):
        for vid, tag in ((None, 0), (10, TAG)):
            whole = MTU + ETHERNET + tag
            assert passes(*way, True, vid, whole), (vid, "of the MTU")
            assert passes(*way, not held, vid, whole + 1) != held, (vid, "an octet longer")


def test_what_a_neighbour_in_mode_bridge_sends_is_held_to_the_receivers_mtu(yard):
    yard.evbd.put_profile("short", f"mtu={MTU}")
    yard.attach(name="a", mode="bridge", mac=MAC_ONE, profile="short")
    yard.attach(name="b", mode="bridge", mac=MAC_TWO)
    one, two, held = Tap(yard.host, "a"), Tap(yard.host, "b"), is_held(yard, "a")
    assert passes(two, one, MAC_TWO, MAC_ONE, size=MTU + ETHERNET)
    assert passes(two, one, MAC_TWO, MAC_ONE, not held, size=MTU + ETHERNET + 1) != held
    assert passes(one, two, MAC_ONE, MAC_TWO, size=MTU + ETHERNET)


def test_a_changed_mtu_holds_when_it_was_applied(yard):
    yard.evbd.put_profile("short", f"mtu={MTU}")
    server, there = far_end(yard)
    yard.attach(name="a", mac=MAC_ONE, profile="short")
    yard.evbd.put_profile("short", "mtu=1300")
    assert yard.evbd.ctl("interface", "apply", "a").returncode == 0
    guest, held = Tap(yard.host, "a"), is_held(yard, "a")
    assert passes(guest, server, MAC_ONE, there, size=1300 + ETHERNET)
    assert passes(guest, server, MAC_ONE, there, not held, size=1301 + ETHERNET) != held
