#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prints how many tests of a JUnit report passed, failed and were skipped."""
import sys
import xml.etree.ElementTree

passed = failed = skipped = 0
for case in xml.etree.ElementTree.parse(sys.argv[1]).getroot().iter("testcase"):
    if case.find("skipped") is not None:
        skipped += 1
    elif case.find("failure") is not None or case.find("error") is not None:
        failed += 1
    else:
        passed += 1
print(passed, failed, skipped)
