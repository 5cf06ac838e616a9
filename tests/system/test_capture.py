# SPDX-License-Identifier: Apache-2.0
"""evbd records; evbreplay tells it to the core again, or plays one side of it to a live peer."""
import pathlib
import re

import pytest

import evbd
import lldpad
from lab import run, wait_for
from scenes import ASSOCIATED, Link, mac, uuid

AT_START = "\n[capture]\nat_start = true\n"
CAPTURES = pathlib.Path(__file__).resolve().parents[2] / "captures"
TENANTS = evbd.TYPES.replace("any_vlan = true", 'manager = "tenants"\nany_vlan = true')


def replay(*words, check=True):
    return run(evbd.BUILD / "evbreplay", "run", *words, check=check)


class Pair(Link):
    def __init__(self, lab, types=evbd.TYPES):
        super().__init__(lab)
        self.bridge = evbd.Evbd(self.far, [evbd.port_table("veth2", "bridge", enforce=False)])
        self.station = evbd.Evbd(self.near, [evbd.port_table("veth0", "station")], types=types)
        self.station.wait_for_evb()

    def associate(self, number):
        answer = self.station.request("associate", "veth0", uuid(number), mac=mac(number))
        assert answer.returncode == 0, answer.stdout + answer.stderr


def test_what_was_recorded_from_the_start_replays_exactly(lab, tmp_path):
    pair = Pair(lab, evbd.TYPES + AT_START)
    for number in range(5):
        pair.associate(number)
    assert pair.station.ctl("vsi", "deassociate", uuid(3)).returncode == 0
    saved = tmp_path / "saved"
    assert pair.station.ctl("capture", "save", saved).returncode == 0
    sent = re.findall(r"(?m)^\S+ send (\S+)", replay(saved).stdout)
    wire = [frame for frame in pair.capture.frames() if frame.source == "02:00:00:00:00:01"]
    # What tcpdump saw of the station while it was recorded, and nothing else.
    assert [octets[28:] for octets in sent] == [frame.payload.hex() for frame in wire][:len(sent)]
    assert len(sent) >= 10
    shown = run("tshark", "-r", saved / "frames.pcapng", "-T", "fields", "-e", "frame.interface_name",
                "-e", "frame.packet_flags_direction", "-e", "frame.comment").stdout.splitlines()
    assert all(line.startswith("veth0\t") for line in shown)
    assert sum("\t0x00000002\t" in line or "\t2\t" in line for line in shown) == len(sent)
    assert any(f"VSI {uuid(1)} is associated: confirmed" in line for line in shown), shown


def test_recording_is_started_stopped_shown_and_bounded(lab, tmp_path):
    pair = Pair(lab)
    nothing = pair.station.ctl("capture", "save", tmp_path / "none")
    assert nothing.returncode == 4 and "evbctl capture start" in nothing.stderr
    assert pair.station.ctl("capture", "start", "--port", "eth9").returncode == 4
    assert pair.station.ctl("capture", "start", "--max-octets", "5").returncode == 2
    started = pair.station.ctl("capture", "start", "--port", "veth0", "--max-octets", "65536")
    assert started.returncode == 0 and "recording, veth0" in started.stdout
    pair.associate(1)
    wait_for(lambda: int(pair.station.json("capture", "show")[0]["dropped"]) > 0,
             "keep-alives have filled the ring", patience=60)
    shown = pair.station.json("capture", "show")[0]
    assert int(shown["octets"]) <= 65536
    assert "stopped" in pair.station.ctl("capture", "stop").stdout
    held = pair.station.json("capture", "show")[0]["stimuli"]
    assert pair.station.ctl("capture", "save", tmp_path / "some").returncode == 0
    assert pair.station.json("capture", "show")[0]["stimuli"] == held, "it is stopped"
    assert "begins=midway" in (tmp_path / "some" / "stimuli.txt").read_text()
    again = pair.station.ctl("capture", "save", tmp_path / "some")
    assert again.returncode == 1 and "is there already" in again.stderr


def play(host, device, scenario, role, *words):
    return host.run(evbd.BUILD / "evbreplay", "run", CAPTURES / scenario / "frames.pcapng", "--as",
                    role, "-i", device, *words, check=False, timeout=60)


def test_the_station_of_a_capture_is_played_to_our_bridge(lab):
    link = Link(lab)
    evbd.Evbd(link.far, [evbd.port_table("veth2", "bridge", enforce=False)])
    for speed in ("max", "1", "5"):
        played = play(link.near, "veth0", "pair-three-steps", "station", "--speed", speed)
        assert played.returncode == 0, f"at speed {speed}:\n{played.stdout}{played.stderr}"
        assert "the peer said what was recorded" in played.stdout


def test_a_bridge_that_answers_otherwise_is_told_apart(lab):
    link = Link(lab)
    evbd.Evbd(link.far, [evbd.port_table("veth2", "bridge", enforce=False)],
              types=evbd.TYPES.replace("version = 2", "version = 3"))
    played = play(link.near, "veth0", "pair-associate", "station", "--speed", "max", "--patience",
                  "1")
    assert played.returncode == 7
    assert re.search(r"(?m)^- Associate response .* reason 0$", played.stdout), played.stdout
    assert re.search(r"(?m)^\+ De-Associate response .* reason 4", played.stdout), played.stdout


def test_vsi_and_mac_are_replaced_on_request(lab):
    link = Link(lab)
    bridge = evbd.Evbd(link.far, [evbd.port_table("veth2", "bridge", enforce=False)])
    played = play(link.near, "veth0", "pair-keep-alives", "station", "--speed", "max", "--replace",
                  f"{uuid(1)}={uuid(77)}", "--replace", f"{mac(1)}={mac(78)}")
    assert played.returncode == 0, played.stdout + played.stderr
    held = bridge.vsis()
    assert list(held) == [uuid(77)] and held[uuid(77)]["filters"][0]["mac"] == mac(78)


def test_the_bridge_of_a_capture_is_played_to_our_station(lab):
    link = Link(lab)
    station = evbd.Evbd(link.near, [evbd.port_table("veth0", "station",
                                                    retry={"first": 60, "longest": 60})])
    player = link.far.start("player", evbd.BUILD / "evbreplay", "run",
                            CAPTURES / "vdp-refused/frames.pcapng", "--as", "bridge", "-i",
                            "veth2", "--speed", "max", "--patience", "20")
    station.wait_for_evb()
    answer = station.request("associate", "veth0", uuid(1), mac=mac(1))
    assert answer.returncode == 1 and "insufficient resources" in answer.stderr, answer.stderr
    player.kill()


@pytest.mark.parametrize("scenario", ["lldpad-bridge-associate", "lldpad-bridge-three-steps"])
def test_the_station_of_a_capture_is_played_to_lldpad(lab, needs_lldpad, scenario):
    link = Link(lab)
    lldpad.Lldpad(link.far, "veth2", "bridge", rka=16)

    def serves_ecp():
        """An empty request is acknowledged once lldpad's ECP has started."""
        link.near.send("veth0", bytes.fromhex("0180c2000000020000000001894010010001").ljust(60, b"\0"))
        return any(frame.is_ecp_ack for frame in link.capture.frames())

    wait_for(serves_ecp, "lldpad serves ECP")
    played = play(link.near, "veth0", scenario, "station", "--speed", "max", "--patience", "10")
    told = played.stdout + played.stderr
    # lldpad's LLDPDUs come when its own second ends, so what they say meanwhile may differ.
    assert "VDP of the peer" not in told and "never acknowledged" not in told, told


def test_the_bridge_of_a_capture_is_played_to_lldpad(lab, needs_lldpad):
    link = Link(lab)
    station = lldpad.Lldpad(link.near, "veth0", "station", rka=16)
    player = link.far.start("player", evbd.BUILD / "evbreplay", "run",
                            CAPTURES / "lldpad-station-associate/frames.pcapng", "--as", "bridge",
                            "-i", "veth2", "--speed", "max", "--patience", "20")
    station.wait_for_neighbor()
    wait_for(link.station_knows_the_bridge, "lldpad has taken up what the player says")
    station.vdptool("assoc", uuid(1), [f"2-{mac(1)}"], manager="tenants")
    wait_for(lambda: any(one.response and one.id == uuid(1).replace("-", "")
                         for one in link.capture.associations()), "the player answers")
    wait_for(lambda: uuid(1) in station.vsis(), "lldpad holds it")
    player.kill()


def test_what_cannot_be_played_is_told_in_one_line(lab):
    link = Link(lab)
    for words, code, sentence in (
            (("station", "--speed", "0"), 2, "--speed '0'"),
            (("king",), 2, "--as 'king' is not station or bridge"),
            (("station", "--replace", "a=b"), 2, "--replace 'a=b'")):
        told = play(link.near, "veth0", "pair-associate", *words)
        assert told.returncode == code and sentence in told.stderr, told.stderr
    told = play(link.near, "eth9", "pair-associate", "station")
    assert told.returncode == 4 and "no interface 'eth9'" in told.stderr
