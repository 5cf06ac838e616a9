# SPDX-License-Identifier: Apache-2.0
"""Virtual functions of an SR-IOV NIC (QEMU's igb, with the kernel's own drivers): what a profile
sets there in mode passthrough, what of it is on the wire, what is undone, also after a kill."""
import contextlib
import json
import os
import pathlib
import select
import socket

import pytest

import evbd
from lab import run, wait_for
from scenes import MAC_ONE, MAC_TWO
from wire_ends import End, Tap, arrives, inside, stays_out

PHYSICAL, PEER = "pf0", "nic0"
PEER_MAC = "02:00:00:00:00:44"
RTMGRP_LINK = 1
FINANCE = (MAC_ONE, 2, 5, 20)  # what the profile of this name makes of a function


class Functions:
    """A host with the NIC and two virtual functions, evbd on it, and a peer on the same hub."""

    def __init__(self, lab):
        self.host, self.far_host = lab.host("host"), lab.host("far")
        for host, nic in ((self.host, PHYSICAL), (self.far_host, PEER)):
            run("ip", "link", "set", nic, "netns", host.namespace)
        self.make()
        self.far_host.ip("link", "set", PEER, "up", "promisc", "on")
        self.evbd = evbd.Evbd(self.host, [evbd.port_table(PHYSICAL, "station")])
        self.far = End(self.far_host, PEER)

    def make(self):
        """The driver of a function resets it when it begins, which this NIC answers once after the
        NIC was set up. So the NIC is set up when it has its functions, and they get their driver
        when it has its link."""
        told = self.host.read(f"/sys/class/net/{PHYSICAL}/device/uevent")
        device = pathlib.Path("/sys/bus/pci/devices") / told.split("PCI_SLOT_NAME=")[1].split()[0]
        (device / "sriov_drivers_autoprobe").write_text("0")
        (device / "sriov_numvfs").write_text("2")
        self.host.ip("link", "set", PHYSICAL, "up")
        wait_for(lambda: self.linked(PHYSICAL), "the NIC has a link")
        (device / "sriov_drivers_autoprobe").write_text("1")
        for number in (0, 1):
            function = (device / f"virtfn{number}").resolve()
            pathlib.Path("/sys/bus/pci/drivers/igbvf/bind").write_text(function.name)
            name = next((function / "net").iterdir()).name
            run("ip", "link", "set", name, "netns", self.host.namespace, "name", f"vf{number}")
            self.host.ip("link", "set", f"vf{number}", "up")
        for number in (0, 1):
            wait_for(lambda: self.linked(f"vf{number}"), "the function has a link")

    def links(self):
        shown = self.host.ip("-d", "-j", "link", "show").stdout
        return {link["ifname"]: link for link in json.loads(shown)}

    def linked(self, name):
        return "LOWER_UP" in self.links()[name]["flags"]

    def function(self, number=0):
        """Its address, VLAN, priority and limit, as `ip link` shows them of the NIC."""
        one = self.links()[PHYSICAL]["vfinfo_list"][number]
        vlan = (one.get("vlan_list") or [{}])[0]
        return (one["address"], vlan.get("vlan", 0), vlan.get("qos", 0),
                one.get("rate", {}).get("max_tx", 0))

    def words(self, profile, mode="passthrough", mac=MAC_ONE):
        return ("interface", "attach", "--device", "vf0", "--mode", mode, "--name", "guest",
                "--mac", mac, "--profile", profile)

    def attach(self, *words, **named):
        return self.evbd.ctl(*self.words(*words, **named), timeout=120)

    def detach(self):
        assert self.evbd.ctl("interface", "detach", "guest", timeout=120).returncode == 0

    def shown(self):
        one = self.evbd.json("interface", "show", "guest")[0]
        return {each["name"]: (each["wanted"], each["in_force"]) for each in one["parameters"]}

    def state(self):
        """All that an attach could leave behind."""
        links = self.links()
        return self.function(), self.function(1), links["vf0"]["address"], set(links)

    def close(self):
        self.far.close()
        # To the other tests again: what a namespace leaves comes back only after a while.
        for host, nic in ((self.host, PHYSICAL), (self.far_host, PEER)):
            host.ip("link", "set", nic, "netns", 1)


@pytest.fixture(scope="module")
def nic(shared_lab):
    if not pathlib.Path(f"/sys/class/net/{PHYSICAL}").exists():
        pytest.skip("needs an SR-IOV NIC: " +
                    os.environ.get("EVBD_LAB_NO_SRIOV", "tests/lab/run was not told --sriov"))
    made = Functions(shared_lab)
    made.evbd.put_profile("finance", "untagged=2", "default_priority=5", "transmit=20000000",
                          "mtu=1400")
    yield made
    made.close()


def test_a_profile_sets_each_parameter_of_the_function_and_detaching_undoes_all(nic):
    before = nic.state()
    answer = nic.attach("finance")
    assert answer.returncode == 0, answer.stderr
    assert nic.function() == FINANCE and nic.function(1) == before[1]
    assert nic.links()["vf0"]["address"] == MAC_ONE
    assert nic.shown() == {"vlan": ("2", "2"), "priority": ("5", "5"), "mtu": ("1400", "1400"),
                           "transmit": ("20 Mbit/s", "20 Mbit/s"), "macs": (MAC_ONE, MAC_ONE),
                           "vlans": ("untagged", "untagged")}
    tap = Tap(nic.host, "guest")
    tap.send(PEER_MAC, MAC_ONE, "from the guest")
    arrives(nic.far, "from the guest", 2)
    nic.far.send(MAC_ONE, PEER_MAC, "to the guest", 2)
    arrives(tap, "to the guest", None)
    nic.far.send(MAC_ONE, PEER_MAC, "in another VLAN", 3)
    nic.far.send(MAC_ONE, PEER_MAC, "in no VLAN")
    assert stays_out(tap, "in another VLAN", "in no VLAN")
    tap.close()

    # What somebody else changes there is told, and set again.
    nic.host.ip("link", "set", PHYSICAL, "vf", 0, "max_tx_rate", 0)
    nic.host.ip("link", "set", PHYSICAL, "vf", 0, "vlan", 2, "qos", 1)
    shown = nic.shown()
    assert shown["transmit"] == ("20 Mbit/s", "unlimited") and shown["priority"] == ("5", "1")
    assert "transmit: 20 Mbit/s is wanted" in nic.evbd.ctl("interface", "show").stdout
    assert nic.evbd.ctl("interface", "apply", "guest").returncode == 0
    assert nic.function() == FINANCE

    nic.detach()
    assert nic.state() == before


def test_what_the_function_had_before_comes_back(nic):
    nic.host.ip("link", "set", PHYSICAL, "vf", 0, "vlan", 7, "qos", 1, "max_tx_rate", 33)
    before = nic.state()
    assert before[0][1:] == (7, 1, 33)
    assert nic.attach("finance").returncode == 0
    assert nic.function() == FINANCE
    nic.detach()
    assert nic.state() == before
    nic.host.ip("link", "set", PHYSICAL, "vf", 0, "vlan", 0, "max_tx_rate", 0)


def test_a_function_has_one_user(nic):
    nic.evbd.put_profile("plain")
    assert nic.attach("plain").returncode == 0
    answer = nic.attach("plain", mode="bridge", mac=MAC_TWO)
    assert answer.returncode != 0 and "guest already" in answer.stderr, answer.stderr
    answer = nic.evbd.ctl("interface", "attach", "--device", "vf0", "--mode", "bridge", "--mac",
                          MAC_TWO, timeout=120)
    assert answer.returncode == 1 and "has one user" in answer.stderr
    nic.detach()


@contextlib.contextmanager
def at_once(process):
    """What this process waits for it sees before the other one, on the same CPU, goes on."""
    before = os.sched_getaffinity(0)
    for pid in (0, process.pid):
        os.sched_setaffinity(pid, {min(before)})
    os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(10))
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        os.sched_setaffinity(0, before)


def kill_at_change(nic, count):
    """Attaches; kills evbd when the kernel tells of so many changes of links, or at the end."""
    with inside(nic.host), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as changes:
        changes.bind((0, RTMGRP_LINK))
        with at_once(nic.evbd.process):
            asked = nic.host.start("evbctl", evbd.BUILD / "evbctl", "--socket", nic.evbd.socket,
                                   *nic.words("finance"))
            while count > 0 and asked.alive():
                if select.select([changes], [], [], 0.1)[0]:
                    changes.recv(65536)
                    count -= 1
            nic.evbd.kill()
        asked.child.wait()


def test_a_kill_in_the_middle_leaves_all_or_nothing(nic):
    before, halves = nic.state(), 0
    for count in range(1, 9):
        kill_at_change(nic, count)
        left = nic.state()
        nic.evbd.start()
        wait_for(lambda: all(one["state"] == "attached"
                             for one in nic.evbd.json("interface", "show")),
                 f"change {count}: nothing is left half done")
        whole = bool(nic.evbd.json("interface", "show"))
        if whole:
            assert nic.function() == FINANCE, f"change {count}"
            nic.detach()
        assert nic.state() == before, f"change {count}"
        if whole:
            break
        halves += left != before
    assert halves, "no kill was in the middle"


def test_what_the_function_cannot_do_is_named_before_anything_is_changed(nic):
    nic.evbd.put_profile("faster-than-the-link", "untagged=2", "transmit=2000000000")
    nic.evbd.put_profile("slower-than-it-counts", "untagged=2", "transmit=500000")
    nic.evbd.put_profile("both", "untagged=2", "tagged=3")
    before = nic.state()
    for profile, word in (("faster-than-the-link", "transmit: 2000 Mbit/s are wanted"),
                          ("slower-than-it-counts", "transmit: vf0 is a virtual function"),
                          ("both", "vlan: ")):
        answer = nic.attach(profile)
        assert answer.returncode == 1 and word in answer.stderr, answer.stderr
    # The driver itself refuses: without a link it knows no limit.
    nic.host.ip("link", "set", PHYSICAL, "down")
    answer = nic.attach("finance")
    assert answer.returncode == 1 and "transmit: pf0: cannot limit" in answer.stderr, answer.stderr
    assert nic.state() == before
