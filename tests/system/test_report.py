# SPDX-License-Identifier: Apache-2.0
"""evbreplay report in a real browser: what is seen, on a screen, a telephone and paper."""
import html.parser
import pathlib
import re
import shutil
import subprocess

import pytest

import browser
import evbd
from lab import run

CAPTURES = pathlib.Path(__file__).resolve().parents[2] / "captures"
PAGES = {
    "deviating": "lldpad-evb22-bridge-frozen.pcap",
    "clean": "pair-three-steps/frames.pcapng",
    "draft02": "lldpad-evb02-lifecycle.pcap",
    "folder": "pair-associate",
    "foreign": "tcpdump-erspan-type-i-4.pcap",
}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What sticks out of the page at the right, and is in no box that scrolls or clips.
STICK_OUT = """[...document.querySelectorAll('body *')].filter(
    e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1
         && !e.closest('.wide, .swimlane')).map(e => e.outerHTML.slice(0, 120)).slice(0, 5)"""
VOID = {"meta", "br", "hr", "img", "link", "input"}


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    reason = browser.missing()
    if reason:
        pytest.skip(reason)
    made = browser.Browser(tmp_path_factory.mktemp("browser"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name, capture in PAGES.items():
        written = run(evbd.BUILD / "evbreplay", "report", CAPTURES / capture, "-o",
                      folder / f"{name}.html", check=False)
        assert written.returncode in (0, 7) and not written.stderr, written.stderr
    return folder


def checked(name):
    path = CAPTURES / PAGES[name]
    path = path / "frames.pcapng" if path.is_dir() else path
    return run(evbd.BUILD / "evbreplay", "check", path, check=False).stdout


class Nesting(html.parser.HTMLParser):
    """Holds a page to: each element is closed, in order."""

    def __init__(self):
        super().__init__()
        self.open, self.wrong = [], []

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append((tag, self.getpos()))


@pytest.mark.parametrize("name", PAGES)
def test_a_browser_shows_all_of_it_and_asks_for_nothing_else(chromium, pages, name):
    parser = Nesting()
    parser.feed((pages / f"{name}.html").read_text(encoding="utf-8"))
    assert not parser.wrong and not parser.open
    chromium.width(1280)
    chromium.open(pages / f"{name}.html")
    frames = int(re.search(r": (\d+) frames in", checked(name)).group(1))
    assert chromium.value("document.querySelectorAll('details.frame svg.arrow').length") == frames
    shafts = chromium.value("""[...document.querySelectorAll('details.frame svg.arrow .shaft')]
        .filter(e => e.getBoundingClientRect().width > 20).length""")
    assert shafts == frames, "an arrow has no length"
    deviations = checked(name).count("\n         likely: ")
    assert chromium.value("document.querySelectorAll('article.deviation').length") == deviations
    asked = [one["params"]["request"]["url"] for one in chromium.told
             if one.get("method") == "Network.requestWillBeSent"]
    assert [url.rsplit("/", 1)[1] for url in asked] == [f"{name}.html"]
    wrong = [one for one in chromium.told
             if one.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded",
                                      "Runtime.consoleAPICalled")]
    assert not wrong


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_sticks_out_of_the_page(chromium, pages, name, width):
    chromium.width(width)
    chromium.open(pages / f"{name}.html")
    chromium.value("document.querySelectorAll('details').forEach(e => { e.open = true; })")
    assert chromium.value(STICK_OUT) == []
    assert chromium.value(OVERFLOW) == 0


def test_a_deviation_leads_to_its_frame_and_back(chromium, pages):
    chromium.width(1280)
    chromium.open(pages / "deviating.html")
    assert not chromium.value("document.querySelector('#f15').checkVisibility()")
    chromium.click("document.querySelector('#d1 .where a')")
    assert chromium.value("location.hash") == "#f15"
    assert chromium.value("document.querySelector('#f15').checkVisibility()")
    assert chromium.value("document.querySelector('#f15').closest('details').open")
    chromium.click("document.querySelector('#f15').closest('details').querySelector('a.remark')")
    assert chromium.value("location.hash") == "#d1"
    top = chromium.value("document.querySelector('#d1').getBoundingClientRect().top")
    assert 0 <= top < 900


def test_a_click_opens_a_frame_and_its_fields_light_up_with_their_octets(chromium, pages):
    chromium.width(1280)
    chromium.open(pages / "clean.html")
    row = "document.querySelectorAll('details.frame')[5]"
    chromium.click(f"{row}.querySelector('.say')")
    assert chromium.value(f"{row}.open")
    part = f"[...{row}.querySelectorAll('.part')].find(e => e.textContent.includes('VSI ID'))"
    field = f"[...{part}.querySelectorAll('tr')].find(e => e.cells[1].textContent == 'VSI ID')"
    background = "getComputedStyle({}).backgroundColor"
    octets = f"{part}.querySelector('.octets .' + {field}.className)"
    dark = chromium.value(background.format(octets))
    chromium.hover(field)
    lit = chromium.value(background.format(octets))
    assert lit != dark and chromium.value(background.format(field)) == lit
    assert chromium.value(f"{octets}.textContent.trim().split(/\\s+/).length") == 16
    chromium.mouse("mouseMoved", 2, 2)
    assert chromium.value(background.format(octets)) == dark
    chromium.hover(octets)
    assert chromium.value(background.format(field)) == lit


def test_it_follows_the_scheme_of_the_system_and_is_light_on_paper(chromium, pages):
    chromium.open(pages / "deviating.html")
    colours = {}
    for scheme in ("light", "dark"):
        chromium.scheme(scheme)
        colours[scheme] = chromium.value("getComputedStyle(document.body).backgroundColor")
    assert colours["light"] == "rgb(255, 255, 255)" and colours["dark"] != colours["light"]
    chromium.call("Emulation.setEmulatedMedia", media="print",
                  features=[{"name": "prefers-color-scheme", "value": "dark"}])
    assert chromium.value("getComputedStyle(document.body).backgroundColor") == colours["light"]
    shown = """[...document.querySelectorAll('details.frame')].filter(
        e => e.querySelector('.box').checkVisibility({contentVisibilityAuto: true})
             && e.querySelector('.box').getBoundingClientRect().height > 0).map(
        e => e.querySelector('.box').id)"""
    # Frames that broke a must or a should are printed with their octets, and only they.
    assert chromium.value(shown) == ["f15", "f39", "f41"]
    chromium.call("Emulation.setEmulatedMedia", media="", features=[])
    printed = chromium.pdf()
    assert printed.startswith(b"%PDF-") and len(printed) > 50_000
    assert 5 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 16


def test_a_name_of_the_capture_is_inert(chromium, tmp_path):
    name = b"</title><script>document.title='taken'</script><img src=x onerror=alert(1)>"
    lldpdu = bytes.fromhex("0207040200000000010404057374300602007 9".replace(" ", ""))
    lldpdu += bytes([5 << 1, len(name)]) + name + b"\0\0"
    frame = bytes.fromhex("0180c200000002000000000188cc") + lldpdu
    head = bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000")
    record = bytes(8) + len(frame).to_bytes(4, "little") * 2
    capture = tmp_path / "<b>&.pcap"
    capture.write_bytes(head + record + frame)
    page = tmp_path / "page.html"
    run(evbd.BUILD / "evbreplay", "report", capture, "-o", page)
    chromium.open(page)
    assert chromium.value("document.title") == "<b>&.pcap: EVB report"
    assert chromium.value("document.scripts.length + document.images.length") == 0
    assert chromium.value("document.querySelector('.say').textContent").endswith(name.decode())


def test_the_standard_input_is_read_and_never_overwritten(pages, tmp_path):
    capture = CAPTURES / PAGES["deviating"]
    with open(capture, "rb") as file:
        piped = subprocess.run([evbd.BUILD / "evbreplay", "report", "-", "-o", "-"], stdin=file,
                               capture_output=True, text=True, timeout=30)
    assert piped.returncode == 7 and not piped.stderr
    named = (pages / "deviating.html").read_text(encoding="utf-8")
    assert piped.stdout == named.replace(str(capture), "standard input").replace(
        f"<title>{capture.name}", "<title>standard input")
    copy = tmp_path / "copy.pcap"
    shutil.copy(capture, copy)
    with open(copy, "rb") as file:
        refused = subprocess.run([evbd.BUILD / "evbreplay", "report", "-", "-o", copy], stdin=file,
                                 capture_output=True, text=True, timeout=30)
    assert refused.returncode == 2 and "name another file" in refused.stderr
    assert copy.read_bytes() == capture.read_bytes()
