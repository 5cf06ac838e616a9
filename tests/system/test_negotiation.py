# SPDX-License-Identifier: Apache-2.0
"""EVB negotiation with lldpad at the other end, in both roles (D.2.12)."""
import pytest

import evbd
import lldpad
from lab import wait_for
from scenes import Link


def agree(lab, role, ours, theirs):
    """Our evbd in `role`, lldpad in the other; returns what our port says once both have heard."""
    link = Link(lab)
    other = "bridge" if role == "station" else "station"
    keys = {"enforce": False} if role == "bridge" else {}
    port = evbd.port_table("veth0", role, ours, **keys)
    peer = lldpad.Lldpad(link.far, "veth2", other, **theirs)
    agent = evbd.Evbd(link.near, [port])
    agent.wait_for_evb()
    peer.wait_for_neighbor()
    return agent


@pytest.mark.parametrize("role", ["station", "bridge"])
@pytest.mark.parametrize("ours, theirs, used", [
    ({"rte": 14, "rwd": 18, "rka": 19, "retries": 5}, {"rte": 8, "rwd": 12, "rka": 13, "retries": 1},
     (14, 18, 19, 5)),
    ({"rte": 8, "rwd": 12, "rka": 13, "retries": 1}, {"rte": 14, "rwd": 18, "rka": 19, "retries": 5},
     (14, 18, 19, 5)),
])
def test_the_greater_value_wins_whoever_proposes_it(lab, needs_lldpad, role, ours, theirs, used):
    agent = agree(lab, role, ours, theirs)

    def in_use():
        now = agent.port()["in_use"]
        return (now["retransmit"]["exponent"], now["resource_wait"]["exponent"],
                now["keep_alive"]["exponent"], now["max_retries"])
    wait_for(lambda: in_use() == used, f"{used} are in use")


@pytest.mark.parametrize("ours, theirs", [(True, True), (True, False), (False, True)])
def test_reflective_relay_needs_a_station_that_asks_and_a_bridge_that_can(lab, needs_lldpad, ours,
                                                                          theirs):
    agent = agree(lab, "station", {"reflective_relay": ours}, {"relay": theirs})
    wanted = "on" if ours and theirs else "off"
    wait_for(lambda: agent.port()["in_use"]["relay_status"] == wanted, f"the relay is {wanted}")


def test_group_ids_need_both(lab, needs_lldpad):
    agent = agree(lab, "station", {"group_ids": True}, {"groups": True})
    wait_for(lambda: agent.port()["in_use"].get("group_ids"), "GroupIDs may be used")


def test_a_station_without_a_neighbour_has_no_evb(lab):
    link = Link(lab)
    agent = evbd.Evbd(link.near, [evbd.port_table("veth0", "station")])
    assert not agent.port().get("in_use", {}).get("on")
    assert not agent.port().get("remote")
