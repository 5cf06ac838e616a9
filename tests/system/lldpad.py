# SPDX-License-Identifier: Apache-2.0
"""Debian's lldpad as the other end: its configuration, its process, its tools."""
import re

import lab

CONFIG = """
dcbx : {{ version = "1.0"; dcbx_version = 2; }};
nearest_customer_bridge : {{ {device} : {{ adminStatus = 3;
  tlvid0080c20d : {{ enableTx = true; evbmode = "{role}"; evbrrcap = {cap}; evbrrreq = {req};
    evbgpid = {groups}; ecpretries = {retries}; ecprte = {rte}; vdprwd = {rwd}; vdprka = {rka}; }}; }}; }};
"""

DRAFT02_CONFIG = """
dcbx : {{ version = "1.0"; dcbx_version = 2; }};
nearest_customer_bridge : {{ {device} : {{ adminStatus = 3;
  tlvid001b3f00 : {{ enableTx = true; fmode = "reflectiverelay"; capabilities = "rte ecp vdp";
    vsis = "3295"; rte = "15"; }};
  vdp : {{ enableTx = true; role = "station"; }}; }}; }};
"""
PRE, PRE_RR, ASSOC, DEASSOC = 0, 1, 2, 3  # modes of draft 0.2


def truth(value):
    return "true" if value else "false"


class Lldpad:
    """One lldpad on one device. It keeps its state in /dev/shm, so each gets its own."""

    def __init__(self, host, device, role, relay=True, groups=False, retries=3, rte=8, rwd=16,
                 rka=20):
        self.role = role
        self.start(host, device, CONFIG.format(
            device=device, role=role, cap=truth(relay and role == "bridge"),
            req=truth(relay and role == "station"), groups=truth(groups), retries=retries, rte=rte,
            rwd=rwd, rka=rka), "evb")

    def start(self, host, device, config, tlv):
        self.host, self.device = host, device
        path = host.lab.folder / f"lldpad-{device}.conf"
        path.write_text(config)
        # `ip netns exec` has given it a mount namespace of its own already.
        self.process = host.start(f"lldpad-{device}", "sh", "-c",
                                  'mount -t tmpfs none /dev/shm && exec lldpad -p -V4 -f "$0"',
                                  path)
        lab.wait_for(lambda: self.tool("-t", "-V", tlv).returncode == 0,
                     f"lldpad serves {device}")

    def tool(self, *words):
        return self.host.run("lldptool", "-i", self.device, "-g", "ncb", *words, check=False)

    def neighbor(self):
        """The EVB TLV that it holds of the other end, as lldptool prints it; None without."""
        shown = self.tool("-t", "-n").stdout
        return shown[shown.index("EVB"):] if "EVB" in shown else None

    def wait_for_neighbor(self):
        lab.wait_for(self.neighbor, f"lldpad on {self.device} hears an EVB TLV")

    def vdptool(self, mode, vsi, filters, manager="11", type_id=1193047, version=2, wait=False):
        """Asks lldpad for an association; with `wait`, until VDP has answered."""
        words = ["vdptool", "-i", self.device, "-T", *(["-W"] if wait else []), "-V", mode,
                 "-c", f"mode={mode}", "-c", f"mgrid2={manager}", "-c", f"typeid={type_id}",
                 "-c", f"typeidver={version}", "-c", f"uuid={vsi}", "-c", "hints=none"]
        for one in filters:
            words += ["-c", f"filter={one}"]
        return self.host.run(*words, check=False)

    def vsis(self):
        """UUID -> mode of every VSI that lldpad holds."""
        shown = self.host.run("vdptool", "-i", self.device, "-t", "-V", "assoc",
                              check=False).stdout
        found = {}
        for block in re.split(r"VSI +\d+:", shown)[1:]:
            modes, uuids = re.findall(r"mode = (\S+)", block), re.findall(r"uuid = (\S+)", block)
            if modes and uuids:
                found[uuids[-1]] = modes[-1]
        return found


class Draft02Lldpad(Lldpad):
    """lldpad's first generation as station."""

    def __init__(self, host, device):  # pylint: disable=super-init-not-called
        self.role = "station"
        self.start(host, device, DRAFT02_CONFIG.format(device=device), "evbcfg")

    def vdp(self, mode, vsi, address, manager=11, type_id=1193047, version=2, vlan=2):
        """Asks lldpad for a VSI in this mode."""
        answer = self.tool("-T", "-V", "vdp", "-c",
                           f"mode={mode},{manager},{type_id},{version},{vsi},2,{address},{vlan}")
        assert answer.returncode == 0, answer.stdout + answer.stderr
