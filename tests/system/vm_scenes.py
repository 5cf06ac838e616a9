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
OTHER_TYPE = """
[[vsi_type]]
id = 42
version = 1
name = "two at most"
any_vlan = true
max_instances = 2
"""


class Rack:
    """Hosts `one`, `two`, ... with a libvirtd and an evbd each; the uplink of each, a tap, is plugged
    into port1, port2, ... of a Linux bridge, whose ports an evbd in role bridge locks."""

    def __init__(self, lab_, names=("one",), bridge=True):
        self.lab, self.switch, self.server = lab_, lab_.host("switch"), lab_.host("server")
        self.switch.ip("link", "add", "br0", "type", "bridge", "stp_state", "0")
        self.switch.ip("link", "set", "br0", "up")
        lab_.wire(self.server, "eth0", self.switch, "port9")
        self.switch.ip("link", "set", "port9", "master", "br0")
        self.arrivals = Capture(self.server, "eth0", lab_.folder / "server.pcap")
        self.hosts, self.stations, self.cables, self.captures = {}, {}, {}, {}
        for number, name in enumerate(names, 1):
            self.add_host(name, f"port{number}", number)
        self.ports = {name: f"port{number}" for number, name in enumerate(names, 1)}
        self.bridge_ports = [evbd.port_table(port, "bridge", EVB) for port in self.ports.values()]
        self.types = evbd.TYPES + OTHER_TYPE
        if bridge:
            self.bridge = evbd.Evbd(self.switch, self.bridge_ports, self.types)
        for name, host in self.hosts.items():
            self.stations[name] = evbd.Evbd(host, [evbd.port_table(UPLINK, "station", EVB)], LIBVIRT)
            host.start_libvirtd()
            self.stations[name].wait_for_evb()

    def add_host(self, name, port, number):
        host = self.hosts[name] = VmHost(self.lab, name)
        for where, device, side in ((host, UPLINK, 1), (self.switch, port, 2)):
            where.ip("tuntap", "add", device, "mode", "tap")
            where.run("sysctl", "-qw", f"net.ipv6.conf.{device}.disable_ipv6=1", check=False)
            where.ip("link", "set", device, "address", f"02:00:00:00:0{side}:0{number}", "up")
        self.switch.ip("link", "set", port, "master", "br0")
        self.plug(name, port)
        self.captures[name] = Capture(host, UPLINK, self.lab.folder / f"{name}.pcap")

    def plug(self, name, port, *options):
        self.cables[name] = self.connect(self.hosts[name], UPLINK, port, *options)

    def connect(self, host, device, port, *options):
        cable = self.lab.start(f"cable-{port}", "/usr/bin/python3", CABLE, host.namespace, device,
                               self.switch.namespace, port, *options)
        wait_for(lambda: "plugged in" in cable.text(), "the cable is plugged in")
        return cable

    def frames_of(self, mac):
        """How many frames of a VM have come to the server behind the switch."""
        return sum(frame.source == mac for frame in self.arrivals.frames())

    def hears(self, mac):
        """Waits for the next frame of a VM that passes the switch."""
        before = self.frames_of(mac)
        wait_for(lambda: self.frames_of(mac) > before, f"traffic of {mac} passes the switch", 30)

    # ---- Do station, bridge and libvirt agree? ---------------------------------------------------

    def differences(self):
        """Sentences; none when each VM's interface is associated at both ends and admitted, under
        the VM's name, and nothing else is."""
        found = []
        bridge = self.bridge.json("vsi", "show")
        for name, host in self.hosts.items():
            wanted = host.interfaces()
            station = {vsi["id"]: vsi for vsi in self.stations[name].json("vsi", "show")}
            switch = {vsi["id"]: vsi for vsi in bridge if vsi["port"] == self.ports[name]}
            admitted = host_macs(self.switch.fdb(self.ports[name]))
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
        assert not self.bridge.json("vsi", "show")


def host_macs(macs):
    """Without the addresses that are the switch's and the uplinks' own."""
    return {mac for mac in macs if mac.startswith("52:54:")}


def mac_of(vsi):
    return vsi["filters"][0].get("mac")
