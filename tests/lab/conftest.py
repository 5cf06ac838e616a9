# SPDX-License-Identifier: Apache-2.0
"""What the lab's tests share: what the system tests do, and wires that see VLAN tags."""
import importlib.util
import os
import pathlib
import sys

import pytest

SYSTEM = pathlib.Path(__file__).resolve().parents[1] / "system"
sys.path.insert(0, str(SYSTEM))


def system_conftest():
    """Its name is this file's name too, so it is loaded under another."""
    spec = importlib.util.spec_from_file_location("system_conftest", SYSTEM / "conftest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


system = system_conftest()
lab, shared_lab = system.lab, system.shared_lab
pytest_runtest_makereport = system.pytest_runtest_makereport


def pytest_collection_modifyitems(items):
    if "EVBD_LAB" not in os.environ:
        for item in items:
            item.add_marker(pytest.mark.skip(reason="runs in the guest: see tests/lab/README.md"))
