#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Files stay small enough to be read in one sitting, and every one names its licence.

The length of functions (40 lines) is judged by clang-tidy, which knows what a function is.
"""
import pathlib
import sys

LONGEST = 400
SUFFIXES = {".cpp", ".hpp", ".py", ".sh"}
FOLDERS = ["lldp", "vdp", "profiles", "agent", "tests", ".ci"]


def sources(root):
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and path.suffix in SUFFIXES:
                yield path
    yield from (root / name for name in ("check", "demo", ".ci/run"))


def violations(root):
    for path in sources(root):
        lines = path.read_text().splitlines()
        name = path.relative_to(root)
        if len(lines) > LONGEST:
            yield f"{name}: {len(lines)} lines, more than {LONGEST}: split it"
        if not any("SPDX-License-Identifier: Apache-2.0" in line for line in lines[:2]):
            yield f"{name}: does not begin with its licence"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    found = list(violations(root))
    print("\n".join(found) if found else f"no file is longer than {LONGEST} lines")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
