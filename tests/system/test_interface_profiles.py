# SPDX-License-Identifier: Apache-2.0
"""Port profiles (802.1Qbh): what a profile says holds for the interface that names it."""
import time

import pytest

from guests import Tap, frame
from scenes import MAC_ONE, MAC_TWO
from yard import passes, yard  # noqa: F401 (a fixture)


def shown_parameters(yard, name):
    shown = yard.evbd.json("interface", "show", name)[0]
    return {one["name"]: (one["wanted"], one["in_force"]) for one in shown.get("parameters", [])}


def far_end(yard, name="tap0", mac="02:00:00:00:00:44"):
    yard.server.ip("link", "add", name, "link", "eth0", "address", mac, "type", "macvtap", "mode",
                   "bridge")
    yard.server.ip("link", "set", name, "up")
    return Tap(yard.server, name), mac


def test_a_profile_is_resolved_applied_shown_and_gone_with_the_interface(yard):
    yard.evbd.put_profile("finance", "mtu=1400", "transmit=20000000", "receive=10000000")
    yard.attach(name="a", mode="private", mac=MAC_ONE, profile="finance")
    assert shown_parameters(yard, "a") == {
        "mtu": ("1400", "1400"), "transmit": ("20 Mbit/s", "20 Mbit/s"),
        "receive": ("10 Mbit/s", "10 Mbit/s"), "macs": (MAC_ONE, MAC_ONE)}
    assert yard.links()["a"]["mtu"] == 1400
    assert yard.evbd.ctl("interface", "detach", "a").returncode == 0
    assert yard.links() == {}


def test_a_changed_profile_is_told_and_applied_on_request(yard):
    yard.evbd.put_profile("finance", "mtu=1400", "receive=10000000")
    yard.attach(name="a", mac=MAC_ONE, profile="finance")
    assert not yard.interfaces()["a"].get("profile_changed")
    yard.evbd.put_profile("finance", "mtu=1300", "transmit=5000000")
    assert yard.interfaces()["a"]["profile_changed"]
    assert "(changed)" in yard.evbd.ctl("interface", "show").stdout
    answer = yard.evbd.ctl("profile", "apply", "finance")
    assert answer.returncode == 0, answer.stderr
    assert yard.links()["a"]["mtu"] == 1300 and "a-rx" not in yard.links()
    assert shown_parameters(yard, "a")["transmit"] == ("5 Mbit/s", "5 Mbit/s")
    assert not yard.interfaces()["a"].get("profile_changed")


def test_a_guest_sends_from_the_addresses_that_its_profile_allows(yard):
    yard.evbd.put_profile("own")
    yard.evbd.put_profile("listed", "listed=yes", f"mac={MAC_ONE}", f"mac={MAC_TWO}")
    server, there = far_end(yard)
    for profile, mac, allowed in (("own", MAC_ONE, {MAC_ONE}),
                                  ("listed", MAC_ONE, {MAC_ONE, MAC_TWO})):
        yard.attach(name="a", mac=mac, profile=profile)
        guest = Tap(yard.host, "a")
        for source in (MAC_ONE, MAC_TWO, "52:54:00:aa:00:33"):
            allows = source in allowed
            assert passes(guest, server, source, there, allows) == allows, source
        guest.close()
        yard.evbd.ctl("interface", "detach", "a")
    answer = yard.try_attach(mac="52:54:00:aa:00:33", profile="listed")
    assert answer.returncode == 1 and "mac: " in answer.stderr
    assert list(yard.links()) == []


def test_a_guest_sends_in_the_vlans_that_its_profile_lists(yard):
    yard.evbd.put_profile("trunk", "tagged=10", "tagged=11")
    server, there = far_end(yard)
    yard.attach(name="a", mac=MAC_ONE, profile="trunk")
    guest = Tap(yard.host, "a")
    for vid, allowed in ((10, True), (12, False), (None, False), (11, True)):
        assert passes(guest, server, MAC_ONE, there, allowed, vid) == allowed, vid


def test_a_mode_or_mtu_that_does_not_fit_is_refused_before_anything_is_made(yard):
    yard.evbd.put_profile("big", "mtu=9000")
    yard.evbd.put_profile("vepa-only", "mode=vepa")
    for profile, mode, word in (("big", "vepa", "mtu: "), ("vepa-only", "bridge", "mode: ")):
        answer = yard.try_attach(profile=profile, mode=mode)
        assert answer.returncode == 1 and word in answer.stderr, answer.stderr
        assert yard.links() == {}


def test_a_profile_may_limit_how_many_have_it_and_require_reflective_relay(yard):
    yard.evbd.put_profile("few", "max_instances=1")
    yard.attach(name="a", mac=MAC_ONE, profile="few")
    answer = yard.try_attach(name="b", mac=MAC_TWO, profile="few")
    assert answer.returncode == 1 and "max_instances: port profile 'few'" in answer.stderr
    assert "and a of this host has it already" in answer.stderr and list(yard.links()) == ["a"]
    yard.evbd.ctl("interface", "detach", "a")
    yard.attach(name="b", mac=MAC_TWO, profile="few")
    yard.evbd.put_profile("reflected", "require_relay=yes")
    answer = yard.try_attach(name="c", mac=MAC_ONE, profile="reflected", mode="vepa")
    assert answer.returncode == 1 and "reflective relay is required" in answer.stderr
    yard.attach(name="c", mac=MAC_ONE, profile="reflected", mode="bridge")


def test_what_somebody_else_changes_is_named_and_set_again(yard):
    """What is in force is read from the kernel: filter, rates, MTU, address."""
    yard.evbd.put_profile("finance", "mtu=1400", "transmit=20000000", "receive=10000000")
    yard.attach(name="a", mode="private", mac=MAC_ONE, profile="finance")
    whole = shown_parameters(yard, "a")
    yard.host.run("tc", "filter", "del", "dev", "a", "egress")
    yard.host.run("tc", "qdisc", "del", "dev", "a", "root")
    yard.host.run("tc", "qdisc", "del", "dev", "a-rx", "root")
    yard.host.ip("link", "set", "dev", "a", "mtu", "1300")
    yard.host.ip("link", "set", "dev", "a", "address", MAC_TWO)
    shown = shown_parameters(yard, "a")
    assert shown == {
        "mac": (MAC_ONE, MAC_TWO), "mtu": ("1400", "1300"), "transmit": ("20 Mbit/s", "unlimited"),
        "receive": ("10 Mbit/s", "unlimited"), "macs": (MAC_ONE, "none")}
    report = yard.interfaces()["a"]
    told = " ".join(report["notes"])
    assert len(report["notes"]) == 6 and "mtu: 1400 is wanted, and 1300" in told
    assert "mtu: longer frames" in told
    yard.host.ip("link", "set", "dev", "a", "address", MAC_ONE)
    assert yard.evbd.ctl("interface", "apply", "a").returncode == 0
    assert shown_parameters(yard, "a") == whole
    # The kernel may have nothing to hold a guest to its MTU: see test_interface_mtu.py.
    assert [note for note in yard.interfaces()["a"].get("notes", [])
            if "longer frames" not in note] == []


def measured(sender, receiver, source, to, seconds=1.5):
    """Bits per second that arrive while more is sent than may pass. The first burst is not counted:
    time begins when the bucket is empty, which the receiver sees by what it has got."""
    sent = frame(source, to, size=1400)
    end, begun, got = time.monotonic() + seconds + 1, None, 0
    while time.monotonic() < end:
        for _ in range(8):
            try:
                sender.send(sent)
            except (BlockingIOError, OSError):
                break
        while (one := receiver.receive(0.0005)) is not None:
            if begun is not None:
                got += len(one)
                last = time.monotonic()
        if begun is None and time.monotonic() > end - seconds:
            begun = time.monotonic()
    return got * 8 / (last - begun)


@pytest.mark.parametrize("direction", ("transmit", "receive"))
def test_the_bandwidth_of_a_profile_is_kept_within_a_tenth(yard, direction):
    rate = 8_000_000
    yard.evbd.put_profile("slow", f"{direction}={rate}")
    server, there = far_end(yard)
    yard.attach(name="a", mac=MAC_ONE, profile="slow")
    guest = Tap(yard.host, "a")
    way = (guest, server, MAC_ONE, there) if direction == "transmit" else (
        server, guest, there, MAC_ONE)
    assert measured(*way) == pytest.approx(rate, rel=0.1)
