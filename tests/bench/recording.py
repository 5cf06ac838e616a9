# SPDX-License-Identifier: Apache-2.0
"""What recording costs: storms of 1,000 associations with [capture] at_start = true at both ends, and
without, in turns. The ring is small enough to be full, so that making room is part of the cost.
"""
import evbd
import measure
from judge import Verdict, at_most

SIZE = 1000
RING = 2 << 20  # octets
CAPTURE = f"\n[capture]\nat_start = true\nmax_octets = {RING}\n"
# In six runs on two cores that had five times as much to do these were 1.05 to 1.54 and 1.15 to 1.29.
TIME_GUARD = 2.5
CPU_GUARD = 2
# What a ring of this size may add to an agent, with what the allocator keeps between its pieces: 1.4 was
# seen, and 5.8 where the ring had room for all seven storms.
MEMORY_GUARD = 3


def agent(host, device, role, types, **keys):
    return evbd.Evbd(host, [evbd.port_table(device, role, measure.EVB, **keys)], types=types,
                     log_level="notice", api=measure.API)


def storms(stage, build, types):
    bridge = agent(stage.far, "veth2", "bridge", types, enforce=False)
    station = agent(stage.near, "veth0", "station", types)
    station.wait_for_evb()
    return measure.Storms(stage, bridge, station, build)


def of(storms_made, records):
    agents = (storms_made.station, storms_made.bridge)
    return {"us": min(one["us"] for one in records),
            "cpu_us": min(one["station_cpu_us"] + one["bridge_cpu_us"] for one in records),
            "peak_kib": [measure.memory_kib(one.process.pid, "VmHWM") for one in agents]}


def recorded(station, folder):
    """Associations in the saved journal, and whether the ring had to make room."""
    answer = station.ctl("capture", "save", folder)
    assert answer.returncode == 0, answer.stderr
    text = (folder / "stimuli.txt").read_text()
    return text.count(" associate "), "begins=midway" in text


def measured(folder, build, repetitions):
    with measure.Stage(folder, "plain") as plain, measure.Stage(folder, "taped") as taped:
        both = {"off": storms(plain, build, evbd.TYPES),
                "on": storms(taped, build, evbd.TYPES + CAPTURE)}
        records = {name: [] for name in both}
        for _ in range(repetitions + 1):  # the first one warms up
            for name, one in both.items():
                records[name].append(one.one(SIZE))
                one.one(SIZE, "deassociate")
        found = {name: of(one, records[name][1:]) for name, one in both.items()}
        found["associations"], found["full"] = recorded(both["on"].station, taped.lab.folder / "saved")
    return found


def ratios(found):
    added = max(on - off for on, off in zip(found["on"]["peak_kib"], found["off"]["peak_kib"]))
    return {"time": found["on"]["us"] / found["off"]["us"],
            "cpu": found["on"]["cpu_us"] / found["off"]["cpu_us"], "memory": added * 1024 / RING}


def verdicts(found):
    ratio = ratios(found)
    return [
        Verdict("recording: the ring was filled, and holds the last storm",
                f"{found['associations']:,} associations", found["full"] and
                found["associations"] >= SIZE),
        at_most(f"recording: 1,000 VSIs in at most {TIME_GUARD} times the time without",
                ratio["time"], TIME_GUARD, " times"),
        at_most(f"recording: at most {CPU_GUARD} times the processor time of both ends",
                ratio["cpu"], CPU_GUARD, " times"),
        at_most(f"recording: at most {MEMORY_GUARD} times the ring's octets of memory",
                ratio["memory"], MEMORY_GUARD, " times"),
    ]


def sentence(found):
    ratio = ratios(found)
    return (f"1,000 VSIs while both ends are recorded: {ratio['time']:.2f} times the time,"
            f" {ratio['cpu']:.2f} times the processor time, {ratio['memory']:.1f} times the ring of"
            f" {RING >> 20} MiB in memory")
