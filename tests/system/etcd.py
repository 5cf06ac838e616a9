# SPDX-License-Identifier: Apache-2.0
"""A cluster of three etcds in one namespace, and evb-profile-sync with its database."""
import json
import os
import pathlib
import shutil
import signal
import sqlite3

import evbd
from lab import run, wait_for

PREFIX = "/evbd/"
SYNC = evbd.BUILD / "evb-profile-sync"


def missing():
    """Why it cannot run here; empty if it can."""
    if shutil.which("etcd") is None:
        return "no etcd here: run it by ./check --only system"
    if not SYNC.exists():
        return "evb-profile-sync was not built: no gRPC, or no protocol files of etcd"
    return ""


class Cluster:
    """Members one, two and three. `tls`: files of an authority, a certificate and its key."""

    def __init__(self, host, tls=None):
        self.host, self.tls = host, tls
        self.scheme = "https" if tls else "http"
        self.folder = host.lab.short_folder() / "etcd"
        self.members = {number: None for number in (1, 2, 3)}
        for number in self.members:
            self.start(number)
        wait_for(self.healthy, "the cluster has a leader")

    def client(self, number):
        return f"{self.scheme}://127.0.0.1:{number}2379"

    def endpoints(self):
        return [self.client(number) for number in self.members]

    def start(self, number):
        peer = f"http://127.0.0.1:{number}2380"
        cluster = ",".join(f"m{n}=http://127.0.0.1:{n}2380" for n in self.members)
        words = ["--name", f"m{number}", "--data-dir", self.folder / str(number),
                 "--listen-client-urls", self.client(number), "--advertise-client-urls",
                 self.client(number), "--listen-peer-urls", peer, "--initial-advertise-peer-urls",
                 peer, "--initial-cluster", cluster, "--initial-cluster-token", "evbd",
                 "--heartbeat-interval", "50", "--election-timeout", "500"]
        if self.tls:
            words += ["--cert-file", self.tls["cert"], "--key-file", self.tls["key"]]
        self.members[number] = self.host.start(f"etcd{number}", "etcd", *words)

    def kill(self, number):
        self.members[number].stop(signal.SIGKILL)

    def wipe(self):
        """All members lose all they had, and begin again with the same configuration."""
        for number in self.members:
            self.kill(number)
        shutil.rmtree(self.folder)
        for number in self.members:
            self.start(number)
        wait_for(self.healthy, "the new cluster has a leader")

    def ctl(self, *words, endpoints=None, check=True):
        trust = ("--cacert", self.tls["ca"]) if self.tls else ()
        return self.host.run("env", "ETCDCTL_API=3", "etcdctl", "--endpoints",
                             ",".join(endpoints or self.endpoints()), *trust, *words, check=check)

    def healthy(self):
        return self.ctl("endpoint", "health", check=False).returncode == 0

    def leader(self):
        """The number of the member that leads."""
        for number in self.members:
            said = self.ctl("endpoint", "status", "-w", "json", endpoints=[self.client(number)],
                            check=False)
            if said.returncode != 0:
                continue
            status = json.loads(said.stdout)[0]["Status"]
            if status["leader"] == status["header"]["member_id"]:
                return number
        return None

    def revision(self):
        said = json.loads(self.ctl("get", "/", "-w", "json").stdout)
        return said["header"]["revision"]


class Sync:
    """One host's evb-profile-sync. `database`: an evbd's, instead of one of its own; `reports`: the
    socket of the evbd whose VSIs it reports."""

    def __init__(self, host, name, cluster, keys="", endpoints=None, start=True, database=None,
                 prefix=PREFIX, reports=None, lease=30):
        self.host, self.name = host, name
        folder = host.lab.short_folder()
        self.database = database or folder / f"{name}.db"
        self.file = folder / f"{name}.toml"
        self.file.write_text(
            f"log_level = \"debug\"\ndatabase = {evbd.toml(str(self.database))}\n"
            f"[etcd]\nendpoints = {evbd.toml(endpoints or cluster.endpoints())}\n"
            f"prefix = {evbd.toml(prefix)}\n{keys}\n[host]\nname = {evbd.toml(name)}\n"
            + (f"socket = {evbd.toml(str(reports))}\nlease = {lease}\n" if reports
               else "report = false\n"))
        self.process = None
        if start:
            self.start()

    def start(self):
        self.process = self.host.start(f"sync-{self.name}", SYNC, "--config", self.file)
        wait_for(lambda: "mirrors" in self.process.text(), "evb-profile-sync runs")

    def publish(self, text, *options, check=True):
        file = self.file.with_suffix(".publish.toml")
        file.write_text(text)
        return run("ip", "netns", "exec", self.host.namespace, evbd.BUILD / "evbctl", "profile",
                   "import", "--etcd", "--sync-config", self.file, file, *options, check=check)

    def rows(self, query):
        if not self.database.exists():
            return []
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as database:
            return database.execute(query).fetchall()

    def profiles(self):
        """Name -> MTU of each profile in the local database."""
        return dict(self.rows("select name, mtu from port_profile"))

    def mirror(self):
        """(cluster, revision, trouble)"""
        found = self.rows("select cluster, revision, trouble from mirror")
        return found[0] if found else None

    def wait_for(self, profiles):
        wait_for(lambda: self.profiles() == profiles, f"{self.name} has {profiles}", 30)


def make_certificates(folder):
    """An authority with a certificate for 127.0.0.1, and an authority that nobody knows."""
    folder = pathlib.Path(folder)
    for name in ("ca", "stranger"):
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", folder / f"{name}.key",
            "-out", folder / f"{name}.pem")
    names = folder / "names"
    names.write_text("subjectAltName=IP:127.0.0.1,DNS:etcd.test\n")
    run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
        "/CN=etcd.test", "-keyout", folder / "etcd.key", "-out", folder / "etcd.csr")
    run("openssl", "x509", "-req", "-in", folder / "etcd.csr", "-CA", folder / "ca.pem", "-CAkey",
        folder / "ca.key", "-CAcreateserial", "-days", "2", "-extfile", names, "-out",
        folder / "etcd.pem")
    os.chmod(folder / "etcd.key", 0o600)
    return {"ca": folder / "ca.pem", "cert": folder / "etcd.pem", "key": folder / "etcd.key",
            "stranger": folder / "stranger.pem"}
