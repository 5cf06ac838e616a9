# SPDX-License-Identifier: Apache-2.0
"""S-channels for real: CDCP between two evbds, a VLAN device of 802.1ad for each channel at both
ends, EVB and VDP inside of it, and what goes when a channel goes."""
import pytest

import evbd
from channel_street import ECP, LLDP, Street, bridge_port, station_port
from ground import EVB, SERVER_MAC
from lab import wait_for
from scenes import ASSOCIATED, BRIDGE_MAC, MAC_ONE, MAC_TWO, ONE, STATION_MAC, TWO
from wire_ends import End, Tap, arrives, stays_out


@pytest.fixture
def street(lab):
    return Street(lab)


def test_two_s_channels_come_up_carry_their_vsis_and_go_when_they_are_no_longer_wanted(street):
    station, bridge = street.station, street.bridge
    street.wait_for_channels({2: 100, 3: 101})
    street.associate(ONE, MAC_ONE, "eth0.s2")
    street.associate(TWO, MAC_TWO, "eth0.s3")
    assert station.vsis()[ONE]["port"] == "eth0.s2"
    assert bridge.vsis()[ONE]["port"] == "port1.s2" and bridge.states()[TWO] == ASSOCIATED
    # C09, and CDCP itself untagged.
    for svid in (100, 101):
        for mac in (STATION_MAC, BRIDGE_MAC):
            wait_for(lambda m=mac, s=svid: {(m, s, LLDP), (m, s, ECP)} <= street.tagged(),
                     f"EVB and ECP of {mac} S-tagged with {svid}")
    assert (STATION_MAC, None, LLDP) in street.tagged()
    assert not any(svid is None and kind == ECP for _, svid, kind in street.tagged())

    shown = station.port("eth0")["cdcp"]
    assert shown["state"] == "RUNNING" and shown["remote"]["role"] == "bridge"
    assert {(one["scid"], one["svid"]) for one in shown["channels"]} == {(1, 1), (2, 100), (3, 101)}
    text = station.ctl("port", "show", "eth0").stdout
    assert "SCID 2" in text and "eth0.s2" in text

    # The bridge's port of a channel admits its guest, and nobody else.
    assert street.switch.locked("port1.s2") and street.switch.fdb("port1.s2") == {MAC_ONE}
    near, far = End(street.host, "eth0.s2"), End(street.server, "eth0")
    near.send(SERVER_MAC, MAC_ONE, "one")
    arrives(far, "one", None)
    near.send(SERVER_MAC, MAC_TWO, "two in one's channel")
    assert stays_out(far, "two in one's channel")
    near.close()

    # A channel is taken out of the configuration and another put in; the third is not disturbed.
    kept = street.devices(street.host)["eth0.s3"]
    station.configure([station_port([3, 4])])
    station.reload()
    street.wait_for_channels({3: 101, 4: 100})
    assert street.devices(street.host)["eth0.s3"] == kept
    wait_for(lambda: bridge.states() == {TWO: ASSOCIATED}, "the bridge ended the channel's VSI")
    assert station.states() == {TWO: ASSOCIATED}
    assert {port["name"] for port in station.json("port", "show")} == {"eth0", "eth0.s3", "eth0.s4"}
    far.close()

    # A device whose port holds a VSI waits for the next evbd; one that nobody uses goes with evbd.
    assert station.stop() == 0
    assert street.devices(street.host) == {"eth0.s3": kept}
    station.start()
    station.wait_for_state(TWO, ASSOCIATED)
    assert street.devices(street.host)["eth0.s3"] == kept
    assert station.ctl("vsi", "deassociate", TWO).returncode == 0
    assert station.stop() == 0
    assert street.devices(street.host) == {}
    wait_for(lambda: street.devices(street.switch) == {}, "the bridge's devices go with them")
    assert bridge.states() == {}


def test_channels_come_back_when_the_bridge_is_killed_and_the_carrier_goes(street):
    """VSIs stay wanted meanwhile, a guest's interface survives, and nothing passes that was not
    admitted anew."""
    station, bridge = street.station, street.bridge
    street.wait_for_channels({2: 100, 3: 101})
    street.associate(ONE, MAC_ONE, "eth0.s2")
    street.host.ip("link", "add", "link", "eth0.s2", "name", "guest0", "address", MAC_ONE, "type",
                   "macvtap", "mode", "vepa")
    kept = street.devices(street.host)["eth0.s2"]
    bridge.kill()
    bridge.start()
    street.wait_for_channels({2: 100, 3: 101})
    wait_for(lambda: bridge.states().get(ONE) == ASSOCIATED, "the restarted bridge has it again")
    assert street.switch.locked("port1.s2") and street.switch.fdb("port1.s2") == {MAC_ONE}
    assert street.devices(street.host)["eth0.s2"] == kept

    watch = street.host.start("watch", evbd.BUILD / "evbctl", "--socket", station.socket, "vsi", "watch",
                              "--port", "eth0")
    wait_for(lambda: "1 watching" in station.ctl("agent", "show").stdout, "the watch has begun")
    street.switch.ip("link", "set", "port1", "down")
    wait_for(lambda: bridge.states() == {} and "eth0.s3" not in street.svids(street.host),
             "both ends see their channels go")
    assert street.devices(street.host) == {"eth0.s2": kept}, "a guest stands on it"
    wait_for(lambda: "S-channels: none but the default one" in watch.text(), "a watcher is told")
    shown = station.port("eth0.s2")
    assert not shown.get("svid") and "gives it no SVID" in shown["trouble"]
    street.switch.ip("link", "set", "port1", "up")
    street.wait_for_channels({2: 100, 3: 101})
    station.wait_for_state(ONE, ASSOCIATED)
    wait_for(lambda: "S-channels: 2 (SVID 100), 3 (SVID 101)" in watch.text(), "and told again")
    watch.stop()


def test_a_killed_evbd_leaves_no_device_behind_for_long(street):
    station, bridge = street.station, street.bridge
    street.wait_for_channels({2: 100, 3: 101})
    street.associate(ONE, MAC_ONE, "eth0.s2")
    station.kill()
    assert "eth0.s2" in street.devices(street.host), "nobody could take it away"
    station.start()
    station.wait_for_state(ONE, ASSOCIATED)
    street.wait_for_channels({2: 100, 3: 101})

    # Where an interface stands on a channel's device, it outlives evbd's upgrade.
    street.host.ip("link", "add", "link", "eth0.s2", "name", "guest0", "address", MAC_ONE, "type",
                   "macvtap", "mode", "vepa")
    kept = street.devices(street.host)["eth0.s2"]
    assert station.stop() == 0
    assert street.devices(street.host) == {"eth0.s2": kept}
    station.start()
    station.wait_for_state(ONE, ASSOCIATED)
    assert street.devices(street.host)["eth0.s2"] == kept

    # Killed again, and started with a configuration that has no S-channels any more.
    for side, port in ((station, station_port([])), (bridge, evbd.port_table("port1", "bridge",
                                                                             EVB))):
        side.kill()
        side.configure([port])
        side.start()
    assert street.devices(street.host) == {} and street.devices(street.switch) == {}


def test_a_device_in_use_outlives_a_changed_svid_and_is_replaced_when_its_use_ends(street):
    station, bridge = street.station, street.bridge
    street.wait_for_channels({2: 100, 3: 101})
    station.wait_for_evb("eth0.s2")
    answer = station.ctl("interface", "attach", "--device", "eth0.s2", "--name", "guest", "--mac",
                         MAC_ONE, "--instanceid", ONE, "--managerid", 11, "--typeid", 1193047,
                         "--typeidversion", 2, "--bridge-assigns-vlan", timeout=120)
    assert answer.returncode == 0, answer.stderr
    kept = street.devices(street.host)["eth0.s2"]
    far, tap = End(street.server, "eth0"), Tap(street.host, "guest")

    def now_has_pool(low):
        bridge.kill()
        bridge.configure([bridge_port(low, low + 9)])
        bridge.start()
        wait_for(lambda: street.svids(street.host).get("eth0.s3") == low + 1, f"eth0.s3 has {low + 1}")

    now_has_pool(200)
    assert street.devices(street.host)["eth0.s2"] == kept
    wait_for(lambda: "SVID 200 now" in station.port("eth0.s2")["trouble"], "the port says why")
    assert not station.port("eth0.s2").get("svid") and station.states() == {ONE: "DEASSOCIATED"}
    assert "in use (guest)" in station.ctl("port", "show", "eth0.s2").stdout
    tap_sends(tap, "on the wrong channel")
    assert stays_out(far, "on the wrong channel") and bridge.states() == {}

    # The old SVID is back, and the guest with it.
    now_has_pool(100)
    station.wait_for_state(ONE, ASSOCIATED)
    assert street.devices(street.host)["eth0.s2"] == kept
    tap_sends(tap, "as before")
    arrives(far, "as before", None)

    # It does not come back: the guest is moved by hand.
    now_has_pool(200)
    tap.close()
    answer = station.ctl("interface", "detach", "guest", timeout=120)
    assert answer.returncode == 0, answer.stderr
    street.wait_for_channels({2: 200, 3: 201})
    wait_for(lambda: not station.port("eth0.s2")["trouble"], "the port works")
    street.associate(TWO, MAC_TWO, "eth0.s2")
    assert bridge.states() == {TWO: ASSOCIATED}

    # A VSI alone is a use, too: a container's interface may be where evbd does not see it.
    kept = street.devices(street.host)["eth0.s2"]
    now_has_pool(100)
    assert street.devices(street.host)["eth0.s2"] == kept
    assert station.ctl("vsi", "deassociate", TWO, timeout=120).returncode == 0
    street.wait_for_channels({2: 100, 3: 101})
    far.close()


def tap_sends(tap, text):
    """What a guest tries that does not know of its host's channels."""
    try:
        tap.send(SERVER_MAC, MAC_ONE, text)
    except OSError:  # the device below is down
        pass
