#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Files stay small enough to be read in one sitting, and every one names its licence.

The length of functions (40 lines) is judged by clang-tidy, which knows what a function is.
"""
import pathlib
import sys

LONGEST = 400
LONGEST_TEST = 700  # a list of cases is read one by one
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
        limit = LONGEST_TEST if name.stem.endswith("_test") else LONGEST
        if len(lines) > limit:
            yield f"{name}: {len(lines)} lines, more than {limit}: split it"
        if not any("SPDX-License-Identifier: Apache-2.0" in line for line in lines[:2]):
            yield f"{name}: does not begin with its licence"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    found = list(violations(root))
    print("\n".join(found) if found else "every file is of readable size")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
