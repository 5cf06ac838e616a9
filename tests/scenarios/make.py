#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the folders of captures/ that are scenarios, by running the real thing.

    sudo EVBD_BUILD=build/gcc /usr/bin/python3 tests/scenarios/make.py [NAME...] [--list] [--into FOLDER]

Each scenario runs in network namespaces of its own, four at a time. One that does not show what it
is about leaves its old folder as it was; the exit code is 1 then. So does one that this machine
cannot play, which is no failure: those of S-channels are made in the lab, see channels.py. lldpad has
to be in the PATH, as `./check --only system` puts it there.
"""
import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile
import traceback
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import stage as stage_module  # noqa: E402, I001
import channels  # noqa: E402, F401
import draft02  # noqa: E402, F401
import pairs  # noqa: E402, F401
import scripted  # noqa: E402, F401
import scripted_vdp  # noqa: E402, F401
import wrong_both  # noqa: E402, F401
import wrong_draft02  # noqa: E402, F401
import wrong_draft02_vdp  # noqa: E402, F401
import wrong_ecp  # noqa: E402, F401
import wrong_lldp  # noqa: E402, F401
import wrong_vdp  # noqa: E402, F401
import wires  # noqa: E402, F401
import with_lldpad  # noqa: E402, F401
from registry import SCENARIOS, SHOWS, NotHere  # noqa: E402

AT_ONCE = 4
LIMIT = 120 * stage_module.lab.SLOWNESS  # seconds for one scenario; they take some three
NOT_HERE = 77


def play(name, into):
    """In this process: its id is part of the namespaces' names."""
    played = SCENARIOS[name][1]
    with tempfile.TemporaryDirectory() as folder:
        stage = stage_module.Stage(folder)
        try:
            played(stage)
            made = pathlib.Path(folder) / "made"
            stage.save(made, SHOWS.get(name))
            (made / "expected.txt").write_text(stage_module.replay(made / "stimuli.txt"))
        except NotHere as why:
            print(why, file=sys.stderr)
            return NOT_HERE
        except BaseException:
            traceback.print_exc()
            for log, text in stage.lab.logs():
                print(f"---- {log}\n{text[-1500:]}", file=sys.stderr)
            return 1
        finally:
            stage.close()
        shutil.rmtree(into / name, ignore_errors=True)
        shutil.copytree(made, into / name)
    return 0


def write_catalogue(into):
    """One line for each scenario that has a folder."""
    lines = ["# The scenarios", "", "Written by tests/scenarios/make.py; README.md says what a folder holds.",
             "", "| folder | is about |", "| --- | --- |"]
    lines += [f"| {name} | {meaning} |" for name, (meaning, _) in sorted(SCENARIOS.items())
              if (into / name).is_dir()]
    (into / "CATALOGUE.md").write_text("\n".join(lines) + "\n")


def play_apart(name, into):
    command = [sys.executable, str(HERE / "make.py"), "--one", name, "--into", str(into)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
        text, failed = done.stderr, done.returncode not in (0, NOT_HERE)
        if done.returncode == NOT_HERE:
            print(f"{name}: left as it was: {text.strip()}", flush=True)
            return False
    except subprocess.TimeoutExpired:
        text, failed = f"not done within {LIMIT} s\n", True
    print(f"{name}: {'failed' if failed else 'made'}", flush=True)
    if failed:
        print(text[-4000:], flush=True)
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("names", nargs="*", help="scenarios, or beginnings of their names")
    parser.add_argument("--into", type=pathlib.Path, default=HERE.parents[1] / "captures")
    parser.add_argument("--list", action="store_true", help="print names and meanings")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        return play(options.one, options.into)
    names = [name for name in SCENARIOS
             if not options.names or any(name.startswith(one) for one in options.names)]
    if options.list:
        for name in names:
            print(f"{name}: {SCENARIOS[name][0]}")
        return 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        failed = sum(pool.map(lambda name: play_apart(name, options.into), names))
    write_catalogue(options.into)
    print(f"{len(names) - failed} of {len(names)} were made")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
