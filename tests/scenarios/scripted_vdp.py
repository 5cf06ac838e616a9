# SPDX-License-Identifier: Apache-2.0
"""What a bridge may say to our station in VDP, by a scripted bridge."""
from peer import ACK, HARD, KEEP, association, tlv
from registry import scenario
from scripted import AtScript
from stage import ASSOCIATED, mac, uuid, wait_for


def refusals(name, meaning, status):
    def play(stage):
        scene = AtScript(stage)
        scene.peer.answer = lambda one, count: (one.kind, status, one.filters)
        scene.ask(code=1)
        wait_for(lambda: scene.state() != ASSOCIATED, "it is refused")
        # KEEP has the station say that nothing is kept, as nothing was there before.
        asked = [one for one in scene.peer.associations() if one.kind == 3]
        assert len({frame.sequence for frame in scene.peer.requests}) <= 1 + bool(status & KEEP)
        assert asked
    scenario(f"vdp-{name}", meaning)(play)


refusals("refused", "an associate refused with reason 2 (V14; qbg22 115)", ACK | 2)
refusals("refused-hard", "an associate refused with a hard error (V17; qbg22 122)", ACK | HARD | 1)
refusals("refused-keep", "an associate refused with KEEP, and nothing before it", ACK | KEEP | 3)
refusals("refused-reserved", "an associate refused with a reserved reason, 9", ACK | 9)


@scenario("vdp-refused-hard-then-other", "after a hard error the client asks for another VLAN, and gets it (V17)")
def refused_hard_then_other(stage):
    scene = AtScript(stage)
    scene.peer.answer = lambda one, count: (one.kind, ACK | (HARD | 1 if count == 1 else 0), one.filters)
    scene.ask(code=1)
    scene.ask(vlan=3)


@scenario("vdp-refused-as-deassociate", "an associate answered by De-Associate with a reason, as lldpad does")
def refused_as_deassociate(stage):
    scene = AtScript(stage)
    scene.peer.answer = lambda one, count: (4, ACK | 2, one.filters)
    scene.ask(code=1)


@scenario("vdp-preassociate-refused", "a pre-associate is refused (qbg22 118)")
def preassociate_refused(stage):
    scene = AtScript(stage)
    scene.peer.answer = lambda one, count: (one.kind, ACK | 2, one.filters)
    scene.ask(verb="preassociate", code=1)


def at_keep_alive(name, meaning, status):
    def play(stage):
        scene = AtScript(stage)
        scene.peer.answer = lambda one, count: (one.kind, ACK if count == 1 else status, one.filters)
        scene.ask()
        scene.lost()
    scenario(f"vdp-keep-alive-{name}", meaning)(play)


at_keep_alive("refused", "the first keep-alive is refused: the association ends (qbg22 116)", ACK | 2)
at_keep_alive("refused-keep", "KEEP to a keep-alive: the station de-associates (V16; qbg22 121)",
              ACK | KEEP | 3)


def bridge_ends(name, meaning, status, filters, form=2, count=None, cut=False):
    def play(stage):
        scene = AtScript(stage)
        scene.ask()
        made = association(4, status, uuid(1), filters=filters, form=form, count=count)
        scene.peer.vdp(tlv(4, made[2:25]) if cut else made)
        scene.lost()
        assert scene.peer.sequence in scene.peer.acks()
    scenario(f"vdp-bridge-ends-{name}", meaning)(play)


ENTRY = bytes.fromhex(mac(1).replace(":", "")) + b"\0\2"
bridge_ends("full", "De-Associate of the bridge with full filters (V23; qbg22 117)", 0, ENTRY)
bridge_ends("response-bit", "De-Associate of the bridge with the response bit (V23)", ACK, ENTRY)
bridge_ends("no-entries", "De-Associate of the bridge with no entries (V23)", 0, b"", count=0)
bridge_ends("short", "De-Associate of the bridge that ends after the filter format (V23)", 0, b"", cut=True)


@scenario("vdp-silence", "acknowledged, and never answered: respWaitDelay (V18)")
def silence(stage):
    scene = AtScript(stage)
    scene.peer.answer = lambda one, count: None
    scene.ask(code=1)


@scenario("vdp-no-acks", "nothing is acknowledged: R+1 sends at equal gaps, then the client is told (P05, P06)")
def no_acks(stage):
    scene = AtScript(stage)
    scene.peer.acknowledges, scene.peer.answer = False, lambda one, count: None
    scene.ask(code=1)
    assert len(scene.peer.requests) == 4


@scenario("vdp-vid-and-pcp", "VID 0 is answered with VLAN 42 and priority 3 (V09, V10; qbg22 202)")
def vid_and_pcp(stage):
    scene = AtScript(stage)
    scene.peer.answer = lambda one, count: (one.kind, ACK, one.filters[:6] + b"\xb0\x2a")
    scene.ask(vlan=None, options=("--bridge-assigns-vlan",))
    filters = scene.station.vsis()[uuid(1)]["filters"]
    assert filters[0]["vid"] == 42 and filters[0]["pcp"] == 3
    wait_for(lambda: len(scene.peer.associations()) >= 2, "a keep-alive follows")
    assert scene.state() == ASSOCIATED


@scenario("vdp-vid-without-ps", "VID 0 is answered with VLAN 42 and a priority that does not count (V10)")
def vid_without_ps(stage):
    scene = AtScript(stage)
    scene.peer.answer = lambda one, count: (one.kind, ACK, one.filters[:6] + b"\x30\x2a")
    scene.ask(vlan=None, options=("--bridge-assigns-vlan",))
    assert scene.station.vsis()[uuid(1)]["filters"][0]["vid"] == 42


@scenario("vdp-other-filter", "a response with another MAC address than asked does not confirm (V13)")
def other_filter(stage):
    scene = AtScript(stage)
    scene.peer.answer = lambda one, count: (one.kind, ACK, b"\x52\x54\0\0\0\x99" + one.filters[6:])
    scene.ask(code=1)


@scenario("vdp-keep-to-change", "KEEP to a change of filters: the old association stays and is kept alive (V15)")
def keep_to_change(stage):
    scene = AtScript(stage)
    scene.ask(vlan=2)
    scene.peer.answer = lambda one, count: (
        one.kind, ACK | KEEP | 2 if one.filters[-1] == 3 else ACK, one.filters)
    scene.ask(vlan=3, code=1)
    heard = len(scene.peer.associations())
    wait_for(lambda: len(scene.peer.associations()) > heard, "a keep-alive of the old one follows")
    assert scene.state() == ASSOCIATED


@scenario("vdp-deassociate-unanswered", "the client's de-associate is never answered: it ends all the same (V25)")
def deassociate_unanswered(stage):
    scene = AtScript(stage)
    scene.ask()
    scene.peer.answer = lambda one, count: None
    scene.station.ctl("vsi", "deassociate", uuid(1))
    wait_for(lambda: scene.state() is None, "it is gone")


@scenario("vdp-bridge-forgets", "the bridge's EVB TLV shows that it forgot the station: all is asked again")
def bridge_forgets(stage):
    scene = AtScript(stage, (3, 5, 0x68, 0x4E, 0x10))
    scene.ask()
    heard = len(scene.peer.associations())
    scene.peer.lldp((2, 0, 0x68, 0x4E, 0x10))
    wait_for(lambda: len(scene.peer.associations()) > heard, "the association is asked for again")
