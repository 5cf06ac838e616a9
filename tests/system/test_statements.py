# SPDX-License-Identifier: Apache-2.0
"""tests/conformance/STATEMENTS.md: every test, rule and capture that it names says what it says."""
import pathlib
import re
import shutil

import evbd
from lab import run

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "conformance"


def judged(script=FOLDER / "statements.py"):
    return run(script, "--evbreplay", evbd.BUILD.resolve() / "evbreplay", check=False)


def test_page_says_what_is_so():
    done = judged()
    assert done.returncode == 0, done.stdout


def test_page_that_says_too_much_is_told(tmp_path):
    copy = tmp_path / "tests/conformance"
    shutil.copytree(FOLDER, copy)
    (tmp_path / "captures").symlink_to(FOLDER.parents[1] / "captures")
    page = copy / "STATEMENTS.md"
    said = re.sub(r"\| P04 \|.*", "| P04 | Well. | P04_IsWell | no-such-rule | x.pcap | y.pcap |",
                  page.read_text())
    page.write_text(said.replace("| V20 |", "| V99 |"))
    done = judged(copy / "statements.py")
    assert done.returncode == 1
    assert "C09: tests/lab/test_s_channels.py does not say so any more" in done.stdout, "it is not in the copy"
    for wrong in ("P04 says something else", "P04: P04_IsWell", "P04: no-such-rule", "P04: x.pcap", "P04: y.pcap", "V20 has no row"):
        assert wrong in done.stdout
