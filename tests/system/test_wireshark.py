# SPDX-License-Identifier: Apache-2.0
"""captures/evb.lua in tshark says of every field what `evbreplay decode --json` says: of all captures,
and of the same frames with octets altered, cut off and put in between."""
import json
import pathlib
import random
import struct
import subprocess
import xml.etree.ElementTree as xml

import pytest

import evbd
from lab import run

CAPTURES = pathlib.Path(__file__).resolve().parents[2] / "captures"
PLUGIN = CAPTURES / "evb.lua"
PROTOCOLS = ("evb", "cdcp", "evb_ecp", "evb_vdp", "evb02")
ALTERED = 6000
GROUP = "0180c2000000"
ETHERTYPES = {"LLDP": 0x88CC, "ECP": 0x8940, "draft 0.2 ECP": 0x88B7}
ORGANIZATIONAL = {"EVB TLV": "evb", "CDCP TLV": "cdcp", "EVB TLV of draft 0.2": "evb02"}
# The decoder's names of fields, where the plugin's do not follow by lower case.
NAMES = {
    "TLV type": "tlv.type", "TLV length": "tlv.length", "ROL(RWD)": "rol_rwd",
    "ROL(RKA)": "rol_rka", "KEEP/S": "keep", "HARD/M": "hard", "VSI type ID": "type_id",
    "VSI type version": "type_version", "VSI ID format": "vsi_id_format", "VSI ID": "vsi_id",
    "filter info format": "filter_format", "number of entries": "entries", "GroupID": "group",
    "VSI manager ID": "manager_id", "RTE exponent": "rte", "manager ID": "manager_id",
    "type ID": "type_id", "type version": "type_version", "instance ID": "instance_id",
    "supported VSIs": "supported.vsis", "configured VSIs": "configured.vsis",
}
EVB_FAULTS = ("ECPDU", "VDP", "association")  # parts whose every fault the plugin has to see


def tshark(capture, *options):
    done = subprocess.run(["tshark", "-X", f"lua_script:{PLUGIN}", "-r", capture, *options],
                          capture_output=True, text=True, check=True, errors="replace")
    assert "Lua" not in done.stderr, done.stderr
    return done.stdout


def last_word(name):
    return NAMES.get(name, name.lower())


def ours_of(frame):
    """(name, octet, width, value) of each field of EVB that the decoder found; None for the value of
    an identifier whose text depends on its format."""
    for section in frame["sections"]:
        title = section["title"]
        if frame["protocol"] == "LLDP" and title not in ORGANIZATIONAL:
            continue
        if title.endswith("header") and "ECP" not in title and "of draft" not in title:
            continue
        for field in section["fields"]:
            if field["width"]:
                yield last_word(field["name"]), field["octet"], field["width"], value_of(field)


def value_of(field):
    if field["name"] in ("information", "OUI", "MAC", "instance ID") or (
            field["name"] == "VSI manager ID" and field["width"] != 128):
        return int(field["value"].replace(":", "").replace("-", ""), 16)
    return int(field["value"]) if field["width"] <= 32 else None


def theirs_of(packet):
    """(name, octet, octets, value) of each field that the plugin shows."""
    for field in packet.iter("field"):
        name = field.get("name", "")
        protocol = next((p for p in PROTOCOLS if name.startswith(p + ".")), None)
        if protocol is None or name in ("evb.fault", "evb_vdp.uuid"):
            continue
        yield (name[len(protocol) + 1:], int(field.get("pos")), int(field.get("size")),
               int(field.get("value"), 16))


def same_name(ours, theirs):
    """The plugin's names may say more: "supported.relay" of "relay", "reserved3" of "reserved"."""
    theirs = theirs.rstrip("0123456789") if ours == "reserved" else theirs
    theirs = theirs.removeprefix("strange_")
    return theirs == ours or theirs.endswith("." + ours)


def compare(capture):
    """Holds both against each other over one capture. Returns how many fields there were."""
    decoded = run(evbd.BUILD / "evbreplay", "decode", "--json", capture).stdout
    frames = [json.loads(line) for line in decoded.splitlines()]
    assert not tshark(capture, "-Y", "_ws.lua.error"), "the plugin raised an error"
    faulty = set(map(int, tshark(capture, "-Y", "evb.fault", "-T", "fields", "-e",
                                 "frame.number").split()))
    packets = list(xml.fromstring(tshark(capture, "-T", "pdml", "-J", " ".join(PROTOCOLS))))
    assert len(packets) == len(frames)
    count = 0
    for frame, packet in zip(frames, packets):
        if frame["protocol"] not in ETHERTYPES:
            continue
        count += compare_frame(frame, list(theirs_of(packet)))
        parts = [fault["part"] for fault in frame["faults"]]
        if any(part.startswith(EVB_FAULTS) for part in parts):
            assert frame["frame"] in faulty, frame
        elif frame["protocol"] != "LLDP" and frame["captured"] == frame["length"]:
            assert frame["frame"] not in faulty, frame
        if any("EVB TLV" in part or "CDCP" in part for part in parts):
            assert frame["frame"] in faulty, frame
    return count


def compare_frame(frame, theirs):
    ours = list(ours_of(frame))
    told = f"frame {frame['frame']}: {frame['summary']}\n{ours}\n{theirs}"
    assert len(ours) == len(theirs), told
    for (name, octet, width, value), (their_name, pos, size, their_value) in zip(ours, theirs):
        assert same_name(name, their_name) and octet == pos, (name, their_name, told)
        assert width <= size * 8 < width + 16, (name, told)
        assert value is None or value == their_value, (name, told)
    return len(ours)


def write_pcap(path, frames):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for i, (octets, wire_length) in enumerate(frames):
            file.write(struct.pack("<IIII", i, 0, len(octets), wire_length) + octets)


def frames_of(path):
    """Of a little-endian pcap in microseconds, as mergecap writes it."""
    octets, at = path.read_bytes(), 24
    while at < len(octets):
        length, wire_length = struct.unpack_from("<II", octets, at + 8)
        yield octets[at + 16:at + 16 + length], wire_length
        at += 16 + length


def altered(frames, seed):
    """Frames of EVB with octets behind the Ethernet header changed, taken out and put in."""
    chance = random.Random(seed)
    frames = [octets for octets, _ in frames
              if len(octets) > 20 and octets[12:14] in (b"\x88\xcc", b"\x89\x40", b"\x88\xb7")]
    for _ in range(ALTERED):
        octets = bytearray(chance.choice(frames))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(14, len(octets))
            octets[at] = chance.choice((0, 255, octets[at] ^ 1 << chance.randrange(8),
                                        chance.randrange(256)))
        if chance.random() < 0.3:
            at = chance.randrange(14, len(octets))
            del octets[at:at + chance.randint(1, 20)]
        if chance.random() < 0.2:
            at = chance.randrange(14, len(octets) + 1)
            octets[at:at] = chance.randbytes(chance.randint(1, 20))
        octets = octets[:chance.randrange(14, len(octets) + 1)] if chance.random() < 0.2 else octets
        yield bytes(octets), len(octets) + (chance.random() < 0.1) * 100


@pytest.fixture(scope="module")
def all_captures(tmp_path_factory):
    """Every frame of captures/ in one file, for tshark takes half a second to start."""
    merged = tmp_path_factory.mktemp("merged") / "all.pcap"
    captures = sorted([*CAPTURES.glob("*.pcap"), *CAPTURES.glob("*/frames.pcapng")])
    assert len(captures) > 150
    run("mergecap", "-a", "-F", "pcap", "-w", merged, *captures)
    return merged


def test_plugin_shows_each_field_as_our_decoder_does(all_captures):
    assert compare(all_captures) > 10_000


def test_plugin_and_decoder_agree_on_broken_frames(all_captures, tmp_path):
    broken = tmp_path / "broken.pcap"
    write_pcap(broken, altered(frames_of(all_captures), seed=1))
    assert compare(broken) > 10_000


def test_plugin_leaves_what_is_not_ours_to_wireshark(tmp_path):
    """0x88B7 of another OUI, and LLDP as a whole."""
    foreign = tmp_path / "foreign.pcap"
    write_pcap(foreign, [(bytes.fromhex(f"{GROUP}02000000000188b700aabb0000{'00' * 40}"), 59)])
    assert tshark(foreign, "-Y", "ieee802a and not evb02.ecp.oui", "-T", "fields", "-e",
                  "ieee802a.oui").strip() == str(0x00AABB)
    lldp = tshark(CAPTURES / "tcpdump-evb.pcap", "-Y", "evb", "-T", "fields", "-e", "lldp.chassis.subtype",
                  "-e", "evb.rte", "-e", "cdcp.scid")
    assert lldp.split() == ["4", "20", "1"]
