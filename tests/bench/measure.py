# SPDX-License-Identifier: Apache-2.0
"""Takes the figures. Every stage is two namespaces and a veth pair; nothing else runs in them."""
import json
import os
import pathlib
import select
import shutil
import statistics
import subprocess
import time

import evbd
import lab as lab_module
import lldpad
from lab import wait_for

TIMES = ("us", "wire_us")
SIZES = [1, 10, 100, 1000, 10000]
STORM_LIMIT = 120  # seconds that one storm may take
# As the issue of this benchmark has it: RTE 14, and the standard's defaults beside it.
EVB = {"rte": 14, "rwd": 20, "rka": 20}
API = {"max_message_octets": 16 << 20, "max_pending_octets": 16 << 20}
HERE = pathlib.Path(__file__).resolve().parent
TICK = os.sysconf("SC_CLK_TCK")
# The two ends are two hosts in life: each has a processor of its own, if there are two. Left to
# itself the kernel puts both on one now and then, and then they take turns.
CORES = sorted(os.sched_getaffinity(0))
NEAR, FAR = CORES[0], CORES[-1]


def keep_on(core, pid):
    """Lets a process, with all its threads, run on this processor only."""
    for thread in pathlib.Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {core})


def cpu_seconds(pid):
    """CPU time that a process has used; by the scheduler's own clock where the kernel shows it."""
    try:
        return int(pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[0]) * 1e-9
    except (FileNotFoundError, IndexError):
        after_name = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / TICK


def busy_percent(seconds=1):
    """How much of all processors others use, before we begin."""
    def times():
        of_all = pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
        return [int(ticks) for ticks in of_all]
    before = times()
    time.sleep(seconds)
    spent = [new - old for new, old in zip(times(), before)]
    return round(100 * (1 - (spent[3] + spent[4]) / max(1, sum(spent))))  # idle, iowait


def memory_kib(pid, name="VmRSS"):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    raise AssertionError(f"no {name} of {pid}")


class Conversation:
    """A program of a host that answers each line with a line."""

    def __init__(self, host, *command):
        self.child = subprocess.Popen(
            ["ip", "netns", "exec", host.namespace, *(str(word) for word in command)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line):
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()
        readable, _, _ = select.select([self.child.stdout], [], [], STORM_LIMIT)
        if not readable:
            raise AssertionError(f"no answer to '{line}' within {STORM_LIMIT} s")
        answer = self.child.stdout.readline()
        if not answer:
            raise AssertionError(f"the client ended at '{line}' with {self.child.wait()}")
        return answer

    def close(self):
        self.child.stdin.close()
        self.child.kill()
        self.child.wait()


class Stage:
    """Two hosts joined by a wire; closes itself."""

    def __init__(self, folder, name):
        path = folder / name
        path.mkdir()
        self.lab = lab_module.Lab(path)
        self.near, self.far = self.lab.host(f"{name}-st"), self.lab.host(f"{name}-br")
        self.lab.wire(self.near, "veth0", self.far, "veth2", "02:00:00:00:00:01",
                      "02:00:00:00:00:02")
        self.conversations = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for conversation in self.conversations:
            conversation.close()
        self.lab.close()

    def converse(self, *command):
        self.conversations.append(Conversation(self.near, *command))
        return self.conversations[-1]

    def bridge(self, port="veth2", **keys):
        agent = evbd.Evbd(self.far, [evbd.port_table(port, "bridge", EVB, **keys)],
                          log_level="notice", api=API)
        keep_on(FAR, agent.process.pid)
        return agent

    def station(self):
        agent = evbd.Evbd(self.near, [evbd.port_table("veth0", "station", EVB)],
                          log_level="notice", api=API)
        keep_on(NEAR, agent.process.pid)
        agent.wait_for_evb()
        return agent


def summary(records):
    """The median of each figure, and of times the best, without those that could not be taken."""
    columns = {key: [record[key] for record in records if record[key] is not None]
               for key in records[0]}
    best = {f"best_{key}": min(values) for key, values in columns.items() if key in TIMES}
    return {key: statistics.median(values) for key, values in columns.items()} | best


class Floor:
    """The smallest program that exchanges a storm's ECPDUs, on a stage of its own."""

    def __init__(self, stage, build):
        self.stage, self.program = stage, build / "tests/bench/bench_floor"
        answering = stage.far.start("floor-bridge", self.program, "bridge", "veth2")
        wait_for(lambda: "ready" in answering.text(), "the floor's bridge is ready")
        keep_on(FAR, answering.pid)

    def one(self, size):
        """The second of two in a row: evbd's processes are warm, too."""
        said = self.stage.near.run("taskset", "-c", NEAR, self.program, "station", "veth0", size,
                                   size).stdout
        return {"us": int(said.splitlines()[-1].split()[1])}


class Storms:
    """Storms on one station and one bridge, again and again; each ends with all de-associated."""

    def __init__(self, stage, bridge, station, build):
        self.bridge, self.station = bridge, station
        self.client = stage.converse(build / "tests/bench/bench_storm", station.socket, "veth0")

    def one(self, size, verb="associate"):
        before = [cpu_seconds(agent.process.pid) for agent in (self.station, self.bridge)]
        record = json.loads(self.client.ask(f"{verb} {size}"))
        after = [cpu_seconds(agent.process.pid) for agent in (self.station, self.bridge)]
        record["station_cpu_us"], record["bridge_cpu_us"] = (
            round((new - old) * 1e6) for new, old in zip(after, before))
        return record

    def repeated(self, size, repetitions, beside=None):
        """Their summary; with `beside`, a floor that takes turns with the storms, of both."""
        records, floors = [], []
        for _ in range(repetitions + 1):  # the first one warms up
            if beside is not None:
                floors.append(beside.one(size))
            records.append(self.one(size))
            self.one(size, "deassociate")
        found = summary(records[1:])
        return found if beside is None else (found, summary(floors[1:]))


def idle(storms, seconds):
    """10,000 associated VSIs and nothing but their keep-alives."""
    agents = {"station": storms.station, "bridge": storms.bridge}
    storms.one(SIZES[-1])
    time.sleep(0.5)
    before = {name: cpu_seconds(agent.process.pid) for name, agent in agents.items()}
    start = time.monotonic()
    time.sleep(seconds)
    spent = time.monotonic() - start
    result = {"vsis": SIZES[-1], "seconds": round(spent, 1)}
    for name, agent in agents.items():
        used = cpu_seconds(agent.process.pid) - before[name]
        result[f"{name}_cpu_percent"] = round(100 * used / spent, 3)
        result[f"{name}_rss_kib"] = memory_kib(agent.process.pid)
        result[f"{name}_peak_rss_kib"] = memory_kib(agent.process.pid, "VmHWM")
    states = list(storms.station.states().values())
    result["still_associated"] = states.count("ASSOCIATED")
    return result


def storms_and_idle(folder, build, short):
    with Stage(folder, "floor") as floor_stage, Stage(folder, "storm") as stage:
        beside = Floor(floor_stage, build)
        storms = Storms(stage, stage.bridge(enforce=False), stage.station(), build)
        found, floor = {}, {}
        for size in SIZES:
            found[str(size)], floor[str(size)] = storms.repeated(size, 7 if short else 15, beside)
    # The cost of holding them is taken from processes that have done nothing else.
    with Stage(folder, "idle") as stage:
        storms = Storms(stage, stage.bridge(enforce=False), stage.station(), build)
        return {"storm": found, "floor": floor, "idle": idle(storms, 12 if short else 25)}


def enforced(folder, build, size=1000):
    """The same storm, with every address admitted on a real Linux bridge."""
    with Stage(folder, "real") as stage:
        stage.far.ip("link", "add", "br0", "type", "bridge", "stp_state", "0")
        stage.far.ip("link", "set", "veth2", "master", "br0")
        stage.far.ip("link", "set", "br0", "up")
        storms = Storms(stage, stage.bridge(), stage.station(), build)
        return {str(size): storms.repeated(size, 3)}


def lldpad_storms(folder, sizes):
    """lldpad as the station against the same bridge. Each size gets a fresh pair."""
    found = {}
    for size in sizes:
        with Stage(folder, f"lldpad{size}") as stage:
            bridge = stage.bridge(enforce=False)
            station = lldpad.Lldpad(stage.near, "veth0", "station", rte=14, rwd=20, rka=20)
            bridge.wait_for_evb()
            station.wait_for_neighbor()
            time.sleep(2)  # lldpad takes up what was agreed with its next LLDPDU
            said = stage.near.run("/usr/bin/python3", HERE / "lldpad_storm.py", "veth0",
                                  station.process.pid, size, timeout=STORM_LIMIT)
            found[str(size)] = {"us": int(said.stdout)}
    return found


def in_process(program):
    """What a benchmark without network counts, by its name."""
    said = subprocess.run([program, "--benchmark_format=json", "--benchmark_min_time=0.3"],
                          capture_output=True, check=True).stdout
    return {one["name"]: one for one in json.loads(said)["benchmarks"]}


def codec(build):
    named = in_process(build / "tests/bench/bench_codec")
    return {"decode_ns": round(named["BM_Decode"]["ns_per_tlv"], 1),
            "encode_ns": round(named["BM_Encode"]["ns_per_tlv"], 1)}


def core(build):
    named = in_process(build / "tests/bench/bench_core")["BM_AssociateAndEnd/1000"]
    return {"station_ns": round(named["station_ns_per_vsi"]),
            "bridge_ns": round(named["bridge_ns_per_vsi"])}


def everything(folder, build, short, full):
    figures = {"busy_percent": busy_percent(), "processors": len(CORES)}
    figures |= {"codec": codec(build), "core": core(build)}
    figures |= storms_and_idle(folder, build, short)
    figures["enforced"] = enforced(folder, build)
    figures["lldpad"] = {}
    if shutil.which("lldpad"):
        figures["lldpad"] = lldpad_storms(folder, [1, 10, 100] if full else [1, 10])
    return figures
