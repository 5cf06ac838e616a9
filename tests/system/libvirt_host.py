# SPDX-License-Identifier: Apache-2.0
"""Hosts with VMs: Debian's libvirtd and qemu, with evbd as libvirt's 802.1Qbg agent.

One host is a network namespace (lab.Host) and a process that holds private mounts: /run, and with it
/run/lldpad.pid, /etc/libvirt and all that libvirt writes are the host's own. Nothing of the machine's
is touched, several hosts run side by side, and nothing is left when the holder ends.
"""
import atexit
import contextlib
import functools
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import uuid
import xml.etree.ElementTree

import lab
from lab import wait_for

HERE = pathlib.Path(__file__).parent
UPLINK = "up0"
VIRSH_PATIENCE = 60  # seconds; a virsh that hangs must not hang the tests
PORT_ID_LIMIT = 1 << 31

HOLDER = """
for path in /run /etc/libvirt /var/lib /var/log /var/cache; do mount -t tmpfs tmpfs $path || exit; done
mkdir -p /run/libvirt /run/lock /var/cache/libvirt/qemu /var/lib/libvirt /var/log/libvirt
mount --bind "$2" /var/cache/libvirt/qemu || exit
mount -t tmpfs tmpfs /dev/shm || exit
# libvirtd insists on knowing the user that Debian's libvirt-daemon-system would have made.
{ cat /etc/passwd; echo libvirt-qemu:x:64055:64055::/:/bin/false; } >/run/passwd
{ cat /etc/group; echo libvirt-qemu:x:64055:; } >/run/group
mount --bind /run/passwd /etc/passwd && mount --bind /run/group /etc/group || exit
hostname "$1" || exit
echo holding
exec sleep infinity
"""
QEMU_CONF = """
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
security_default_confined = 0
cgroup_controllers = [ ]
namespaces = [ ]
stdio_handler = "file"
"""
LIBVIRTD_CONF = """
host_uuid = "{uuid}"
log_level = 3
log_filters = "1:util.netlink 1:util.netdevvportprofile 3:util.event"
log_outputs = "1:stderr"
unix_sock_dir = "{sockets}"
auth_unix_rw = "none"
"""


@functools.cache
def missing():
    """Why libvirt cannot run here; empty if it can."""
    for program in ("libvirtd", "virsh", "qemu-system-x86_64", "cc", "nsenter"):
        if shutil.which(program) is None:
            return f"no {program} here: run it by ./check --only system"
    if not os.access("/dev/net/tun", os.W_OK):
        return "no /dev/net/tun here: VMs need taps as uplinks"
    tried = subprocess.run(["unshare", "--net", "sh", "-c",
                            "ip link add up0 type dummy || ip tuntap add up0 mode tap; "
                            "ip link add link up0 type macvtap"], capture_output=True, text=True)
    return "" if tried.returncode == 0 else f"no macvtap here: {tried.stderr.strip()}"


@functools.cache
def session_folder():
    """The shim, and what libvirt found out about qemu, which takes it seconds."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="evbl"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "cache").mkdir()
    lab.run("cc", "-shared", "-fPIC", "-O2", "-o", folder / "shim.so", HERE / "libvirt_shim.c")
    return folder


def interface(mac, vsi, dev=UPLINK, mode="vepa", manager=11, type_id=1193047, version=2):
    """An <interface> as in the main job; every frame of the guest leaves by virtio."""
    return (f"<interface type='direct'><mac address='{mac}'/><source dev='{dev}' mode='{mode}'/>"
            f"<virtualport type='802.1Qbg'><parameters managerid='{manager}' typeid='{type_id}' "
            f"typeidversion='{version}' instanceid='{vsi}'/></virtualport>"
            "<model type='virtio'/></interface>")


def domain(name, *interfaces, boots=False):
    """A diskless VM: its firmware idles, or with `boots` asks for an address, ever more seldom."""
    kind = "kvm" if os.access("/dev/kvm", os.W_OK) else "qemu"
    boot = "<boot dev='network'/>" if boots else ""
    return (f"<domain type='{kind}'><name>{name}</name><uuid>{uuid.uuid4()}</uuid>"
            "<memory unit='MiB'>32</memory><vcpu>1</vcpu>"
            f"<os><type arch='x86_64' machine='pc'>hvm</type>{boot}</os><features><acpi/></features>"
            "<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>"
            "<controller type='usb' model='none'/><memballoon model='none'/>"
            + "".join(interfaces) + "</devices></domain>")


class VmHost(lab.Host):
    """A lab.Host whose programs also share private mounts and a host name."""

    def __init__(self, lab_, name):
        super().__init__(lab_, name)
        self.name = name
        lab_.hosts[name] = self
        self.serial = 0
        cache = session_folder() / "cache"
        self.holder = lab_.start(f"holder-{name}", "ip", "netns", "exec", self.namespace, "unshare",
                                 "--uts", "--ipc", "sh", "-c", HOLDER, "holder", name, cache)
        wait_for(lambda: "holding" in self.holder.text(), f"{name} has mounts of its own")
        self.sockets = lab_.short_folder() / f"{name}-libvirt"
        self.sockets.mkdir()
        self.write("/etc/libvirt/qemu.conf", QEMU_CONF)
        self.write("/etc/libvirt/libvirtd.conf",
                   LIBVIRTD_CONF.format(uuid=uuid.uuid4(), sockets=self.sockets))
        self.uri = f"qemu+unix:///system?socket={self.sockets}/libvirt-sock"
        self.libvirtd = None

    def close(self):
        """Also ends the VMs, which outlive their libvirtd."""
        for pid in lab.run("ip", "netns", "pids", self.namespace, check=False).stdout.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        super().close()

    def inside(self, *command):
        return ("nsenter", "-t", self.holder.pid, "-m", "-n", "-u", "-i", *command)

    def run(self, *command, **options):
        return lab.run(*self.inside(*command), **options)

    def start(self, name, *command):
        return self.lab.start(name, *self.inside(*command))

    def write(self, path, text):
        self.run("sh", "-c", 'printf %s "$1" > "$0"', path, text)

    # ---- libvirtd ------------------------------------------------------------------------------

    def event_port(self):
        """The netlink port id of libvirtd's oldest socket, 0 while it has none."""
        table = self.read("/proc/net/netlink").splitlines()[1:]
        rows = [line.split() for line in table]
        own = [(int(row[9]), int(row[2])) for row in rows
               if row[1] == "0" and int(row[2]) % (1 << 22) == self.libvirtd.pid]
        return min(own)[1] if own else 0

    def start_libvirtd(self, sendable=True, vid=None):
        """Until its port id is in the half that can send, or with sendable=False cannot."""
        for offset in range(0, 8 * 128, 128):
            self.launch(offset, vid)
            if (self.event_port() < PORT_ID_LIMIT) == sendable:
                return
            self.libvirtd.stop()
        raise AssertionError("libvirtd has no port id of the wanted half in 8 tries")

    def launch(self, offset, vid):
        settings = [f"LD_PRELOAD={session_folder()}/shim.so", f"EVBD_TIME_OFFSET={offset}"]
        if vid is not None:
            settings.append(f"EVBD_FAKE_VID={vid}")
        self.libvirtd = self.start(f"libvirtd-{self.name}", "env", *settings, "libvirtd")
        wait_for(self.answers, f"libvirtd of {self.name} answers", 60)

    def answers(self):
        assert self.libvirtd.alive(), self.libvirtd.text()[-4000:]
        return self.virsh("list", check=False).returncode == 0 and self.event_port()

    def virsh(self, *words, check=True, patience=VIRSH_PATIENCE):
        """timeout ends virsh where it hangs; 124 says so."""
        return self.run("timeout", "--kill-after=1", patience, "virsh", "-q", "-c", self.uri, *words,
                        check=check, timeout=patience + 10)

    def create(self, xml, *options, check=True):
        """`virsh create`: a transient domain, started at once."""
        file = self.file(xml)
        return self.virsh("create", file, *options, check=check)

    def file(self, xml):
        self.serial += 1
        path = self.lab.short_folder() / f"{self.name}-{self.serial}.xml"
        path.write_text(xml)
        return path

    def running(self):
        return set(self.virsh("list", "--name").stdout.split())

    def destroy_all(self):
        for name in self.running():
            self.virsh("destroy", name, check=False)

    def interfaces(self):
        """Instance id -> (MAC, VM) of every 802.1Qbg interface of the running VMs."""
        found = {}
        for name in self.running():
            shown = self.virsh("dumpxml", name, check=False)
            if shown.returncode != 0:
                continue  # it has ended meanwhile
            for one in xml.etree.ElementTree.fromstring(shown.stdout).iter("interface"):
                port = one.find("virtualport/parameters")
                if port is not None:
                    found[port.get("instanceid")] = (one.find("mac").get("address"), name)
        return found

    def macvtaps(self):
        return set(re.findall(r"^\d+: (macvtap\d+)@", self.ip("link", "show").stdout, re.M))
