# SPDX-License-Identifier: Apache-2.0
"""The stages that several tests play on."""
import evbd
import frames
from lab import Capture, wait_for

ONE, TWO = "09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f", "2c6b3a90-41d7-4c1e-9d55-0e6f1f3c7a10"
MAC_ONE, MAC_TWO = "52:54:00:aa:00:11", "52:54:00:aa:00:22"
STATION_MAC, BRIDGE_MAC = "02:00:00:00:00:01", "02:00:00:00:00:02"
ASSOCIATED, DEASSOCIATED = "ASSOCIATED", "DEASSOCIATED"


class Street:
    """A host with two guests in VEPA mode, a switch on a Linux bridge, a server behind it; evbd on
    the uplink as station and on the switch's port as bridge."""

    def __init__(self, lab, station_evb=None, bridge_evb=None, start=True, **bridge_keys):
        self.lab = lab
        self.host, self.switch, self.server = lab.host("host"), lab.host("switch"), lab.host("srv")
        lab.wire(self.host, "uplink", self.switch, "port1", STATION_MAC, BRIDGE_MAC)
        lab.wire(self.server, "eth0", self.switch, "port2")
        self.switch.ip("link", "add", "br0", "type", "bridge", "stp_state", "0")
        for port in ("port1", "port2"):
            self.switch.ip("link", "set", port, "master", "br0")
        self.switch.ip("link", "set", "br0", "up")
        self.server.ip("addr", "add", "10.83.2.3/24", "dev", "eth0")
        self.capture = Capture(self.host, "uplink", lab.folder / "uplink.pcap")
        self.bridge_ports = [evbd.port_table("port1", "bridge", bridge_evb, **bridge_keys)]
        self.station_ports = [evbd.port_table("uplink", "station", station_evb)]
        if start:
            self.bridge = evbd.Evbd(self.switch, self.bridge_ports)
            self.station = evbd.Evbd(self.host, self.station_ports)
            self.station.wait_for_evb()

    def guest(self, name, mac, address):
        guest = self.lab.host(name)
        self.host.ip("link", "add", f"g-{name}", "link", "uplink", "address", mac, "type",
                     "macvlan", "mode", "vepa")
        self.host.ip("link", "set", f"g-{name}", "netns", guest.namespace, "name", "eth0")
        guest.run("sysctl", "-qw", "net.ipv6.conf.eth0.disable_ipv6=1", check=False)
        guest.ip("addr", "add", f"{address}/24", "dev", "eth0")
        guest.ip("link", "set", "eth0", "up")
        return guest

    def associate(self, vsi, mac, verb="associate", **options):
        answer = self.station.request(verb, "uplink", vsi, mac=mac, **options)
        assert answer.returncode == 0, answer.stdout + answer.stderr

    def confirmations(self, kind=frames.ASSOC):
        """Positive responses of the bridge so far."""
        return [one for one in self.capture.associations()
                if one.kind == kind and one.response and one.reason == 0]

    def wait_for_keep_alive(self, vsi):
        """Until the VSI was confirmed once more than now."""
        def count():
            return sum(one.id == vsi.replace("-", "") for one in self.confirmations())
        before = count()
        wait_for(lambda: count() > before, f"a keep-alive of {vsi} is answered")


class Link:
    """Two hosts and a wire, nothing else: for lldpad at one end and evbd at the other."""

    def __init__(self, lab):
        self.near, self.far = lab.host("near"), lab.host("far")
        lab.wire(self.near, "veth0", self.far, "veth2", STATION_MAC, BRIDGE_MAC)
        self.capture = Capture(self.near, "veth0", lab.folder / "link.pcap")

    def station_knows_the_bridge(self):
        """Whether the station has said anything else of the relay than that it does not know."""
        return any(frame.evb() and frame.evb()[3] >> 6 == 2 and frame.evb()[1] & 3 != 3
                   for frame in self.capture.frames())


def uuid(number):
    return f"09b11c53-8b5c-4eeb-8f00-{number:012x}"


def mac(number):
    return f"52:54:00:bb:{number >> 8:02x}:{number & 0xFF:02x}"
