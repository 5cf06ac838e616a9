# SPDX-License-Identifier: Apache-2.0
"""The unit as a real systemd runs it: what is installed, over this machine's files, in namespaces."""
import os
import pathlib
import re
import shutil

import pytest

import etcd
import evbd
import lab as lab_module
from lab import wait_for

SYSTEMD = "/lib/systemd/systemd"
ID, MAC = "09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f", "52:54:00:aa:00:11"
LIMITED, LIMITED_MAC = "2c6b3a90-41d7-4c1e-9d55-0e6f1f3c7a10", "52:54:00:aa:00:22"
CONFIG = """
[libvirt]
enable = true
[[port]]
name = "up0"
role = "station"
[[port]]
name = "peer0"
role = "bridge"
"""
SYNC_CONFIG = """
[etcd]
endpoints = ["http://127.0.0.1:12379"]
[host]
name = "booted"
"""
PROFILE = """
[[port_profile]]
name = "shared"
mtu = 1400
"""
# PID 1 of namespaces of its own; changes go to memory, and only the unit and what it needs is started.
BOOT = """
set -e
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
cp -a "$2/." "$1/upper"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
cd "$1/root"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs tmpfs dev
mkdir dev/shm dev/pts
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts && ln -s pts/ptmx dev/ptmx
for each in null zero full random urandom tty; do touch dev/$each && mount --bind /dev/$each dev/$each; done
for each in run tmp var/lib var/log; do mount -t tmpfs tmpfs "$each"; done
rm -f etc/fstab etc/machine-id && touch etc/machine-id
ip link set lo up
ip link add br0 type bridge stp_state 0
ip link add up0 type veth peer name peer0
ip link set peer0 master br0
for each in br0 up0 peer0; do ip link set "$each" up; done
mkdir -p old && pivot_root . old && umount -l /old
export container=lab
exec /lib/systemd/systemd --unit=evbd.service --log-target=console
"""


class Booted:
    def __init__(self, lab, folder):
        self.lab, tree, stage = lab, folder / "tree", folder / "stage"
        stage.mkdir()
        lab_module.run("env", f"DESTDIR={tree}", "cmake", "--install", evbd.BUILD)
        (tree / "etc/evbd").mkdir(parents=True)
        if shutil.which("etcd"):  # a checkout below /tmp is not there any more
            (tree / "usr/bin").mkdir(parents=True, exist_ok=True)
            shutil.copy(shutil.which("etcd"), tree / "usr/bin/etcd")
        for name, text in (("evbd.toml", CONFIG), ("profile-sync.toml", SYNC_CONFIG),
                           ("shared.toml", PROFILE)):
            (tree / "etc/evbd" / name).write_text(text)
        self.process = lab.start("systemd", "unshare", "--mount", "--pid", "--fork", "--net", "--uts",
                                 "--ipc", "--cgroup", "--kill-child=KILL", "sh", "-c", BOOT, "boot",
                                 stage, tree)
        wait_for(lambda: self.one(), "systemd is there")
        self.is_ready()

    def one(self):
        """PID 1, as we see it, once it is systemd."""
        assert self.process.alive(), self.process.text()
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for pid in children.read_text().split():
            if pathlib.Path(f"/proc/{pid}/comm").read_text() == "systemd\n":
                return pid
        return None

    def inside(self):
        return "nsenter", "-t", self.one(), "-m", "-n", "-p", "-u", "-i"

    def run(self, *command, check=True):
        return lab_module.run(*self.inside(), *command, check=check)

    def says(self, name, unit="evbd"):
        return self.run("systemctl", "show", "--value", "--property", name, f"{unit}.service",
                        check=False).stdout.strip()

    def is_ready(self):
        wait_for(lambda: self.says("ActiveState") == "active", "evbd.service is active", 60)
        return int(self.says("MainPID"))

    def log(self, unit="evbd"):
        return self.run("journalctl", "--no-pager", "-u", unit).stdout


@pytest.fixture(scope="module")
def host(shared_lab, tmp_path_factory):
    for needed in (SYSTEMD, "/usr/bin/cmake"):
        if not os.path.exists(needed):
            pytest.skip(f"no {needed} here: run it by ./check --only system")
    return Booted(shared_lab, tmp_path_factory.mktemp("systemd"))


def test_systemd_takes_the_units_as_they_are(host):
    """Nothing in them is unknown to this systemd."""
    host.run("systemd-sysusers")
    answer = host.run("systemd-analyze", "verify", "--man=no", "evbd.service",
                      "evb-profile-sync.service")
    assert not [line for line in (answer.stdout + answer.stderr).splitlines() if "evb" in line]


def test_the_manual_has_every_option_of_the_mirror(host):
    page = pathlib.Path(__file__).parents[2] / "agent/profile_sync/evb-profile-sync.8.scd"
    said = "".join(host.run("evb-profile-sync", *command, "--help").stdout
                   for command in ((), ("publish",), ("hosts",)))
    options = set(re.findall(r"--[a-z][a-z-]+", said))
    assert len(options) >= 7
    assert not {option for option in options if f"*{option}*" not in page.read_text()}
    assert host.run("find", "/usr/share/man", "/usr/local/share/man", "-name",
                    "evb-profile-sync.8", check=False).stdout.endswith(
        "/man8/evb-profile-sync.8\n")


def test_evbd_serves_below_its_hardening(host):
    pid = host.is_ready()
    assert host.run("cat", "/run/lldpad.pid").stdout == f"{pid}\n"
    associate = host.run("evbctl", "vsi", "associate", "--device", "up0", "--mac", MAC, "--manager", "11",
                         "--type", "1", "--type-version", "1", "--vlan", "2", "--id", ID,
                         "--no-wait")
    assert ID in associate.stdout
    assert ID in host.run("evbctl", "vsi", "show").stdout
    host.run("evbctl", "profile", "set", "--create", "finance", "mtu=1400")
    assert "finance" in host.run("evbctl", "profile", "show").stdout
    made = host.run("evbctl", "interface", "attach", "--device", "up0", "--mode", "private",
                    "--profile", "finance").stdout
    name = made.split(":")[0]
    assert "mtu 1400" in host.run("ip", "link", "show", name).stdout
    host.run("evbctl", "interface", "detach", name)


def test_the_bridge_role_follows_the_database_and_limits_below_its_hardening(host):
    """inotify on the folder, SQLite's files in it, HTB on the port and on an ifb."""
    def limits():
        return sorted(set(re.findall(r"rate (\d+Mbit)", "".join(
            host.run("tc", "class", "show", "dev", device).stdout for device in host.run(
                "ls", "/sys/class/net").stdout.split()))))
    host.is_ready()
    associate = ("evbctl", "vsi", "associate", "--device", "up0", "--mac", LIMITED_MAC, "--manager",
                 "11", "--type", "7", "--type-version", "1", "--vlan", "2", "--id", LIMITED)
    change = ("evbctl", "type", "set", "11/7/1", "--create", "--force")
    host.run(*change, "untagged=2", "transmit=10M", "receive=20M")
    wait_for(lambda: host.run(*associate, check=False).returncode == 0, "the VSI is associated")
    assert limits() == ["10Mbit", "20Mbit"]
    host.run(*change, "receive=40M")
    wait_for(lambda: "has changed" in host.run("evbctl", "vsi", "show", "--port", "peer0").stdout,
             "evbd notices the change")
    host.run("evbctl", "type", "apply")
    assert limits() == ["10Mbit", "40Mbit"]
    host.run("evbctl", "vsi", "deassociate", "--port", "up0", LIMITED)
    wait_for(lambda: limits() == [], "nothing is left of the limits")
    assert not [line for line in host.log().splitlines() if "Operation not permitted" in line]


def test_a_crash_is_followed_by_a_start_that_remembers(host):
    host.run("kill", "-9", str(host.is_ready()))
    wait_for(lambda: host.says("NRestarts") == "1", "systemd starts evbd again")
    host.is_ready()
    assert ID in host.run("evbctl", "vsi", "show").stdout


def test_reload_and_a_configuration_with_problems(host):
    host.run("systemctl", "reload", "evbd")
    wait_for(lambda: "is read again" in host.log(), "the log tells of the reload")
    host.run("sh", "-c", "echo 'colour = 3' >>/etc/evbd/evbd.toml")
    assert host.run("systemctl", "restart", "evbd", check=False).returncode != 0
    wait_for(lambda: host.says("ActiveState") == "failed", "systemd does not try again and again")
    assert "colour" in host.log()
    host.run("sed", "-i", "/colour/d", "/etc/evbd/evbd.toml")
    assert host.run("systemctl", "restart", "evbd", check=False).returncode == 0, host.log()
    assert ID in host.run("evbctl", "vsi", "show").stdout


def test_stop_ends_it_in_order(host):
    host.is_ready()
    host.run("systemctl", "stop", "evbd")
    assert host.says("Result") == "success"
    assert "stopping on SIGTERM" in host.log()
    host.run("systemctl", "start", "evbd")


def test_the_mirror_waits_for_etcd_and_follows_it_and_evbd_never_waits(host):
    if etcd.missing():
        pytest.skip(etcd.missing())
    unit = "evb-profile-sync"
    host.run("systemd-sysusers")
    host.run("sed", "-i", '1i [api]\\ngroup = "evbd-sync"', "/etc/evbd/evbd.toml")
    host.run("systemctl", "restart", "evbd")
    pid = host.is_ready()
    host.run("systemctl", "start", unit)
    assert host.says("ActiveState", unit) == "active", host.log(unit)
    wait_for(lambda: "127.0.0.1:12379" in host.log(unit).split("mirrors", 1)[-1].split("\n", 1)[-1],
             "it tells that etcd is not there")
    status = host.run("cat", f"/proc/{host.says('MainPID', unit)}/status").stdout
    assert "CapEff:\t0000000000000000" in status and "Uid:\t0\t" not in status
    assert host.run("evbctl", "agent", "show").returncode == 0
    host.lab.start("etcd", *host.inside(), "/usr/bin/etcd", "--data-dir", "/tmp/etcd",
                           "--listen-client-urls", "http://127.0.0.1:12379",
                           "--advertise-client-urls", "http://127.0.0.1:12379",
                           "--listen-peer-urls", "http://127.0.0.1:12380")
    publish = ("evbctl", "profile", "import", "--etcd", "/etc/evbd/shared.toml")
    wait_for(lambda: host.run(*publish, check=False).returncode == 0, "etcd takes it", 30)
    wait_for(lambda: "shared" in host.run("evbctl", "profile", "show", check=False).stdout,
             "the mirror has come", 60)
    assert "mirrors http://127.0.0.1:12379 /evbd/" in host.run("evbctl", "profile", "show").stdout
    wait_for(lambda: "booted: connected" in host.run("evbctl", "vsi", "show", "--all-hosts").stdout,
             "it reports this host's VSIs", 30)
    assert host.says("NRestarts", unit) == "0" and host.is_ready() == pid
    host.run("systemctl", "stop", unit)
    assert host.says("Result", unit) == "success", host.log(unit)
