# SPDX-License-Identifier: Apache-2.0
"""Live migration between two libvirtds, each with its own evbd, as bridge and wire see it."""
import itertools

import pytest

import frames
from libvirt_host import domain, interface
from scenes import MAC_ONE, ONE, mac, uuid
from vm_scenes import Rack

COMES, GOES = 0x10, 0x20  # M: the VSI comes from another station; S: it is suspended here (41.2.3)
ONE_AT_MOST = """[[vsi_type]]
id = 42
version = 1
name = "one at most"
untagged = 2
max_instances = 1
"""
LIMITED = {"type_id": 42, "version": 1}
sockets = itertools.count()


@pytest.fixture(scope="module")
def built(needs_libvirt, shared_lab):
    return Rack(shared_lab, ("one", "two", "three"), apart=("three",), apart_types=ONE_AT_MOST)


@pytest.fixture
def rack(built):
    yield built
    built.is_empty()


def migrate(rack, name, source, target, check=True):
    way = rack.lab.short_folder() / f"migration-{next(sockets)}"
    return rack.hosts[source].virsh("migrate", "--live", name, rack.hosts[target].uri,
                                    "--migrateuri", f"unix://{way}", check=check)


def test_a_vm_that_migrates_takes_its_vsi_and_its_traffic_along(rack):
    rack.hosts["one"].create(domain("guest", interface(MAC_ONE, ONE), boots=True))
    rack.agrees()
    rack.hears(MAC_ONE)
    since = {name: rack.spoken(name) for name in ("one", "two")}
    migrate(rack, "guest", "one", "two")
    assert rack.hosts["two"].running() == {"guest"} and not rack.hosts["one"].running()
    rack.agrees()
    rack.hears(MAC_ONE)

    came = rack.requests("two", since["two"])
    assert [one.kind for one in came[:2]] == [frames.PRE, frames.ASSOC]
    assert all(one.status & COMES for one in came[:2]), came
    went = rack.requests("one", since["one"])[-1]
    assert went.kind == frames.DEASSOC and went.status & GOES, went
    assert MAC_ONE in rack.switch.fdb("port2") - rack.switch.fdb("port1")


def test_there_and_back_again(rack):
    rack.hosts["one"].create(domain("guest", interface(mac(1), uuid(1)), interface(mac(2), uuid(2))))
    for source, target in (("one", "two"), ("two", "one"), ("one", "two")):
        migrate(rack, "guest", source, target)
        rack.agrees()
        assert len(rack.hosts[target].interfaces()) == 2


def test_a_migration_that_the_targets_bridge_refuses_leaves_the_source_running(rack):
    rack.hosts["one"].create(domain("guest", interface(MAC_ONE, ONE), boots=True))
    rack.agrees()
    since = rack.spoken("one")
    answer = migrate(rack, "guest", "one", "three", check=False)
    assert answer.returncode != 0 and "error 4 during port-profile setlink" in answer.stderr, (
        answer.stderr)
    assert rack.hosts["one"].running() == {"guest"} and not rack.hosts["three"].running()
    rack.agrees()
    rack.hears(MAC_ONE)
    assert frames.DEASSOC not in [one.kind for one in rack.requests("one", since)]


def test_a_migration_whose_memory_is_over_when_the_targets_bridge_refuses(rack):
    """Only an associate counts for a type's limit: the bridge takes the pre-associate before it."""
    rack.hosts["three"].create(domain("first", interface(mac(1), uuid(1), **LIMITED)))
    rack.hosts["one"].create(domain("guest", interface(MAC_ONE, ONE, **LIMITED), boots=True))
    rack.agrees()
    since = {name: rack.spoken(name) for name in ("one", "three")}
    answer = migrate(rack, "guest", "one", "three", check=False)
    assert answer.returncode != 0, answer.stdout
    assert rack.hosts["one"].running() == {"guest"} and rack.hosts["three"].running() == {"first"}
    rack.agrees()
    rack.hears(MAC_ONE)
    came = [one.kind for one in rack.requests("three", since["three"])
            if one.id == ONE.replace("-", "")]
    assert came[:2] == [frames.PRE, frames.ASSOC], came
    assert frames.DEASSOC not in [one.kind for one in rack.requests("one", since["one"])]
    why = rack.stations["three"].ctl("vsi", "why", ONE).stdout
    assert "limit" in why, why


def test_evbd_of_the_target_killed_and_restarted_after_the_migration(rack):
    rack.hosts["one"].create(domain("guest", interface(MAC_ONE, ONE)))
    migrate(rack, "guest", "one", "two")
    rack.stations["two"].kill()
    rack.stations["two"].start()
    rack.agrees()
