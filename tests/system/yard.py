# SPDX-License-Identifier: Apache-2.0
"""A host whose interfaces evbd makes, on a switch of which the test decides what it reflects."""
import json

import pytest

import evbd
from guests import frame
from lab import PATIENCE, run
from scenes import STATION_MAC


class Yard:
    """A host with evbd, its uplink on a Linux bridge whose hairpin the test sets, nobody speaking
    EVB there, and a server behind the bridge."""

    def __init__(self, lab):
        self.lab = lab
        self.host, self.switch, self.server = lab.host("host"), lab.host("switch"), lab.host("srv")
        lab.wire(self.host, "uplink", self.switch, "port1", STATION_MAC)
        lab.wire(self.server, "eth0", self.switch, "port2", "02:00:00:00:00:33")
        self.switch.ip("link", "add", "br0", "type", "bridge", "stp_state", "0")
        for port in ("port1", "port2"):
            self.switch.ip("link", "set", port, "master", "br0")
        self.switch.ip("link", "set", "br0", "up")
        self.evbd = evbd.Evbd(self.host, [evbd.port_table("uplink", "station")])

    def hairpin(self, on):
        self.switch.run("bridge", "link", "set", "dev", "port1", "hairpin", "on" if on else "off")

    def attach(self, *options, **named):
        answer = self.try_attach(*options, **named)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return answer

    def try_attach(self, *options, device="uplink", **named):
        words = [word for key, value in named.items() for word in (f"--{key}", value)]
        return self.evbd.ctl("interface", "attach", "--device", device, *words, *options)

    def links(self):
        """name -> what `ip -d link` says, of all that is no part of the yard."""
        shown = json.loads(run("ip", "-n", self.host.namespace, "-d", "-j", "link", "show").stdout)
        return {link["ifname"]: link for link in shown if link["ifname"] not in ("lo", "uplink")}

    def uplink_mac(self):
        return self.host.read("/sys/class/net/uplink/address")

    def interfaces(self):
        return {one["name"]: one for one in self.evbd.json("interface", "show")}


@pytest.fixture
def yard(lab):
    return Yard(lab)


def passes(sender, receiver, source, to, expected=True, vid=None, size=60):
    """Whether a frame gets through. One that is expected is waited for; that one does not come
    is believed after a while in which others do."""
    receiver.drain()
    sent = frame(source, to, vid, size)
    sender.send(sent)
    return receiver.receives(sent, PATIENCE if expected else 0.4)
