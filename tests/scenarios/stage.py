# SPDX-License-Identifier: Apache-2.0
"""What the scenarios play on, and how a run becomes a folder of captures/.

Every evbd on the stage records from its first moment. Its journal is told to the core again; what
the core then sends has to be, octet for octet, what evbd sent.
"""
import json
import pathlib
import re
import signal
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "system"))

import evbd  # noqa: E402
import lab  # noqa: E402
import lldpad  # noqa: E402
import pcapng  # noqa: E402
import peer  # noqa: E402
from lab import wait_for  # noqa: E402
from scenes import ASSOCIATED, BRIDGE_MAC, DEASSOCIATED, STATION_MAC, mac, uuid  # noqa: E402, F401

QUIET = {key: False for key in ("port_description", "system_name", "system_description",
                                "capabilities", "management_address")}
CAPTURE = "\n[capture]\nat_start = true\n"
NEAR, FAR = "st0", "br0p1"


class Stage:
    """One scenario's namespaces and programs."""

    def __init__(self, folder):
        self.lab = lab.Lab(folder)
        self.folder, self.recorders, self.peers = pathlib.Path(folder), [], []
        self.near, self.far = self.lab.host("near"), self.lab.host("far")
        self.rules = self.tapped = None

    def close(self):
        for one in self.peers:
            one.close()
        self.lab.close()

    # ---- Wires --------------------------------------------------------------------------------------

    def wire(self):
        self.lab.wire(self.near, NEAR, self.far, FAR, STATION_MAC, BRIDGE_MAC)

    def meddled_wire(self, *rules):
        middle = self.lab.host("mid")
        self.lab.wire(self.near, NEAR, middle, "near", STATION_MAC)
        self.lab.wire(middle, "far", self.far, FAR, None, BRIDGE_MAC)
        self.rules = self.folder / "rules.json"
        self.meddle(*rules)
        process = middle.start("meddler", "/usr/bin/python3", HERE / "meddler.py", "near", "far",
                               self.rules)
        wait_for(lambda: "plugged in" in process.text(), "the meddler passes frames")

    def meddle(self, *rules):
        made = self.rules.with_suffix(".new")
        made.write_text(json.dumps(rules))
        made.rename(self.rules)

    def tap(self, role):
        """frames.pcapng will be what passed the end in `role`, whether evbd heard it or not."""
        host, device = (self.far, FAR) if role == "bridge" else (self.near, NEAR)
        self.tapped = lab.Capture(host, device, self.folder / "tap.pcap")

    # ---- Ends ---------------------------------------------------------------------------------------

    def evbd(self, host, device, role, evb=None, types=evbd.TYPES, lldp=None, cdcp=None, **keys):
        if role == "bridge" and keys.setdefault("enforce", False):
            host.ip("link", "add", "br0", "type", "bridge", "stp_state", "0")
            host.ip("link", "set", device, "master", "br0")
            host.ip("link", "set", "br0", "up")
        more = "".join(f"{key} = {evbd.toml(value)}\n" for key, value in (cdcp or {}).items())

        def table(of_evb, of_lldp):
            made = evbd.port_table(device, role, {**(evb or {}), **of_evb},
                                   {**QUIET, **(lldp or {}), **of_lldp}, **keys)
            return made + "[port.cdcp]\n" + more if more else made

        def change(of_evb=None, of_lldp=None):
            made.configure([table(of_evb or {}, of_lldp or {})], types + CAPTURE)
            made.reload()
        made = evbd.Evbd(host, [table({}, {})], types=types + CAPTURE)
        made.change = change
        made.device, made.before = device, []
        self.recorders.append(made)
        return made

    def station(self, evb=None, **keys):
        return self.evbd(self.near, NEAR, "station", evb, **keys)

    def bridge(self, evb=None, **keys):
        return self.evbd(self.far, FAR, "bridge", evb, **keys)

    def scripted(self, role, evb):
        """A scripted end in `role`."""
        host, device, address = ((self.far, FAR, BRIDGE_MAC) if role == "bridge" else
                                 (self.near, NEAR, STATION_MAC))
        made = peer.Peer(host, device, address, evb)
        if role == "station":
            made.answer = lambda one, count: None
        self.peers.append(made)
        return made

    def lldpad(self, role, **options):
        host, device = (self.far, FAR) if role == "bridge" else (self.near, NEAR)
        return lldpad.Lldpad(host, device, role, **{"rka": 16, **options})

    # ---- What becomes of it -------------------------------------------------------------------------

    def save(self, folder, shows=None):
        """Writes frames.pcapng (as the first evbd, or the tap, saw them) and stimuli.txt, and checks
        them; `shows`: a deviation that has to be in the frames."""
        folder.mkdir(parents=True, exist_ok=True)
        sections = []
        for number, one in enumerate(self.recorders):
            saved = self.lab.short_folder() / f"saved-{number}"
            if one.process.alive():
                one.process.send(signal.SIGCONT)
                answer = one.ctl("capture", "save", saved)
                assert answer.returncode == 0, answer.stderr
            elif not saved.exists():
                continue
            sections.append(self.checked(saved))
            if len(sections) == 1:
                self.keep_frames(saved / "frames.pcapng", folder / "frames.pcapng")
        assert sections, "nothing was recorded"
        if shows is not None:
            told = lab.run(evbd.BUILD / "evbreplay", "decode", folder / "frames.pcapng").stdout
            assert shows in deviations(folder / "frames.pcapng"), f"{shows} is not to be seen in\n{told}"
        (folder / "stimuli.txt").write_text("evbd journal 1\n" + "".join(sections))

    def keep_frames(self, saved, to):
        if self.tapped is None:
            to.write_bytes(saved.read_bytes())
            return
        self.tapped.process.stop(signal.SIGINT)
        pcapng.join(saved, self.tapped.path, to)

    def checked(self, saved):
        """The journal without its heading: with timers at their deadlines where that sends the same."""
        journal = saved / "stimuli.txt"
        sent = {}
        for port, way, octets, _ in pcapng.read(saved / "frames.pcapng"):
            if way == pcapng.OUTBOUND:
                sent.setdefault(port, []).append(octets.hex())
        assert sends(replay(journal)) == sent, "the journal does not replay what was sent"
        assert "begins=at-start" in journal.read_text()
        text = re.sub(r" began=\d+", "", journal.read_text())
        due = re.sub(r"(?m)^\S+ time\n", "", text).replace("timers=recorded", "timers=deadlines")
        (saved / "due.txt").write_text(due)
        text = due if sends(replay(saved / "due.txt")) == sent else text
        return text.split("\n", 1)[1]


def replay(journal):
    return lab.run(evbd.BUILD / "evbreplay", "run", journal).stdout


def deviations(capture):
    told = lab.run(evbd.BUILD / "evbreplay", "check", "--json", capture, check=False).stdout
    return {one["rule"]: one for one in json.loads(told)["deviations"]}


def sends(text):
    """Port -> its frames. A port whose name came again, as that of an S-channel, has them all."""
    found, port = {}, None
    for line in text.splitlines():
        words = line.split(" ")
        if words[0] == "port":
            port = words[1]
        elif len(words) > 2 and words[1] == "send":
            found.setdefault(port, []).append(words[2])
    return found
