#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""clang-tidy over the project, in parallel, asking only about what changed.

A file that was found clean is remembered by a hash of all that its verdict depends on: the tool,
its configuration, the compile command, the file and every project header it reaches. The memory is
in the user's cache directory, as ccache's is, so that a fresh clone has it too.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

TIDY = "clang-tidy-14"
INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


class Tree:
    """The sources of one checkout, and what each of them reaches by its includes."""

    def __init__(self, root, build):
        self.root, self.build = root, build
        self.direct = {}

    def includes(self, path):
        if path not in self.direct:
            found = set()
            for name in INCLUDE.findall(path.read_bytes()):
                for base in (self.root, self.build, path.parent):
                    candidate = base / name.decode()
                    if candidate.is_file():
                        found.add(candidate)
                        break
            self.direct[path] = found
        return self.direct[path]

    def reach(self, path):
        seen, todo = set(), [path]
        while todo:
            current = todo.pop()
            if current not in seen:
                seen.add(current)
                todo.extend(self.includes(current))
        return sorted(seen)


def key_of(tree, entry, salt):
    digest = hashlib.sha256(salt)
    command = entry["command"].replace(str(tree.build), "BUILD").replace(str(tree.root), "ROOT")
    digest.update(command.encode())
    for path in tree.reach(pathlib.Path(entry["file"])):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def salt_of(root):
    version = subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout
    return version + (root / ".clang-tidy").read_bytes()


def judge(entry, build):
    """What clang-tidy has to say of one file: empty if nothing."""
    start = time.monotonic()
    result = subprocess.run([TIDY, "--quiet", "-p", str(build), entry["file"]],
                            capture_output=True, text=True)
    complaint = result.stdout.strip()
    if result.returncode != 0 and not complaint:
        complaint = result.stderr.strip() or f"{TIDY} ended with {result.returncode}"
    return complaint, time.monotonic() - start


def wanted(entry, place):
    """The unit tests are left out: gtest's macros take clang-tidy half a minute a file."""
    path = pathlib.Path(entry["file"])
    return path.is_relative_to(place) and not path.name.endswith("_test.cpp")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, required=True,
                        help="build directory with compile_commands.json")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--times", action="store_true", help="print the seconds of each file")
    parser.add_argument("places", nargs="+", help="folders and files to look at")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    root = pathlib.Path(__file__).resolve().parents[2]
    build = arguments.build.resolve()
    memory = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
    memory = memory / "evbd-tidy"
    memory.mkdir(parents=True, exist_ok=True)

    entries = json.loads((build / "compile_commands.json").read_text())
    chosen = {place: [entry for entry in entries if wanted(entry, pathlib.Path(place).resolve())]
              for place in arguments.places}
    for place, found in chosen.items():
        if not found:
            sys.exit(f"tidy: nothing below {place} is compiled in {build}")
    files = {entry["file"]: entry for found in chosen.values() for entry in found}
    entries = list(files.values())
    tree, salt = Tree(root, build), salt_of(root)
    todo = {}
    for entry in entries:
        key = key_of(tree, entry, salt)
        if not (memory / key).exists():
            todo[key] = entry

    complaints = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        running = {pool.submit(judge, entry, build): key for key, entry in todo.items()}
        for done in concurrent.futures.as_completed(running):
            complaint, seconds = done.result()
            if arguments.times:
                print(f"{seconds:6.1f} s  {todo[running[done]]['file']}", flush=True)
            if complaint:
                complaints += 1
                print(complaint, flush=True)
            else:
                (memory / running[done]).touch()
    print(f"{len(entries)} files, {len(todo)} of them looked at now, {complaints} with complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
