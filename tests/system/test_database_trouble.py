# SPDX-License-Identifier: Apache-2.0
"""The profiles' database in trouble: clear errors, the old content stays, evbd goes on."""

import pytest

import evbd
from lab import run, wait_for
from scenes import ASSOCIATED, MAC_ONE, ONE, TWO

BUILD = evbd.BUILD.resolve()  # as seen from another folder
TYPE = "[[vsi_type]]\nmanager = 11\nid = 1193047\nversion = {version}\nuntagged = 2\n"


class DiskEvbd(evbd.Evbd):
    """An evbd whose database is on a small disk that only it, and who is told to, can see."""

    def __init__(self, host, ports):
        self.disk = host.lab.short_folder() / "disk"
        self.disk.mkdir()
        self.database = self.disk / "profiles.db"
        super().__init__(host, ports, types="")

    def configure(self, ports, types=""):
        super().configure(ports, types)
        self.file.write_text(self.file.read_text().replace(
            str(self.folder / "profiles.db"), str(self.database)))

    def start(self):
        self.process = self.host.start(
            "evbd-switch", "unshare", "--mount", "sh", "-c",
            f"mount -t tmpfs -o size=300k none {self.disk} && "
            f"exec {BUILD / 'evbd'} --config {self.file}")
        wait_for(lambda: self.alive() and self.socket.exists() and
                 self.ctl("agent", "show").returncode == 0, "evbd answers")

    def inside(self, *words, **options):
        return run("nsenter", f"--mount=/proc/{self.process.pid}/ns/mnt", *words, check=False,
                   **options)

    def edit(self, *words):
        return self.inside(BUILD / "evbctl", *words, "--db", self.database)

    def types(self):
        return self.edit("type", "export").stdout


class Scene:
    def __init__(self, lab):
        self.host, self.switch = lab.host("host"), lab.host("switch")
        lab.wire(self.host, "uplink", self.switch, "port1")
        self.folder = lab.short_folder()
        self.bridge = DiskEvbd(self.switch, [evbd.port_table("port1", "bridge", enforce=False)])
        self.put(2)
        self.known = self.bridge.types()
        self.station = evbd.Evbd(self.host, [evbd.port_table("uplink", "station")])
        self.station.wait_for_evb()

    def put(self, version, lines=""):
        file = self.folder / "types.toml"
        file.write_text(TYPE.format(version=version) + lines)
        told = self.bridge.process.text().count("VSI type(s)")
        answer = self.bridge.edit("type", "import", file)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        wait_for(lambda: self.bridge.process.text().count("VSI type(s)") > told,
                 "evbd notices the change")

    def told(self, words):
        wait_for(lambda: words in self.bridge.process.text(), f"evbd says: {words}")

    def grants(self, vsi, version=2):
        self.station.request("associate", "uplink", vsi, mac=MAC_ONE, version=version)
        self.station.wait_for_state(vsi, ASSOCIATED)


@pytest.fixture
def scene(lab):
    return Scene(lab)


def test_a_full_disk_leaves_what_there_was(scene):
    many = "".join(f'[[port_profile]]\nname = "{number:039}"\nuntagged = 2\n'
                   for number in range(20_000))
    file = scene.folder / "many.toml"
    file.write_text(many)
    answer = scene.bridge.edit("profile", "import", file)
    assert answer.returncode != 0
    assert "full" in answer.stderr and str(scene.bridge.database) in answer.stderr
    assert scene.bridge.types() == scene.known
    assert scene.bridge.edit("profile", "export").stdout.count("[[port_profile]]") == 0
    scene.grants(ONE)
    scene.put(3)
    scene.grants(TWO, version=3)


def test_a_disk_that_is_read_only_for_a_writer_is_still_read(scene):
    disk, database = scene.bridge.disk, scene.bridge.database
    evbctl = f"{BUILD / 'evbctl'} type"
    answer = scene.bridge.inside(
        "unshare", "--mount", "sh", "-c",
        f"mount --bind {disk} {disk} && mount -o remount,bind,ro {disk} && "
        f"{evbctl} show --db {database} && {evbctl} set 11/1193047/2 name=other --db {database}")
    assert answer.returncode != 0 and "1193047" in answer.stdout, answer.stderr
    assert f"{database} may not be written" in answer.stderr
    assert scene.bridge.types() == scene.known
    scene.grants(ONE)


def test_a_damaged_file_is_told_and_what_was_read_of_it_stays_in_force(scene):
    database, copy = scene.bridge.database, scene.bridge.disk / "copy"
    # All of it in one file first, then another file in its place, as a careless copy would do.
    script = (f"sqlite3 {database} 'PRAGMA wal_checkpoint(TRUNCATE)' && cp {database} {copy} && "
              f"head -c 30000 /dev/urandom > {database}.bad && mv {database}.bad {database}")
    done = scene.bridge.inside("sh", "-c", script)
    assert done.returncode == 0, done.stderr
    scene.told("what was read of it before stays in force")
    answer = scene.bridge.edit("type", "show")
    assert answer.returncode != 0 and str(database) in answer.stderr
    scene.grants(ONE)
    done = scene.bridge.inside("sh", "-c", f"rm -f {database}-* && mv {copy} {database}")
    assert done.returncode == 0, done.stderr
    scene.put(3)
    scene.grants(TWO, version=3)


HOLD = """
import sqlite3, sys, time
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(1000)
"""


def test_a_locked_file_holds_up_nobody_but_its_writers(scene):
    holder = scene.switch.start(
        "holder", "nsenter", f"--mount=/proc/{scene.bridge.process.pid}/ns/mnt",
        "/usr/bin/python3", "-c", HOLD, scene.bridge.database)
    wait_for(lambda: "held" in holder.text(), "the file is locked")
    scene.grants(ONE)
    answer = scene.bridge.edit("type", "set", "11/1193047/2", "name=other")
    assert answer.returncode != 0 and "another process is writing it" in answer.stderr
    holder.stop()
    assert scene.bridge.types() == scene.known
