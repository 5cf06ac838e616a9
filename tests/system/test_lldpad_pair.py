# SPDX-License-Identifier: Apache-2.0
"""Proves the harness: two lldpads agree with each other in it. What fails later is then evbd."""
import pytest

import frames
import lldpad
from lab import Capture, wait_for

VSI = "fa9b7fff-b0a0-4893-8e0e-beef4ff18f8f"


@pytest.fixture
def pair(lab, needs_lldpad):
    station, bridge = lab.host("st"), lab.host("br")
    lab.wire(station, "veth0", bridge, "veth2", "02:00:00:00:00:01", "02:00:00:00:00:02")
    capture = Capture(bridge, "veth2", lab.folder / "pair.pcap")
    far = lldpad.Lldpad(bridge, "veth2", "bridge")
    near = lldpad.Lldpad(station, "veth0", "station")
    near.wait_for_neighbor()
    far.wait_for_neighbor()
    return near, far, capture


def test_two_lldpads_negotiate_and_associate(pair):
    near, far, capture = pair
    # lldpad acts on what was negotiated only with its next LLDPDU.
    wait_for(lambda: any(frame.evb() and frame.evb()[1] & 3 == 1 for frame in capture.frames()),
             "the station says that reflective relay is on")
    asked = near.vdptool("assoc", VSI, ["2-52:00:00:11:22:33"], wait=True)
    assert asked.returncode == 0, asked.stdout + asked.stderr
    wait_for(lambda: [vsi for frame in capture.frames() for vsi in frame.associations()
                      if vsi.kind == frames.ASSOC and vsi.response and vsi.reason == 0],
             "the bridge confirms")
    assert near.vsis() == {VSI: "assoc"}
