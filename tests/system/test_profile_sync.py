# SPDX-License-Identifier: Apache-2.0
"""evb-profile-sync against a real etcd of three members: what is published on one host is applied on
another, whatever happens to etcd in between."""
import itertools
import signal

import pytest

import etcd
from evbd import toml
from lab import stays, wait_for

NUMBERS = itertools.count(1)
BOTH = {"finance": 9000, "guests": None}


def document(**profiles):
    return "\n".join(f"[[port_profile]]\nname = \"{name}\"\ntagged = [10]\n"
                     + (f"mtu = {mtu}\n" if mtu else "") for name, mtu in profiles.items())


@pytest.fixture
def host(lab):
    if etcd.missing():
        pytest.skip(etcd.missing())
    return lab.host("etcd")


@pytest.fixture
def cluster(host):
    return etcd.Cluster(host)


@pytest.fixture(scope="module")
def lasting_cluster(shared_lab):
    """For tests that leave it as it was; each has a prefix of its own."""
    if etcd.missing():
        pytest.skip(etcd.missing())
    return etcd.Cluster(shared_lab.host("lasting"))


def mirrors(host, cluster, prefix, number=""):
    """Two hosts' mirrors, which have all that was published."""
    near, far = (etcd.Sync(host, name, cluster, prefix=prefix)
                 for name in (f"near{number}", f"far{number}"))
    near.publish(document(**BOTH))
    for one in (near, far):
        one.wait_for(BOTH)
    return near, far


@pytest.fixture
def pair(host, cluster):
    return mirrors(host, cluster, etcd.PREFIX)


@pytest.fixture
def pair_on(lasting_cluster, request):
    """(near, far, their cluster, their prefix)"""
    prefix = f"/{request.node.name}/"
    near, far = mirrors(lasting_cluster.host, lasting_cluster, prefix, next(NUMBERS))
    yield near, far, lasting_cluster, prefix
    for one in (near, far):
        one.process.stop()


def test_what_one_host_publishes_the_other_has(pair_on):
    near, far, cluster, _ = pair_on
    assert far.mirror()[1] == cluster.revision() and not far.mirror()[2]
    near.publish(document(guests=1500))
    far.wait_for({"finance": 9000, "guests": 1500})
    near.publish(document(guests=1500), "--replace")
    far.wait_for({"guests": 1500})
    assert near.mirror() == far.mirror()


def test_a_document_that_breaks_a_rule_publishes_nothing(pair_on):
    near, far, cluster, _ = pair_on
    kind = "[[vsi_type]]\nid = 7\nversion = 1\ntagged = [{}]\n"
    near.publish(kind.format(10))
    before = cluster.revision()
    refused = near.publish(kind.format(11) + document(more=None), check=False)
    assert refused.returncode == 1 and "7 version 1" in refused.stderr, refused.stderr
    unread = near.publish("[[port_profile]]\nname = 3\n", check=False)
    assert unread.returncode == 2 and ":2:" in unread.stderr, unread.stderr
    assert cluster.revision() == before
    for options in ((), ("--replace",)):
        assert near.publish(kind.format(11), *options, check=False).returncode == 1
    near.publish(kind.format(11), "--force")
    wait_for(lambda: far.rows("select tagged from vsi_type") == [("11",)], "the new body comes")


def test_a_value_that_cannot_be_read_leaves_what_was_there_and_says_so(pair_on):
    near, far, cluster, prefix = pair_on
    cluster.ctl("put", prefix + "db/profile/finance", "mtu = nonsense")
    wait_for(lambda: "db/profile/finance" in (far.mirror()[2] or ""), "the trouble is told")
    assert far.profiles() == BOTH
    far.process.stop()
    far.start()
    wait_for(lambda: "db/profile/finance" in (far.mirror()[2] or ""), "and is not forgotten")
    assert far.profiles() == BOTH
    near.publish(document(finance=1400))
    far.wait_for({"finance": 1400, "guests": None})
    wait_for(lambda: not far.mirror()[2], "the trouble is over")


def test_the_leader_is_killed_and_a_member_restarted(pair, cluster):
    near, far = pair
    leader = wait_for(cluster.leader, "there is a leader")
    cluster.kill(leader)
    wait_for(lambda: near.publish(document(after=1401), check=False).returncode == 0,
             "another member leads", 30)
    far.wait_for({**BOTH, "after": 1401})
    cluster.start(leader)
    wait_for(cluster.healthy, "all three are back")
    wait_for(lambda: near.publish(document(after=1402), check=False).returncode == 0,
             "all three take it", 30)
    far.wait_for({**BOTH, "after": 1402})
    assert not far.mirror()[2]


def test_a_member_that_hangs_is_left_for_another(host, cluster):
    far = etcd.Sync(host, "far", cluster)
    far.publish(document(**BOTH))
    far.wait_for(BOTH)
    others = cluster.endpoints()[1:]
    near = etcd.Sync(host, "near", cluster, endpoints=others, start=False)
    cluster.members[1].send(signal.SIGSTOP)
    wait_for(lambda: near.publish(document(after=1401), check=False).returncode == 0,
             "the others have a leader", 30)
    far.wait_for({**BOTH, "after": 1401})
    cluster.members[1].send(signal.SIGCONT)


def test_history_that_was_compacted_meanwhile_is_no_matter(pair_on):
    near, far, cluster, _ = pair_on
    far.process.stop(signal.SIGKILL)
    for mtu in (1401, 1402, 1403):
        near.publish(document(guests=mtu))
    near.publish(document(guests=1403, late=1404), "--replace")
    cluster.ctl("compact", str(cluster.revision()))
    far.start()
    far.wait_for({"guests": 1403, "late": 1404})
    assert "compacted" in far.process.text()
    assert far.mirror()[1] == cluster.revision()


def test_an_etcd_that_was_emptied_empties_nobody_until_something_is_published(pair, cluster):
    near, far = pair
    before = far.mirror()[0]
    cluster.wipe()
    wait_for(lambda: "identity" in (far.mirror()[2] or ""), "the loss is told", 40)
    assert far.profiles() == BOTH
    wait_for(lambda: near.publish(document(fresh=1405), check=False).returncode == 0,
             "the new cluster takes it", 30)
    far.wait_for({"fresh": 1405})
    assert far.mirror()[0] != before


def test_without_etcd_the_mirror_stays_and_ends_when_told(pair, cluster):
    _, far = pair
    for number in cluster.members:
        cluster.kill(number)
    wait_for(lambda: far.mirror()[2], "the silence is told", 30)
    assert far.profiles() == BOTH
    assert far.process.stop() == 0


def test_tls_with_the_right_authority_only(host, tmp_path):
    files = etcd.make_certificates(tmp_path)
    cluster = etcd.Cluster(host, files)
    good = etcd.Sync(host, "good", cluster, f"ca = {toml(str(files['ca']))}\n")
    good.publish(document(**BOTH))
    good.wait_for(BOTH)
    bad = etcd.Sync(host, "bad", cluster, f"ca = {toml(str(files['stranger']))}\n")
    refused = bad.publish(document(evil=1500), check=False)
    assert refused.returncode == 1 and refused.stderr
    assert stays(lambda: not bad.profiles(), 2)
    assert "cannot read" in bad.process.text()
    good.publish(document(more=1400))
    good.wait_for({**BOTH, "more": 1400})


def test_authentication_by_user_and_password(host, cluster, tmp_path):
    for words in (("user", "add", "root:secret"), ("user", "grant-role", "root", "root"),
                  ("role", "add", "mirror"),
                  ("role", "grant-permission", "--prefix=true", "mirror", "read", etcd.PREFIX),
                  ("user", "add", "reader:word"), ("user", "grant-role", "reader", "mirror")):
        cluster.ctl(*words)
    cluster.ctl("auth", "enable")

    def keys(name, password):
        file = tmp_path / f"{name}-{password}"
        file.write_text(password + "\n")
        return f"user = \"{name}\"\npassword_file = {toml(str(file))}\n"
    root = etcd.Sync(host, "root", cluster, keys("root", "secret"), start=False)
    root.publish(document(**BOTH))
    reader = etcd.Sync(host, "reader", cluster, keys("reader", "word"))
    reader.wait_for(BOTH)
    assert "permission denied" in reader.publish(document(evil=1500), check=False).stderr
    wrong = etcd.Sync(host, "wrong", cluster, keys("reader", "wrong"))
    wait_for(lambda: "authentication failed" in wrong.process.text(), "the refusal is told")
    assert not wrong.profiles()
    root.publish(document(more=1400))
    reader.wait_for({**BOTH, "more": 1400})
