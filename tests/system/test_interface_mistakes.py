# SPDX-License-Identifier: Apache-2.0
"""What people get wrong with interfaces: each is told in a sentence, and leaves nothing."""
import os
import pathlib

import pytest

from guests import Tap
from lab import wait_for
from scenes import MAC_ONE, MAC_TWO
from yard import yard  # noqa: F401 (a fixture)


@pytest.mark.parametrize("options,code,word", (
    ({"vlan": 5}, 2, "--vlan is for an association, and there is none"),
    ({"type": 1, "manager": 11}, 2, "--type-version is missing"),
    ({"device": "lo"}, 2, "device: lo has no MAC address"),
    ({"device": ""}, 2, "device is absent"),
    ({"device": "uplink.5000"}, 4, "there is no interface 'uplink.5000'"),
    ({"name": "a%d"}, 2, "name: 'a%d' is no name for an interface"),  # a pattern to the kernel
    ({"name": "a/b"}, 2, "name: 'a/b' is no name for an interface"),
    ({"name": "n" * 16}, 2, "1 to 15 characters"),
))
def test_an_option_that_cannot_be_meant_is_refused(yard, options, code, word):
    answer = yard.try_attach(**options)
    assert answer.returncode == code and word in answer.stderr, answer.stderr
    assert yard.links() == {}


def interface(source="dev='uplink'", more="", kind="direct"):
    return f"<interface type='{kind}'><source {source}/>{more}</interface>"


@pytest.mark.parametrize("text,word", (
    ("", "no well-formed XML"),
    (interface()[:-4], "no well-formed XML"),
    (interface(kind="bridge"), "write <interface type='direct'>"),
    (interface(source=""), "no attribute 'dev'"),
    (interface(source="dev='uplink' mode='vpea'"), "is no mode"),
    (interface(more="<virtualport type='802.1Qbg'><parameters managerid='1'/></virtualport>"),
     "no attribute 'typeid'"),
    ("<domain type='kvm'><name>guest</name></domain>", "nothing to attach"),
))
def test_xml_that_is_wrong_is_told_with_its_file_and_place(yard, tmp_path, text, word):
    file = tmp_path / "guest.xml"
    file.write_text(text)
    answer = yard.evbd.ctl("interface", "attach", "--xml", file)
    assert answer.returncode == 2 and f"{file}: " in answer.stderr, answer.stderr
    assert word in answer.stderr and yard.links() == {}


def test_what_is_attached_twice_detached_twice_or_unknown_is_told(yard):
    yard.attach(name="a", mac=MAC_ONE)
    answer = yard.try_attach(name="a", mac=MAC_ONE)
    assert answer.returncode == 2 and "there is an interface a already" in answer.stderr
    assert yard.evbd.ctl("interface", "detach", "a").returncode == 0
    for words, word in ((("detach", "a"), "there is no interface 'a'"),
                        (("show", "a"), "There is no interface 'a'"),
                        (("apply", "a"), "there is no interface 'a'"),
                        (("detach", "uplink"), "there is no interface 'uplink' of evbd"),
                        (("detach", "--guest", "web"), "no interface for a guest 'web'")):
        answer = yard.evbd.ctl("interface", *words)
        assert answer.returncode == 4 and word in answer.stderr, (words, answer.stderr)
    answer = yard.evbd.ctl("interface", "detach")
    assert answer.returncode == 2 and "Which interface?" in answer.stderr


def test_a_vmm_that_has_the_tap_open_still_keeps_nothing_from_going_and_is_named(yard):
    name = pathlib.Path("/proc/self/comm").read_text().strip()
    warning = f"process {os.getpid()} ({name}) has its tap open still"
    for options, words in (((), ("a",)), ((), ("--guest", "web")), (("--json",), ("a",))):
        for each, mac in (("a", MAC_ONE), ("b", MAC_TWO)):
            yard.attach(name=each, mac=mac, guest="web" if each == "a" else "db")
        vmm = Tap(yard.host, "a")
        answer = yard.evbd.ctl(*options, "interface", "detach", *words)
        assert answer.returncode == 0 and answer.stderr.count(warning) == 1, answer.stderr
        assert answer.stderr.startswith("evbctl: warning: a: ")
        assert "b" in yard.links() and "a" not in yard.links()
        vmm.close()
        answer = yard.evbd.ctl("interface", "detach", "b")
        assert answer.returncode == 0 and not answer.stderr, "nobody has that one open"


def test_a_profile_that_is_gone_is_told_and_what_it_said_stays(yard):
    yard.evbd.put_profile("finance", "transmit=1000000")
    yard.attach(name="a", mac=MAC_ONE, profile="finance")
    database = yard.evbd.folder / "profiles.db"
    assert yard.evbd.ctl("profile", "delete", "finance", "--db", database).returncode == 0
    shown = yard.interfaces()["a"]
    assert "there is no port profile 'finance' any more" in " ".join(shown["notes"])
    assert shown["parameters"][0]["in_force"] == "1 Mbit/s"
    answer = yard.evbd.ctl("interface", "apply", "a")
    assert answer.returncode == 4 and "no port profile 'finance'" in answer.stderr


def test_what_changed_while_evbd_was_down_is_seen_and_can_be_detached(yard):
    yard.attach(name="a", mac=MAC_ONE)
    yard.attach(name="b")
    yard.evbd.kill()
    answer = yard.evbd.ctl("interface", "show")
    assert answer.returncode == 3 and "Cannot reach evbd" in answer.stderr
    yard.host.ip("link", "del", "dev", "a")
    yard.evbd.start()
    wait_for(lambda: list(yard.interfaces()) == ["b"], "evbd has forgotten what is gone")
    assert yard.evbd.ctl("interface", "detach", "b").returncode == 0 and yard.links() == {}


def test_a_device_that_goes_takes_its_interface_along(yard):
    yard.attach(name="p", mode="passthrough", mac=MAC_ONE)
    yard.host.ip("link", "del", "dev", "uplink")
    wait_for(lambda: not yard.interfaces(), "evbd has forgotten what is gone")
    assert yard.links() == {}
