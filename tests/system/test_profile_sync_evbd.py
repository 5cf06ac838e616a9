# SPDX-License-Identifier: Apache-2.0
"""evbd beside evb-profile-sync: what another host published is what it applies, and whatever becomes of
etcd meanwhile, evbd goes on with what it has."""
import json
import signal

import pytest

import etcd
import evbd
from lab import wait_for
from test_profile_sync import document
from yard import yard  # noqa: F401 (a fixture)


@pytest.fixture
def street(yard):
    """(yard, cluster, near, far): far mirrors into the database of the yard's evbd."""
    if etcd.missing():
        pytest.skip(etcd.missing())
    host = yard.lab.host("etcd")
    cluster = etcd.Cluster(host)
    near = etcd.Sync(host, "near", cluster, start=False)
    far = etcd.Sync(host, "far", cluster, database=yard.evbd.folder / "profiles.db")
    publish(near, 1400)
    far.wait_for({"finance": 1400})
    yard.attach(name="a", mode="private", profile="finance")
    assert yard.links()["a"]["mtu"] == 1400
    run = yard.evbd.json("agent", "show")[0]["epoch"]
    yield yard, cluster, near, far
    assert yard.evbd.json("agent", "show")[0]["epoch"] == run, "evbd ran throughout"


def publish(near, mtu):
    """Until etcd takes it: while it has no leader, it does not."""
    wait_for(lambda: near.publish(document(finance=mtu), check=False).returncode == 0,
             "etcd takes it", 30)


def publish_and_apply(yard, near, far, mtu):
    """Published on one host, it is told and applied on the other."""
    publish(near, mtu)
    far.wait_for({"finance": mtu})
    wait_for(lambda: yard.interfaces()["a"].get("profile_changed"), "evbd sees the change", 30)
    answer = yard.evbd.ctl("interface", "apply", "--profile", "finance")
    assert answer.returncode == 0, answer.stderr
    assert yard.links()["a"]["mtu"] == mtu


def attaches(yard, name, mtu):
    yard.attach(name=name, mode="private", profile="finance")
    return yard.links()[name]["mtu"] == mtu


def test_published_there_applied_here_though_the_leader_dies_and_history_goes(street):
    yard, cluster, near, far = street
    publish_and_apply(yard, near, far, 1390)
    leader = wait_for(cluster.leader, "there is a leader")
    cluster.kill(leader)
    assert attaches(yard, "b", 1390)
    publish_and_apply(yard, near, far, 1380)
    cluster.start(leader)
    wait_for(cluster.healthy, "the member is back")
    far.process.stop(signal.SIGKILL)
    for mtu in (1370, 1360):
        publish(near, mtu)
    cluster.ctl("compact", str(cluster.revision()))
    assert attaches(yard, "c", 1380)
    far.start()
    far.wait_for({"finance": 1360})
    assert attaches(yard, "d", 1360)
    publish_and_apply(yard, near, far, 1350)


def test_a_wiped_and_a_silent_etcd_take_nothing_away_and_are_told(street):
    yard, cluster, near, far = street
    db = ("profile", "show", "--db", far.database)
    said = yard.evbd.ctl(*db).stdout
    assert f"at revision {cluster.revision()}, last contact" in said, said
    assert "mirrors" not in yard.evbd.ctl("doctor").stdout
    told = json.loads(yard.evbd.ctl("--json", *db).stdout)[0]["mirror"]
    shown = wait_for(lambda: (yard.evbd.json("agent", "show")[0]["profiles"]), "evbd tells")
    assert shown["path"] == str(far.database)
    for mirror in (told, shown["mirror"]):
        assert mirror["cluster"] == far.mirror()[0] and not mirror["stale"], mirror
        assert int(mirror["revision"]) == cluster.revision() and mirror["source"].endswith("/evbd/")
    assert "last contact" in yard.evbd.ctl("agent", "show").stdout
    cluster.wipe()
    wait_for(lambda: "identity" in (far.mirror()[2] or ""), "the loss is told", 40)
    assert attaches(yard, "b", 1400)
    doctor = yard.evbd.ctl("doctor")
    assert doctor.returncode == 1 and "identity is missing" in doctor.stdout, doctor.stdout
    assert "identity is missing" in yard.evbd.ctl(*db).stdout
    publish_and_apply(yard, near, far, 1390)
    for number in cluster.members:
        cluster.kill(number)
    wait_for(lambda: far.mirror()[2], "the silence is told", 30)
    assert attaches(yard, "c", 1390)
    assert "cannot" in yard.evbd.ctl("doctor").stdout


def test_an_authority_that_is_not_trusted_changes_nothing(yard, tmp_path):
    if etcd.missing():
        pytest.skip(etcd.missing())
    files = etcd.make_certificates(tmp_path)
    host = yard.lab.host("etcd")
    cluster = etcd.Cluster(host, files)
    database = yard.evbd.folder / "profiles.db"
    keys = 'ca = "{}"\n'
    good = etcd.Sync(host, "good", cluster, keys.format(files["ca"]), database=database)
    publish(good, 1400)
    good.wait_for({"finance": 1400})
    good.process.stop()
    publish(good, 1300)
    bad = etcd.Sync(host, "bad", cluster, keys.format(files["stranger"]), database=database)
    wait_for(lambda: bad.mirror()[2], "the trouble is told", 30)
    assert bad.profiles() == {"finance": 1400} and attaches(yard, "a", 1400)
    bad.process.stop()
    good.start()
    good.wait_for({"finance": 1300})


def test_all_hosts_vsis_are_seen_in_one_place_while_their_hosts_live(yard):
    if etcd.missing():
        pytest.skip(etcd.missing())
    cluster = etcd.Cluster(yard.lab.host("etcd"))
    nowhere = yard.evbd.folder / "nowhere.sock"
    alpha, beta = (etcd.Sync(cluster.host, name, cluster, reports=socket)
                   for name, socket in (("alpha", yard.evbd.socket), ("beta", nowhere)))
    show = ("evbctl", "vsi", "show", "--all-hosts", "--sync-config", alpha.file)

    def hosts():
        """Host -> ids of its VSIs."""
        said = cluster.host.run(evbd.BUILD / show[0], "--json", *show[1:], check=False).stdout
        return {one["host"]: {vsi["id"] for vsi in one["vsis"]} for one in json.loads(said or "[]")}

    def become(expected):
        wait_for(lambda: hosts() == expected, f"the hosts report {expected}", 30)

    def associate(vsi):
        answer = yard.evbd.request("associate", "uplink", vsi, mac="52:54:00:aa:00:11",
                                   options=["--no-wait"])
        assert answer.returncode == 0, answer.stderr

    one, two = "09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f", "2c6b3a90-41d7-4c1e-9d55-0e6f1f3c7a10"
    associate(one)
    become({"alpha": {one}, "beta": set()})
    associate(two)
    become({"alpha": {one, two}, "beta": set()})
    table = cluster.host.run(evbd.BUILD / show[0], *show[1:]).stdout
    assert "alpha: connected, 2 VSI(s)" in table and one in table and "beta: " in table, table
    assert yard.evbd.ctl("vsi", "deassociate", one).returncode == 0
    become({"alpha": {two}, "beta": set()})
    yard.evbd.kill()
    wait_for(lambda: "alpha: connected" not in cluster.host.run(evbd.BUILD / show[0], *show[1:]).stdout,
             "the loss of evbd is told")
    assert hosts()["alpha"] == {two}, "the guest runs on, as far as anybody knows"
    yard.evbd.start()
    wait_for(lambda: "alpha: connected" in cluster.host.run(evbd.BUILD / show[0], *show[1:]).stdout,
             "evbd is back", 30)
    become({"alpha": {two}, "beta": set()})
    # What ends with a lease ends with its host: 30 s after it was last kept alive.
    leases = {}
    for word in cluster.ctl("lease", "list").stdout.split()[3:]:
        said = json.loads(cluster.ctl("lease", "timetolive", word, "--keys", "-w", "json").stdout)
        assert said["granted-ttl"] == 30 and said["ttl"] > 15, said
        leases[word] = len(said["keys"])
    assert sorted(leases.values()) == [1, 2], leases
    for word in leases:  # a lease that was lost is replaced
        cluster.ctl("lease", "revoke", word)
    become({"alpha": {two}, "beta": set()})
    beta.process.stop(signal.SIGKILL)
    alpha.process.stop(signal.SIGKILL)
    for word in cluster.ctl("lease", "list").stdout.split()[3:]:
        cluster.ctl("lease", "revoke", word)
    assert hosts() == {}


def test_what_a_killed_host_reported_goes_with_its_lease(yard):
    if etcd.missing():
        pytest.skip(etcd.missing())
    cluster = etcd.Cluster(yard.lab.host("etcd"))
    brief, lasting = (etcd.Sync(cluster.host, name, cluster, reports=yard.evbd.socket, lease=lease)
                      for name, lease in (("brief", 3), ("lasting", 3600)))
    vsi = "09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f"
    assert yard.evbd.request("associate", "uplink", vsi, mac="52:54:00:aa:00:11",
                             options=["--no-wait"]).returncode == 0

    def shown():
        return cluster.host.run(evbd.BUILD / "evbctl", "vsi", "show", "--all-hosts",
                                "--sync-config", lasting.file).stdout
    wait_for(lambda: shown().count(vsi) == 2, "both report the VSI", 30)
    brief.process.stop(signal.SIGKILL)
    wait_for(lambda: "brief" not in shown(), "the lease runs out", 60)
    assert "lasting: connected, 1 VSI(s)" in shown() and shown().count(vsi) == 1
    brief.start()
    wait_for(lambda: "brief: connected, 1 VSI(s)" in shown(), "the host is back", 30)
