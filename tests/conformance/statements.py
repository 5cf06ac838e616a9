#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""STATEMENTS.md: for each statement of the standard what it says, its test, the rules of `evbreplay check` that judge
it, and captures that show it. `statements.py --write` makes the page anew; without it the page is
held to the tests and captures that there are: exit code 1 when it says what is not so.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PAGE = HERE / "STATEMENTS.md"
COUNTS = {"L": 24, "E": 16, "P": 17, "V": 34, "C": 9}
STATEMENTS = [f"{letter}{number:02}" for letter, count in COUNTS.items()
              for number in range(1, count + 1)]
# Why check has no rule for a statement: what it would have to know and a capture does not show, or
# which other rule judges what can be seen of it.
UNSEEN = {
    "L03": "interval and hold are configuration, in no frame",
    "L08": "a change is in no frame before it is sent",
    "L10": "disabling is a command, in no frame",
    "L11": "admin status is configuration, in no frame",
    "L13": "decode names it; what a receiver does with it is in no frame",
    "L14": "decode names it; what a receiver does with it is in no frame",
    "L17": "what a receiver ignores is in no frame",
    "L18": "what is stored is in no frame; see evb-rrstat-without-bridge",
    "L19": "what is stored is in no frame; see evb-rrstat-without-bridge",
    "L20": "what is stored is in no frame; see ecp-without-evb",
    "L21": "what is stored is in no frame",
    "L22": "what is stored is in no frame",
    "L23": "what is stored is in no frame",
    "L24": "the carrier is in no frame",
    "E02": "defaults may be configured otherwise",
    "E03": "configuration, in no frame",
    "E04": "a bridge may have been heard before the capture began",
    "E07": "see evb-reserved-bits of the station",
    "E09": "see evb-max-not-used, which judges each EVB TLV",
    "E11": "manual mode is configuration; see evb-max-not-used",
    "E13": "decode names it; see evb-length of the bridge",
    "E14": "transmission is configuration, in no frame",
    "P11": "delivery is in no frame",
    "P12": "see ecp-not-acknowledged",
    "P13": "see ecp-not-acknowledged",
    "P15": "see ecp-not-acknowledged",
    "P16": "see ecp-resend-early, which goes by the RTE in force",
    "V02": "see vdp-unreadable: two managers in one ECPDU",
    "V05": "what was configured is in no frame",
    "V06": "what was asked for is in no frame",
    "V19": "see vdp-response-late, which goes by the values in force",
    "V21": "see vdp-keep-alive-missing, which judges every type",
    "V22": "what the client is told is in no frame",
    "V24": "what the client is told is in no frame",
    "V25": "see vdp-response-missing",
    "V27": "each VSI is judged for itself",
    "V28": "see vdp-response-missing and vdp-keep-alive-missing",
    "V32": "what a receiver ignores is in no frame",
    "V33": "a request that is refused locally is in no frame",
    "V34": "see vdp-keep-alive-early",
    "C04": "what becomes of the channel is in no frame",
    "C05": "what is wanted is in no frame",
    "C08": "what becomes of the channels is in no frame",
}
# What a statement says whose test is not here, and the file that names it where it is tested.
ELSEWHERE = {"C09": ("The EVB TLV and the ECP of an S-channel carry its S-tag.",
                     "tests/lab/test_s_channels.py")}
HEADING = """# Statements

Written by statements.py; `README.md` says what the numbers mean. "Assumption" in a test's name: it rests on one source.
Rules are those of `evbreplay check`; captures are of `captures/`, the smallest in which the statement was
judged, and the smallest that breaks it. Where there is no rule, the row says in brackets what a capture does not show.

| statement | says | test | rules | held in | broken in |
| --- | --- | --- | --- | --- | --- |
"""


def tests():
    """Names of tests by statement."""
    found = {}
    for source in sorted(HERE.glob("*.cpp")):
        for name in re.findall(r"^TEST(?:_F|_P)?\(\w+, *([LEPVC]\d\d\w*)", source.read_text(), re.M):
            found.setdefault(name[:3], []).append(name)
    for statement, (_, path) in ELSEWHERE.items():
        if (ROOT / path).is_file() and statement in (ROOT / path).read_text():
            found.setdefault(statement, []).append(path)
    return found


def meanings():
    """What each statement says: the comment with which its test begins."""
    found = {statement: says for statement, (says, _) in ELSEWHERE.items()}
    test = r"^TEST(?:_F|_P)?\(\w+, *([LEPVC]\d\d)\w*\) \{\n((?: *//.*\n)+)"
    for source in sorted(HERE.glob("*.cpp")):
        for statement, comment in re.findall(test, source.read_text(), re.M):
            words = " ".join(line.strip(" /") for line in comment.splitlines())
            found[statement] = words.replace("|", "/")
    return found


def excused():
    """Statements for which README.md says why there is no test: "| C01 - C06, C08, CDCP | why |"."""
    found = set()
    for line in (HERE / "README.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) < 2 or not re.match(r"[LEPVC]\d\d", cells[0]):
            continue
        for first, last in re.findall(r"([LEPVC]\d\d)(?: - ([LEPVC]\d\d))?", cells[0]):
            number = range(int(first[1:]), int((last or first)[1:]) + 1)
            found |= {f"{first[0]}{n:02}" for n in number}
    return found


def rules(evbreplay):
    """Names of rules by statement."""
    found = {}
    listed = subprocess.run([evbreplay, "rules"], capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        words = line.split()
        if len(words) > 3 and words[2] in STATEMENTS:
            found.setdefault(words[2], []).append(words[0])
    return found


def captures(evbreplay):
    """By statement the captures in which it was held, and broken; small ones first."""
    paths = [*(ROOT / "captures").glob("*.pcap"), *(ROOT / "captures").glob("*/frames.pcapng")]
    held, broken = {}, {}
    for path in sorted(paths, key=lambda it: (it.stat().st_size, it)):
        name = path.parent.name if path.name == "frames.pcapng" else path.name
        done = subprocess.run([evbreplay, "check", "--json", path], capture_output=True, text=True)
        if not done.stdout:
            sys.exit(f"statements.py: check {path} said nothing: {done.stderr}")
        for one in json.loads(done.stdout)["statements"]:
            if one["broken"]:
                broken.setdefault(one["statement"], []).append(name)
            elif one["held"]:
                held.setdefault(one["statement"], []).append(name)
    return held, broken


def listed(names):
    return ", ".join(names)


def page(evbreplay):
    by_test, by_rule, (held, broken) = tests(), rules(evbreplay), captures(evbreplay)
    says = meanings()
    rows = [(statement, says.get(statement, ""), listed(by_test.get(statement, [])) or "none: see README.md",
             listed(by_rule.get(statement, [])) or f"({UNSEEN[statement]})", listed(held.get(statement, [])[:1]),
             listed(broken.get(statement, [])[:1])) for statement in STATEMENTS]
    return HEADING + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def cells_of(line):
    """The names in each cell of a row; what is in brackets names nothing."""
    cells = [cell.strip() for cell in line.strip("|\n").split("|")]
    return [[] if cell.startswith("(") else [word for word in cell.split(", ") if word]
            for cell in cells]


def untrue(text, evbreplay):
    """What the page says, and is not so; and what has neither a test nor a reason."""
    by_test, by_rule, (held, broken) = tests(), rules(evbreplay), captures(evbreplay)
    without = set(STATEMENTS) - by_test.keys() - excused()
    yield from (f"{statement} has no test, and README.md does not say why" for statement in
                sorted(without))
    yield from (f"{statement} has no rule, and UNSEEN does not say why" for statement in STATEMENTS
                if statement not in by_rule and statement not in UNSEEN)
    yield from (f"{statement} has a rule now: take it out of UNSEEN" for statement in UNSEEN
                if statement in by_rule)
    rows = {cells[0][0]: cells[1:] for cells in map(cells_of, text.splitlines())
            if len(cells) == 6 and cells[0] and cells[0][0] in STATEMENTS}
    yield from (f"{statement} has no row" for statement in STATEMENTS if statement not in rows)
    says = meanings()
    yield from (f"{statement} says something else" for statement in rows
                if says.get(statement, "") == "" or f"| {statement} | {says[statement]} |" not in text)
    for statement, (_, *cells) in rows.items():
        truths = (by_test, by_rule, held, broken)
        for said, truth in zip(cells, truths):
            for name in said:
                if name not in truth.get(statement, []) and not name.startswith("none:"):
                    yield f"{statement}: {name} does not say so any more"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--evbreplay", type=pathlib.Path, default=ROOT / "build/gcc/evbreplay")
    parser.add_argument("--write", action="store_true", help="make the page anew")
    arguments = parser.parse_args()
    if arguments.write:
        PAGE.write_text(page(arguments.evbreplay))
        return 0
    wrong = list(untrue(PAGE.read_text() if PAGE.exists() else "", arguments.evbreplay))
    for line in wrong:
        print(f"STATEMENTS.md: {line}; tests/conformance/statements.py --write makes it anew")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
