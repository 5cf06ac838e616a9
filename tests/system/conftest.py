# SPDX-License-Identifier: Apache-2.0
"""What the system tests share. Each test gets a lab of its own, removed when the test ends."""
import os
import pathlib
import shutil
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import lab as lab_module  # noqa: E402
import libvirt_host  # noqa: E402


def pytest_collection_modifyitems(items):
    if os.geteuid() != 0:
        for item in items:
            item.add_marker(pytest.mark.skip(reason="needs root for network namespaces"))


@pytest.fixture
def lab(tmp_path, request):
    made = request.node.lab = lab_module.Lab(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared_lab(tmp_path_factory, request):
    """One for all tests of a module: for what takes seconds to start, as libvirtd does."""
    made = request.module.shared_lab_made = lab_module.Lab(tmp_path_factory.mktemp("shared"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def needs_libvirt():
    reason = libvirt_host.missing()
    if reason:
        pytest.skip(reason)


@pytest.fixture
def host(rack):
    """The first host of the module's vm_scenes.Rack."""
    return rack.hosts["one"]


@pytest.fixture
def station(rack):
    return rack.stations["one"]


@pytest.fixture
def needs_lldpad():
    if shutil.which("lldpad") is None:
        pytest.skip("no lldpad here: run it by ./check --only system")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failing test shows what its programs wrote."""
    outcome = yield
    report = outcome.get_result()
    for made in (getattr(item, "lab", None), getattr(item.module, "shared_lab_made", None)):
        if report.failed and made is not None:
            for name, text in made.logs():
                report.sections.append((f"log of {name}", text[-6000:]))
