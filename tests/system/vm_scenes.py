# SPDX-License-Identifier: Apache-2.0
"""The stage of the tests with VMs: hosts with libvirt, and one switch for them all."""
import pathlib

import evbd
import lab
from lab import Capture, wait_for
from libvirt_host import UPLINK, VmHost
from scenes import ASSOCIATED

CABLE = pathlib.Path(__file__).with_name("cable.py")
LIBVIRT = "[libvirt]\nenable = true\n"
EVB = {"rka": 18}  # a keep-alive each 2.6 s: a busy machine is no dead station
TYPES = evbd.TYPES + """
[[vsi_type]]
id = 42
version = 1
name = "two at most"
untagged = 2
max_instances = 2
"""


class Rack:
    """Hosts `one`, `two`, ... with a libvirtd and an evbd each; the uplink of each, a tap, is plugged
    into port1, port2, ... of a Linux bridge, whose ports an evbd in role bridge locks. Those named
    in `apart` hang on a second switch with VSI types of its own, joined to the first by a trunk."""

    STATION = BRIDGE = ""  # what follows the [[port]] of each

    def __init__(self, lab_, names=("one",), apart=None, apart_types="", bridge=None,
                 evb=EVB):
        self.lab, self.server = lab_, lab_.host("server")
        self.hosts, self.stations, self.cables, self.captures = {}, {}, {}, {}
        self.ports = {name: f"port{number}" for number, name in enumerate(names, 1)}
        self.switch, other = self.add_switch("switch"), None
        lab_.wire(self.server, "eth0", self.switch, "port9")
        self.switch.ip("link", "set", "port9", "master", "br0")
        self.arrivals = Capture(self.server, "eth0", lab_.folder / "server.pcap")
        if apart:
            other = self.add_switch("switch2")
            lab_.wire(self.switch, "trunk", other, "trunk")
            for each in (self.switch, other):
                each.ip("link", "set", "trunk", "master", "br0")
        self.switches = {name: other if name in (apart or ()) else self.switch for name in names}
        for number, name in enumerate(names, 1):
            self.add_host(name, number)
        self.bridges, self.bridge_ports = {}, self.bridge_tables(
            [self.ports[name] for name in names if self.switches[name] == self.switch], evb)
        for switch, types in ((self.switch, TYPES), (other, apart_types)):
            mine = [name for name in names if self.switches[name] == switch]
            if mine:
                made = (bridge or self.evbd_bridge)(switch, [self.ports[name] for name in mine],
                                                    types, evb)
                self.bridges.update(dict.fromkeys(mine, made))
        for name, host in self.hosts.items():
            self.stations[name] = evbd.Evbd(
                host, [evbd.port_table(UPLINK, "station", evb) + self.STATION], LIBVIRT)
            host.start_libvirtd()
            self.stations[name].wait_for_evb()

    @property
    def bridge(self):
        return self.bridges[next(iter(self.hosts))]

    def bridge_tables(self, ports, evb):
        return [evbd.port_table(port, "bridge", evb) + self.BRIDGE for port in ports]

    def evbd_bridge(self, switch, ports, types, evb):
        return evbd.Evbd(switch, self.bridge_tables(ports, evb), types)

    def door(self, name):
        """The switch's port by which the VMs of a host come in."""
        return self.ports[name]

    def add_switch(self, name):
        switch = self.lab.host(name)
        switch.ip("link", "add", "br0", "type", "bridge", "stp_state", "0")
        switch.ip("link", "set", "br0", "up")
        return switch

    def add_host(self, name, number):
        host, switch, port = VmHost(self.lab, name), self.switches[name], self.ports[name]
        self.hosts[name] = host
        for where, device, side in ((host, UPLINK, 1), (switch, port, 2)):
            where.ip("tuntap", "add", device, "mode", "tap")
            where.run("sysctl", "-qw", f"net.ipv6.conf.{device}.disable_ipv6=1", check=False)
            where.ip("link", "set", device, "address", f"02:00:00:00:0{side}:0{number}", "up")
        switch.ip("link", "set", port, "master", "br0")
        self.plug(name)
        self.captures[name] = Capture(host, UPLINK, self.lab.folder / f"{name}.pcap")

    def plug(self, name, *options):
        self.cables[name] = self.connect(self.hosts[name], UPLINK, self.switches[name],
                                         self.ports[name], *options)

    def connect(self, host, device, switch, port, *options):
        cable = self.lab.start(f"cable-{port}", "/usr/bin/python3", CABLE, host.namespace, device,
                               switch.namespace, port, *options)
        wait_for(lambda: "plugged in" in cable.text(), "the cable is plugged in")
        return cable

    def frames_of(self, mac):
        """How many frames of a VM have come to the server behind the switch."""
        return sum(frame.source == mac for frame in self.arrivals.frames())

    def hears(self, mac):
        """Resets the VM, whose firmware then asks for an address, until that passes the switch."""
        before = self.frames_of(mac)
        for host in self.hosts.values():
            for address, vm in host.interfaces().values():
                if address == mac:
                    host.virsh("reset", vm)
        wait_for(lambda: self.frames_of(mac) > before, f"traffic of {mac} passes the switch", 30)

    def mend(self):
        """Starts again what a test has ended, and plugs in what it has unplugged."""
        for name, host in self.hosts.items():
            for agent in (self.bridges[name], self.stations[name]):
                if not agent.process.alive():
                    agent.start()
            if not host.libvirtd.alive():
                host.start_libvirtd()
            if not self.cables[name].alive():
                self.plug(name)

    # ---- Do station, bridge and libvirt agree? ---------------------------------------------------

    def differences(self):
        """Sentences; none when each VM's interface is associated at both ends and admitted, under
        the VM's name, and nothing else is."""
        found = []
        for name, host in self.hosts.items():
            wanted = host.interfaces()
            station = {vsi["id"]: vsi for vsi in self.stations[name].json("vsi", "show")}
            bridge = self.bridges[name].json("vsi", "show", "--port", self.door(name))
            switch = {vsi["id"]: vsi for vsi in bridge}
            admitted = host_macs(self.switches[name].fdb(self.door(name)))
            for what, there in (("station", station), ("bridge", switch)):
                if set(there) != set(wanted):
                    found.append(f"{name}: {what} has {sorted(there)}, libvirt {sorted(wanted)}")
                found += [f"{name}: {what} has {vsi} {one['state']}" for vsi, one in there.items()
                          if one["state"] != ASSOCIATED]
            for vsi in set(wanted) & set(station):
                mac, vm = wanted[vsi]
                if (mac_of(station[vsi]), station[vsi].get("vm")) != (mac, vm):
                    found.append(f"{name}: {vsi} is {mac} of {vm}, station says {station[vsi]}")
            if admitted != {mac for mac, _ in wanted.values()}:
                found.append(f"{name}: the bridge admits {admitted}, libvirt has {wanted}")
            if len(host.macvtaps()) != len(wanted):
                found.append(f"{name}: macvtaps {host.macvtaps()} for {len(wanted)} interfaces")
        return found

    def agrees(self, patience=lab.PATIENCE):
        """Waits until station, bridge and libvirt agree."""
        last = []

        def agreed():
            last[:] = self.differences()
            return not last
        try:
            wait_for(agreed, "station, bridge and libvirt agree", patience)
        except AssertionError:
            raise AssertionError("they do not agree:\n" + "\n".join(last)) from None

    def is_empty(self):
        """Ends all VMs; nothing may be left of them anywhere."""
        for host in self.hosts.values():
            host.destroy_all()
        self.agrees()
        assert not [vsi for bridge in self.bridges.values() for vsi in bridge.vsis()]

    def requests(self, name, since=0):
        """What a host asked the bridge for, without keep-alives and repetitions."""
        asked = []
        for one in self.captures[name].associations()[since:]:
            if not one.response and (one.kind, one.id) not in [(a.kind, a.id) for a in asked[-1:]]:
                asked.append(one)
        return asked

    def spoken(self, name):
        """How much was said so far: for requests(name, since)."""
        return len(self.captures[name].associations())


def host_macs(macs):
    """Without the addresses that are the switch's and the uplinks' own."""
    return {mac for mac in macs if mac.startswith("52:54:")}


def mac_of(vsi):
    return vsi["filters"][0].get("mac")
