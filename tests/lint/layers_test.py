# SPDX-License-Identifier: Apache-2.0
"""The layer rule catches what it is there to catch."""
import pathlib

import layers
import pytest

LINKS = """
evb_library(lldp fmt::fmt)
evb_library(vdp lldp)
evb_library(profiles vdp PkgConfig::TOMLPP)
evb_library(agent profiles)
"""


@pytest.fixture
def tree(tmp_path):
    for layer in layers.LAYERS:
        (tmp_path / layer).mkdir()
    (tmp_path / "CMakeLists.txt").write_text(LINKS)
    return tmp_path


@pytest.mark.parametrize("file, line", [
    ("lldp/a.hpp", '#include "vdp/port.hpp"'),
    ("vdp/a.cpp", '#include "agent/ports.hpp"'),
    ("agent/a.cpp", '#include "tests/support/pcap_reader.hpp"'),
    ("lldp/a.cpp", "#include <sys/socket.h>"),
    ("vdp/a.cpp", "#include <boost/asio/io_context.hpp>"),
    ("vdp/a.cpp", "#include <unistd.h>"),
    ("vdp/a.cpp", "#include <thread>"),
    ("profiles/a.cpp", "#include <linux/if_ether.h>"),
    ("lldp/a.cpp", "auto t = std::chrono::steady_clock::now();"),
    ("lldp/a.cpp", "void f() { throw 1; }"),
    ("vdp/a.cpp", 'void f() { std::cerr << "x"; }'),
])
def test_finds_a_line_that_breaks_the_rule(tree, file, line):
    (tree / file).write_text(line + "\n")
    assert len(list(layers.violations(tree))) == 1


@pytest.mark.parametrize("link", ["evb_library(vdp lldp PkgConfig::NL)",
                                  "target_link_libraries(lldp PRIVATE pthread)"])
def test_finds_a_library_that_does_io_linked_to_the_core(tree, link):
    (tree / "CMakeLists.txt").write_text(LINKS + link)
    assert len(list(layers.violations(tree))) == 1


def test_finds_a_stranger_at_the_top_level(tree):
    (tree / "misc").mkdir()
    assert list(layers.violations(tree)) == ["misc: the top level has no place for it"]


def test_lets_comments_and_strings_be(tree):
    (tree / "lldp/a.cpp").write_text('// has no now()\nconst char* a = "throw";\n')
    assert list(layers.violations(tree)) == []


def test_this_project_keeps_the_rule():
    assert list(layers.violations(pathlib.Path(__file__).resolve().parents[2])) == []
