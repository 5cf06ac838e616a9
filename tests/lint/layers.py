#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The layer rule, as a test: agent -> profiles -> vdp -> lldp, downward only.

lldp and vdp hold no I/O, thread, clock, log or exception; nothing includes tests; CMake links what
the rule allows and no more. Prints one line per violation and exits 1 if there was any.
"""
import pathlib
import re
import sys

LAYERS = ["lldp", "vdp", "profiles", "agent"]
MAY_LINK = {
    "lldp": {"fmt::fmt"},
    "vdp": {"lldp"},
    "profiles": {"vdp", "PkgConfig::TOMLPP", "SQLiteCpp", "PkgConfig::SQLITE3"},
}
TOP_LEVEL = {
    "agent", "profiles", "vdp", "lldp", "tests", "captures",
    "CMakeLists.txt", "README.md", "LICENSE", "demo", "check", "build", "out",
}
# What the core may include beside itself: the standard's vocabulary, text formatting, Result.
CORE_SYSTEM_HEADERS = {
    "algorithm", "array", "bit", "bitset", "cassert", "charconv", "chrono", "compare", "concepts",
    "cstddef", "cstdint", "cstring", "deque", "functional", "initializer_list", "iterator",
    "limits", "list", "map", "memory", "numeric", "optional", "queue", "ranges", "set", "span",
    "string", "string_view", "tuple", "type_traits", "unordered_map", "unordered_set", "utility",
    "variant", "vector", "fmt/core.h", "fmt/format.h", "fmt/ranges.h", "tl/expected.hpp",
}
CORE_FORBIDDEN = {
    r"\bnow\(\)": "reads a clock: the core is told the time",
    r"\bthrow\b": "throws: a refusal is a value",
    r"\btry\b\s*\{": "catches: nothing in the core throws",
    r"\bstd::c(out|err|log)\b": "logs: facts are Outputs",
    r"\b(f|s|sn)?printf\(": "prints: facts are Outputs",
    r"\berrno\b": "looks at the system",
}
LINKS_FORBIDDEN_IN_PROFILES = re.compile(r"^(sys/socket|linux/|net/|netinet/|netlink/|boost/asio)")
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def without_comments_and_strings(text):
    """The code alone, its lines where they were."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def check_includes(root, layer, path, lines):
    allowed = LAYERS[: LAYERS.index(layer) + 1]
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, name = match.groups()
        where = f"{path.relative_to(root)}:{number}"
        top = name.split("/")[0]
        if quote == '"' and top not in allowed:
            yield f'{where}: {layer} may not include "{name}"'
        if quote == "<" and layer in ("lldp", "vdp") and name not in CORE_SYSTEM_HEADERS:
            yield f"{where}: the core may not include <{name}>"
        if quote == "<" and layer == "profiles" and LINKS_FORBIDDEN_IN_PROFILES.match(name):
            yield f"{where}: profiles know no links, so no <{name}>"


def check_core_words(root, path, text):
    for number, line in enumerate(without_comments_and_strings(text).splitlines(), 1):
        for pattern, reason in CORE_FORBIDDEN.items():
            if re.search(pattern, line):
                yield f"{path.relative_to(root)}:{number}: {reason}"


def check_sources(root):
    for layer in LAYERS:
        for path in sorted((root / layer).rglob("*.[ch]pp")):
            text = path.read_text()
            yield from check_includes(root, layer, path, text.splitlines())
            if layer in ("lldp", "vdp"):
                yield from check_core_words(root, path, text)


def check_links(root):
    text = re.sub(r"#[^\n]*", "", (root / "CMakeLists.txt").read_text())
    declared = dict()
    for match in re.finditer(r"\b(?:evb_library|target_link_libraries)\(\s*(\w+)([^)]*)\)", text):
        words = set(match.group(2).split()) - {"PUBLIC", "PRIVATE", "INTERFACE"}
        declared.setdefault(match.group(1), set()).update(words)
    for layer, allowed in MAY_LINK.items():
        for library in sorted(declared.get(layer, set()) - allowed):
            yield f"CMakeLists.txt: {layer} may not link {library}"
        if layer not in declared:
            yield f"CMakeLists.txt: no library for {layer}"


def check_top_level(root):
    for entry in sorted(root.iterdir()):
        if not entry.name.startswith(".") and entry.name not in TOP_LEVEL:
            yield f"{entry.name}: the top level has no place for it"


def violations(root):
    yield from check_sources(root)
    yield from check_links(root)
    yield from check_top_level(root)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    found = list(violations(root))
    print("\n".join(found) if found else "the layers are as they should be")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
