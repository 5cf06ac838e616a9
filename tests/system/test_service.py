# SPDX-License-Identifier: Apache-2.0
"""The unit as a real systemd runs it: what is installed, over this machine's files, in namespaces."""
import os
import pathlib

import pytest

import evbd
import lab as lab_module
from lab import wait_for

SYSTEMD = "/lib/systemd/systemd"
ID, MAC = "09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f", "52:54:00:aa:00:11"
CONFIG = """
[libvirt]
enable = true
[[port]]
name = "up0"
role = "station"
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
ip link add up0 type veth peer name peer0
ip link set up0 up && ip link set peer0 up
mkdir -p old && pivot_root . old && umount -l /old
export container=lab
exec /lib/systemd/systemd --unit=evbd.service --log-target=console
"""


class Booted:
    def __init__(self, lab, folder):
        tree, stage = folder / "tree", folder / "stage"
        stage.mkdir()
        lab_module.run("env", f"DESTDIR={tree}", "cmake", "--install", evbd.BUILD)
        (tree / "etc/evbd").mkdir(parents=True)
        (tree / "etc/evbd/evbd.toml").write_text(CONFIG)
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

    def run(self, *command, check=True):
        return lab_module.run("nsenter", "-t", self.one(), "-m", "-n", "-p", "-u", "-i", *command,
                              check=check)

    def says(self, name):
        return self.run("systemctl", "show", "--value", "--property", name, "evbd.service",
                        check=False).stdout.strip()

    def is_ready(self):
        wait_for(lambda: self.says("ActiveState") == "active", "evbd.service is active", 60)
        return int(self.says("MainPID"))

    def log(self):
        return self.run("journalctl", "--no-pager", "-u", "evbd").stdout


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
