# SPDX-License-Identifier: Apache-2.0
"""S-channels between our station and our bridge. They need a kernel with VLAN devices:

    sudo EVBD_BUILD=build/gcc tests/lab/run --time 600 --memory 3072 --writable captures --env EVBD_BUILD -- \\
        /usr/bin/python3 tests/scenarios/make.py channels
"""
from pairs import Pair
from registry import NotHere, scenario
from stage import ASSOCIATED, FAR, NEAR, mac, uuid, wait_for

# Longer than on a real network: an emulated machine has its pauses, and what ECP repeats then looks early
# or late to who watches the wire.
EVB = {"rte": 17, "rwd": 20, "rka": 20}


class Channels(Pair):
    """The bridge has these SVIDs to give, the station wants these SCIDs. frames.pcapng is the wire,
    with the S-tags that evbd's ports do not see."""

    def __init__(self, stage, wants, pool):
        self.stage = stage
        stage.wire()
        if not stage.near.has_vlan_devices(NEAR):
            raise NotHere("this kernel has no VLAN devices; play it in the lab, see channels.py")
        for host in (stage.near, stage.far):  # nothing but what it is about
            host.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
        stage.tap("station")
        self.bridge = stage.bridge(EVB, cdcp={"enable": True, "svid_pool": pool})
        self.station = stage.station(EVB, cdcp={"enable": True, "channels": wants})

    def channels(self, end, device):
        shown = end.port(device)["cdcp"]["channels"]
        return {one["scid"]: one["svid"] for one in shown if one["scid"] != 1}

    def have(self, expected):
        for end, device in ((self.station, NEAR), (self.bridge, FAR)):
            wait_for(lambda e=end, d=device: self.channels(e, d) == expected,
                     f"{device} has {expected}")

    def ask_in(self, channel, number):
        device = f"{NEAR}.s{channel}"
        self.station.wait_for_evb(device)
        answer = self.station.request("associate", device, uuid(number), mac=mac(number))
        assert answer.returncode == 0, answer.stdout + answer.stderr
        assert self.bridge.vsis()[uuid(number)]["port"] == f"{FAR}.s{channel}"


@scenario("channels-two", "two S-channels, a VSI in each, S-tagged on the wire (C01, C02, C03, C09)")
def two(stage):
    pair = Channels(stage, [2, 3], [100, 199])
    pair.have({2: 100, 3: 101})
    pair.ask_in(2, 1)
    pair.ask_in(3, 2)
    pair.end(1)


@scenario("channels-too-few", "the bridge has one SVID for two S-channels: the second stays asked for (C04)")
def too_few(stage):
    pair = Channels(stage, [2, 3], [100, 100])
    pair.have({2: 100})
    pair.ask_in(2, 1)
    local = pair.station.port(NEAR)["cdcp"]["local"]["channels"]
    assert [one.get("svid", 0) for one in local] == [1, 100, 0]


@scenario("channels-change", "an S-channel is taken out and another is put in; the third keeps its SVID (C05)")
def change(stage):
    pair = Channels(stage, [2, 3], [100, 199])
    pair.have({2: 100, 3: 101})
    pair.ask_in(3, 1)
    pair.station.file.write_text(pair.station.file.read_text().replace("[2, 3]", "[3, 4]"))
    pair.station.reload()
    pair.have({3: 101, 4: 100})
    assert pair.bridge.states() == {uuid(1): ASSOCIATED}


@scenario("channels-off", "the bridge turns CDCP off: the S-channels go, the default one stays (C08)")
def off(stage):
    pair = Channels(stage, [2], [100, 199])
    pair.have({2: 100})
    pair.ask_in(2, 1)
    pair.bridge.file.write_text(pair.bridge.file.read_text().replace("enable = true", "enable = false"))
    pair.bridge.reload()
    wait_for(lambda: pair.channels(pair.station, NEAR) == {}, "the station has none any more")
    wait_for(lambda: pair.station.states().get(uuid(1)) != ASSOCIATED, "nor the VSI in it")
    pair.station.wait_for_evb(NEAR)
