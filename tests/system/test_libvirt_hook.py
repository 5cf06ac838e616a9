# SPDX-License-Identifier: Apache-2.0
"""libvirt's qemu hook: what a domain's metadata asks evbd for, on a device of any kind."""
import pathlib

import pytest

import evbd
from lab import wait_for
from libvirt_host import UPLINK, domain
from scenes import ASSOCIATED, MAC_ONE, ONE
from vm_scenes import Rack

HOOK = pathlib.Path(__file__).resolve().parents[2] / "agent/hooks/qemu"
QBG = ("<evbd:virtualport type='802.1Qbg'><evbd:parameters managerid='11' typeid='{}' "
       f"typeidversion='2' instanceid='{ONE}'/></evbd:virtualport>")


def guest(virtualport, mode="vepa", dev=UPLINK):
    """A domain whose interface evbd is to make."""
    metadata = (f"<metadata><evbd:interfaces xmlns:evbd='urn:evbd:interfaces:1'>"
                f"<evbd:interface target='web0' vlan='2'><evbd:source dev='{dev}' mode='{mode}'/>"
                f"{virtualport}</evbd:interface></evbd:interfaces></metadata>")
    own = (f"<interface type='ethernet'><mac address='{MAC_ONE}'/><target dev='web0' managed='no'/>"
           "<model type='virtio'/></interface>")
    return domain("guest", own, boots=True).replace("<memory", metadata + "<memory", 1)


@pytest.fixture(scope="module")
def rack(needs_libvirt, shared_lab):
    made = Rack(shared_lab)
    host, station = made.hosts["one"], made.stations["one"]
    host.run("mkdir", "-p", "/etc/libvirt/hooks/qemu.d")
    host.write("/etc/libvirt/hooks/qemu.d/evbd",
               f"#!/bin/sh\nexport EVBD_SOCKET={station.socket} EVBCTL={evbd.BUILD}/evbctl\n"
               f"exec {HOOK} \"$@\"\n")
    host.run("chmod", "755", "/etc/libvirt/hooks/qemu.d/evbd")
    host.libvirtd.stop()  # it looks for hooks when it starts
    host.start_libvirtd()
    return made


def test_the_hook_attaches_before_the_guest_starts_and_detaches_when_it_has_ended(rack):
    host, station = rack.hosts["one"], rack.stations["one"]
    host.create(guest(QBG.format(1193047)))
    shown = station.json("interface", "show", "web0")[0]
    assert shown["up"] and shown["guest"] == "guest"
    assert shown["association"]["state"] == ASSOCIATED
    before = rack.frames_of(MAC_ONE)
    host.virsh("reset", "guest")
    wait_for(lambda: rack.frames_of(MAC_ONE) > before, "its traffic passes the switch", 30)
    host.virsh("destroy", "guest")
    wait_for(lambda: not station.json("interface", "show"), "evbd has taken it back")
    wait_for(lambda: not rack.bridge.states(), "the bridge has let go of it")
    assert "web0" not in host.ip("link", "show").stdout


def test_a_profile_holds_for_a_guest_of_libvirt_on_any_device(rack):
    host, station = rack.hosts["one"], rack.stations["one"]
    station.put_profile("finance", "mtu=1400", "transmit=10000000")
    host.create(guest("<evbd:virtualport type='802.1Qbh'><evbd:parameters profileid='finance'/>"
                      "</evbd:virtualport>", mode="private"))
    shown = station.json("interface", "show", "web0")[0]
    assert shown["up"] and shown["profile"] == "finance" and shown["mode"] == "MODE_PRIVATE"
    assert {one["name"]: one["in_force"] for one in shown["parameters"]} == {
        "mtu": "1400", "transmit": "10 Mbit/s", "macs": MAC_ONE}
    host.virsh("destroy", "guest")
    wait_for(lambda: not station.json("interface", "show"), "evbd has taken it back")


def from_the_manual(begin, end):
    """The example of evbctl(8), from `begin` to `end`."""
    page = (HOOK.parents[1] / "ctl/evbctl.8.scd").read_text()
    page = page[page.index("# HOOK OF LIBVIRT"):]
    return page[page.index(begin):page.index(end, page.index(begin)) + len(end)]


def test_the_manuals_example_works_as_it_is_written(rack):
    host, station = rack.hosts["one"], rack.stations["one"]
    file = host.file(from_the_manual("[[port_profile]]", "Mbit/s\""))
    answer = station.ctl("profile", "import", "--db", station.folder / "profiles.db", file)
    assert answer.returncode == 0, answer.stderr
    # This host has no KVM, and its uplink another name.
    xml = from_the_manual("<domain", "</domain>").replace("'kvm'", "'qemu'").replace("'eth0'",
                                                                                   f"'{UPLINK}'")
    answer = host.create(xml)
    shown = station.json("interface", "show", "web0")[0]
    assert (shown["guest"], shown["profile"], shown["up"]) == ("web", "finance", True)
    assert shown["mac"] == MAC_ONE and all(
        one["wanted"] == one["in_force"] for one in shown["parameters"])
    host.virsh("destroy", "web")
    wait_for(lambda: not station.json("interface", "show"), "evbd has taken it back")


def test_what_is_refused_keeps_the_guest_from_starting_and_virsh_says_why(rack):
    host, station = rack.hosts["one"], rack.stations["one"]
    for virtualport, word in (
            (QBG.format(99), "not granted"),
            ("<evbd:virtualport type='802.1Qbh'><evbd:parameters profileid='no-such'/>"
             "</evbd:virtualport>", "no port profile 'no-such'")):
        answer = host.create(guest(virtualport), check=False)
        assert answer.returncode != 0 and word in answer.stderr, answer.stderr
        assert host.running() == set() and station.json("interface", "show") == []
    assert "web0" not in host.ip("link", "show").stdout


def test_a_domain_without_our_metadata_is_none_of_the_hooks_business(rack):
    rack.hosts["one"].create(domain("plain"))
    assert rack.stations["one"].json("interface", "show") == []
    rack.hosts["one"].virsh("destroy", "plain")
