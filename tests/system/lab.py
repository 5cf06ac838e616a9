# SPDX-License-Identifier: Apache-2.0
"""Hosts as network namespaces, wires as veth pairs, programs as child processes, and waiting."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import frames

PREFIX = os.environ.get("EVBD_TEST_PREFIX", f"evbt{os.getpid()}")
PATIENCE = 15.0  # seconds until a condition that must come true counts as missed
SLOWNESS = float(os.environ.get("EVBD_TEST_SLOWNESS", "1"))  # all patience times this: see tests/lab


def run(*command, check=True, timeout=30):
    """Runs a command to its end; its output is part of the error when it fails."""
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                            timeout=timeout * SLOWNESS)
    if check and result.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))} ended with {result.returncode}:\n"
                             f"{result.stdout}{result.stderr}")
    return result


def wait_for(condition, what, patience=PATIENCE):
    """Waits until condition() gives something true, and returns it."""
    patience *= SLOWNESS
    deadline = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience:g} s in vain: {what} (last seen: {value!r})")
        time.sleep(0.02)


def stays(condition, seconds):
    """Whether condition() is true all the time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not condition():
            return False
        time.sleep(0.05)
    return True


class Process:
    """A child process; its output goes to a file that a failing test shows."""

    def __init__(self, command, log):
        self.name, self.log = log.stem, log
        with open(log, "ab") as output:
            self.child = subprocess.Popen([str(word) for word in command], stdout=output,
                                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        self.pid = self.child.pid

    def alive(self):
        return self.child.poll() is None

    def send(self, number):
        self.child.send_signal(number)

    def text(self):
        return self.log.read_text(errors="replace")

    def stop(self, number=signal.SIGTERM, patience=PATIENCE):
        """Ends it and returns its exit code; negative: the signal that it died of."""
        if self.alive():
            self.child.send_signal(number)
            try:
                self.child.wait(patience * SLOWNESS)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
                raise AssertionError(f"{self.name} did not end within {patience:g} s") from None
        return self.child.returncode

    def kill(self):
        if self.alive():
            self.child.kill()
        self.child.wait()


class Host:
    """One network namespace."""

    def __init__(self, lab, name):
        self.lab, self.namespace = lab, f"{PREFIX}-{name}"
        run("ip", "netns", "add", self.namespace)
        self.ip("link", "set", "lo", "up")

    def run(self, *command, **options):
        return run("ip", "netns", "exec", self.namespace, *command, **options)

    def ip(self, *words):
        return run("ip", "-n", self.namespace, *words)

    def close(self):
        run("ip", "netns", "del", self.namespace, check=False)

    def start(self, name, *command):
        return self.lab.start(name, "ip", "netns", "exec", self.namespace, *command)

    def send(self, device, *frames):
        self.run("/usr/bin/python3", PROBE, "send", device, *(frame.hex() for frame in frames))

    def read(self, path):
        return self.run("cat", path).stdout.strip()

    def port_flag(self, port, flag):
        """A flag of a bridge port as the kernel has it: hairpin_mode, learning, ..."""
        return self.read(f"/sys/class/net/{port}/brport/{flag}") == "1"

    def locked(self, port):
        shown = self.run("bridge", "-d", "link", "show", "dev", port).stdout
        return "locked on" in shown

    def has_vlan_devices(self, lower):
        """Whether this kernel can make one on the interface (on lo none can)."""
        made = self.run("ip", "link", "add", "link", lower, "name", "try0", "type", "vlan", "id",
                        "2", check=False).returncode == 0
        if made:
            self.ip("link", "del", "try0")
        return made

    def fdb(self, port):
        """MAC addresses that the bridge forwards to the port because it was told to."""
        shown = self.run("bridge", "fdb", "show", "brport", port).stdout
        return {line.split()[0] for line in shown.splitlines() if "static" in line}

    def pings(self, address, wait=1):
        return self.run("ping", "-c", "1", "-W", wait, address, check=False).returncode == 0


PROBE = pathlib.Path(__file__).with_name("probe.py")


class Listener:
    """A plain packet socket, to see what a program in that place would see."""

    def __init__(self, host, device, protocol):
        self.process = host.start(f"listener-{device}", "/usr/bin/python3", PROBE, "listen", device,
                                  protocol)
        wait_for(lambda: "listening" in self.process.text(), "the listener listens")

    def saw(self, frame):
        return frame.hex() in self.process.text()


class Capture:
    """tcpdump on one interface; frames() gives what it has written so far."""

    def __init__(self, host, device, path, expression=""):
        self.path = path
        self.process = host.start(f"tcpdump-{device}", "tcpdump", "-i", device, "-U", "-s", "0",
                                  "--immediate-mode", "-w", path, *expression.split())
        wait_for(lambda: "listening on" in self.process.text(), "tcpdump listens")

    def frames(self):
        return frames.read_pcap(self.path)

    def associations(self):
        """All VSI TLVs that went by, requests and responses."""
        return [one for frame in self.frames() for one in frame.associations()]


class Lab:
    """All that one test has made, and has to remove."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.hosts, self.processes = {}, []
        self.short = None

    def short_folder(self):
        """For unix sockets: their paths have 107 octets at most, and a test's name is long."""
        if self.short is None:
            self.short = pathlib.Path(tempfile.mkdtemp(prefix="evbt"))
        return self.short

    def host(self, name):
        self.hosts[name] = Host(self, name)
        return self.hosts[name]

    def wire(self, near, near_device, far, far_device, near_mac=None, far_mac=None):
        """Joins two hosts by a veth pair; both ends are up when it returns."""
        run("ip", "link", "add", near_device, "netns", near.namespace,
            *(("address", near_mac) if near_mac else ()), "type", "veth",
            "peer", "name", far_device, "netns", far.namespace,
            *(("address", far_mac) if far_mac else ()))
        for host, device in ((near, near_device), (far, far_device)):
            # Frames of the kernel's own (IPv6 discovery) would only blur the captures.
            host.run("sysctl", "-qw", f"net.ipv6.conf.{device}.disable_ipv6=1", check=False)
            host.ip("link", "set", device, "up")

    def start(self, name, *command):
        count = sum(process.name.startswith(name) for process in self.processes)
        log = self.folder / f"{name}{f'-{count + 1}' if count else ''}.log"
        process = Process(command, log)
        self.processes.append(process)
        return process

    def logs(self):
        for process in self.processes:
            yield process.name, process.text()

    def close(self):
        for process in reversed(self.processes):
            if process.alive():
                process.send(signal.SIGCONT)  # one that a test stopped could not be ended
            process.kill()
        for host in self.hosts.values():
            host.close()
        if self.short is not None:
            shutil.rmtree(self.short, ignore_errors=True)
