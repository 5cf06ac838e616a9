# SPDX-License-Identifier: Apache-2.0
"""Running evbd: its file, its signals, its socket, its exit codes, and frames that hurt others."""
import json
import signal

import pytest

import evbd
import lab as lab_module
from lab import stays, wait_for
from scenes import ASSOCIATED, BRIDGE_MAC, MAC_ONE, ONE, Street

MISSING = "00000000-0000-4000-8000-000000000000"


def check(tmp_path, text):
    file = tmp_path / "evbd.toml"
    file.write_text(text)
    return lab_module.run(evbd.BUILD / "evbd", "--check", "--config", file, check=False)


def test_check_accepts_what_evbd_would_run_with(tmp_path):
    answer = check(tmp_path, evbd.port_table("uplink", "station") + evbd.TYPES)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("text, words", [
    ('[[port]]\nname = "uplink"\nrole = "switch"\n', [":3:", "role"]),
    ('[[port]]\nname = "uplink"\n[port.evb]\nrte = 32\n', [":4:", "rte"]),
    ('[[port]]\nname = "a"\n[[port]]\nname = "a"\n', [":3:", "twice"]),
    ('[[port]]\nname = "uplink"\ncolour = 3\n', [":3:", "colour"]),
    ("[[port]\n", [":1:"]),
])
def test_check_names_the_line_and_the_reason(tmp_path, text, words):
    answer = check(tmp_path, text)
    assert answer.returncode == 2
    for word in words:
        assert word in answer.stderr + answer.stdout


def test_check_finds_all_problems_at_once(tmp_path):
    answer = check(tmp_path, '[agent]\nlog_level = "loud"\n[[port]]\nname = "a/b"\n')
    said = answer.stdout + answer.stderr
    assert ":2:" in said and ":4:" in said


def test_evbd_does_not_start_with_a_file_that_is_wrong(tmp_path):
    file = tmp_path / "evbd.toml"
    file.write_text("[[port]]\n")
    answer = lab_module.run(evbd.BUILD / "evbd", "--config", file, check=False)
    assert answer.returncode == 2 and "evbd.toml:1" in answer.stderr


def test_reload_takes_new_timers_and_keeps_associations(lab):
    street = Street(lab)
    street.associate(ONE, MAC_ONE)
    street.station_ports[0] = street.station_ports[0].replace("rte = 10", "rte = 11")
    street.station.configure(street.station_ports)
    street.station.reload()
    wait_for(lambda: street.station.port()["in_use"]["retransmit"]["exponent"] == 11,
             "the new value is in use")
    assert stays(lambda: street.station.states()[ONE] == ASSOCIATED, 0.5)


def test_reload_of_a_broken_file_changes_nothing_and_says_so(lab):
    street = Street(lab)
    street.station.file.write_text("[[port]]\n")
    street.station.reload()
    wait_for(lambda: "evbd.toml:1" in street.station.process.text(), "the log names the line")
    assert street.station.port()["in_use"]["on"]


S_CHANNELS = "[port.cdcp]\nenable = true\nchannels = [2]\n"


@pytest.fixture
def host_without_vlan_devices(lab):
    """In the lab's kernel evbd does have them: see tests/lab/test_s_channels.py."""
    host = lab.host("host")
    host.ip("link", "add", "some0", "type", "veth", "peer", "some1")
    if host.has_vlan_devices("some0"):
        pytest.skip("this kernel has VLAN devices")
    return host


def test_evbd_does_not_start_with_s_channels_where_the_kernel_has_no_vlan_devices(
        host_without_vlan_devices, tmp_path):
    file = tmp_path / "evbd.toml"
    file.write_text(f'[agent]\nrun_dir = "{tmp_path}"\n[api]\nsocket = "{tmp_path}/evbd.sock"\n'
                    f'[profiles]\ndatabase = "{tmp_path}/profiles.db"\n'
                    + evbd.port_table("uplink", "station") + S_CHANNELS)
    answer = host_without_vlan_devices.run(evbd.BUILD / "evbd", "--config", file, check=False)
    assert answer.returncode == 1 and "8021q" in answer.stderr and "cdcp" in answer.stderr


def test_reload_with_s_channels_keeps_the_old_configuration_where_they_cannot_be(
        host_without_vlan_devices):
    ports = [evbd.port_table("uplink", "station")]
    agent = evbd.Evbd(host_without_vlan_devices, ports)
    agent.configure([ports[0] + S_CHANNELS, evbd.port_table("another", "station")])
    agent.reload()
    wait_for(lambda: "8021q" in agent.process.text(), "the log says what is missing")
    shown = agent.json("port", "show")
    assert [port["name"] for port in shown] == ["uplink"] and "cdcp" not in shown[0]


def test_an_interface_may_come_later_and_go_again(lab):
    host, other = lab.host("host"), lab.host("other")
    agent = evbd.Evbd(host, [evbd.port_table("late0", "station")])
    assert not agent.port().get("present")
    lab.wire(host, "late0", other, "far0")
    wait_for(lambda: agent.port().get("link_up"), "evbd takes the interface up")
    host.ip("link", "del", "late0")
    wait_for(lambda: not agent.port().get("present"), "evbd lets the interface go")


def evb_tlv(octets):
    value = bytes.fromhex("0080c20d") + octets
    return (127 << 9 | len(value)).to_bytes(2, "big") + value


def lldpdu(*tlvs):
    source = bytes.fromhex(BRIDGE_MAC.replace(":", ""))
    head = bytes.fromhex("0180c2000000") + source + bytes.fromhex("88cc")
    head += b"\x02\x07\x04" + source + b"\x04\x07\x03" + source + b"\x06\x02\x00\x78"
    return head + b"".join(tlvs) + b"\x00\x00"


def test_an_evb_tlv_too_long_for_lldpad_does_not_hurt_evbd(lab):
    """lldpad copies it into a struct of 9 octets and dies at the next event of the link."""
    street = Street(lab)
    for length in (0, 1, 4, 6, 40, 200, 500):
        street.switch.send("port1", lldpdu(evb_tlv(b"\xff" * length)))
    street.switch.ip("link", "set", "port1", "down")
    street.switch.ip("link", "set", "port1", "up")
    street.station.wait_for_evb()
    street.associate(ONE, MAC_ONE)


def test_frames_of_noise_do_not_hurt_evbd(lab):
    street = Street(lab)
    head = bytes.fromhex("0180c2000000") + bytes.fromhex(BRIDGE_MAC.replace(":", ""))
    for ethertype in ("88cc", "8940"):
        for length in (0, 1, 2, 3, 4, 46, 200, 1500):
            noise = bytes((7 * octet + length) & 0xFF for octet in range(length))
            street.switch.send("port1", head + bytes.fromhex(ethertype) + noise)
    street.associate(ONE, MAC_ONE)
    assert street.station.alive()


def test_evbctl_exit_codes_tell_what_went_wrong(lab):
    street = Street(lab)
    codes = {
        "fine": street.station.ctl("vsi", "show").returncode,
        "usage": street.station.ctl("vsi", "explode").returncode,
        "unknown": street.station.ctl("vsi", "why", MISSING).returncode,
        "refused": street.station.request("associate", "uplink", ONE, mac=MAC_ONE,
                                          type_id=99).returncode,
        "no agent": street.host.run(evbd.BUILD / "evbctl", "--socket", "/nowhere.sock", "port",
                                    "show", check=False).returncode,
    }
    assert codes.pop("fine") == 0
    assert all(codes.values())
    assert len(set(codes.values())) == len(codes), codes


@pytest.mark.parametrize("words", [("port", "show"), ("neighbor", "show"), ("vsi", "show"),
                                   ("agent", "show")])
def test_json_is_always_an_array(lab, words):
    street = Street(lab)
    street.associate(ONE, MAC_ONE)
    answer = street.station.ctl("--json", *words)
    assert answer.returncode == 0
    shown = json.loads(answer.stdout)
    assert isinstance(shown, list) and len(shown) == 1


def test_watch_tells_each_change_once_as_it_happens(lab):
    street = Street(lab)
    watch = street.host.start("watch", evbd.BUILD / "evbctl", "--socket", street.station.socket,
                              "--json", "vsi", "watch")
    wait_for(lambda: "1 watching" in street.station.ctl("agent", "show").stdout,
             "the watch has begun")
    street.associate(ONE, MAC_ONE)
    wait_for(lambda: ASSOCIATED in watch.text(), "the association is told")
    assert street.station.ctl("vsi", "deassociate", ONE).returncode == 0
    wait_for(lambda: "DEASSOCIATED" in watch.text(), "its end is told")


def test_a_client_that_does_not_read_does_not_stall_the_protocol(lab):
    street = Street(lab)
    watch = street.host.start("watch", evbd.BUILD / "evbctl", "--socket", street.station.socket,
                              "vsi", "watch")
    watch.send(signal.SIGSTOP)
    street.associate(ONE, MAC_ONE)
    for _ in range(2):
        street.wait_for_keep_alive(ONE)
