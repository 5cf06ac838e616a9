// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "agent/libvirt/netlink_socket.hpp"
#include "agent/libvirt/netlink_table.hpp"
#include "agent/libvirt/pid_file.hpp"
#include "libvirt_fakes.hpp"
#include "tests/support/net_namespace.hpp"
#include "tests/support/temporary_folder.hpp"

// The agent behind real netlink sockets, in a network namespace of its own.

namespace agent::libvirt {
namespace {

using namespace testing;
using ::testing::HasSubstr;

/// A socket as libvirt opens one for each request.
class Client {
 public:
  Client() : fd_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE)) {
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    ::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    socklen_t size = sizeof address;
    ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_id_ = address.nl_pid;
  }
  std::uint32_t port_id() const { return port_id_; }
  int fd() const { return fd_.get(); }
  bool send(std::uint32_t to, base::Bytes message) const {
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_pid = to;
    return ::sendto(fd_.get(), message.data(), message.size(), 0,
                    reinterpret_cast<const sockaddr*>(&address), sizeof address) >= 0;
  }
  std::optional<base::Octets> receive() const {
    base::Octets buffer(128 * 1024);
    const auto size = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (size < 0) return std::nullopt;
    buffer.resize(static_cast<std::size_t>(size));
    return buffer;
  }

 private:
  net::Fd fd_;
  std::uint32_t port_id_ = 0;
};

/// A host whose messages really leave.
class SocketHost : public FakeHost {
 public:
  explicit SocketHost(const NetlinkSocket& socket) : socket_(socket) {}
  void send(std::uint32_t to, const base::Octets& message) override {
    if (!socket_.send(to, message)) ++dropped;
  }
  int dropped = 0;

 private:
  const NetlinkSocket& socket_;
};

class LibvirtSocketTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (ns.error()) GTEST_SKIP() << *ns.error();
    auto opened = NetlinkSocket::open();
    ASSERT_TRUE(opened) << opened.error();
    socket.emplace(std::move(*opened));
    host.emplace(*socket);
    agent.emplace(ports, *host, std::chrono::milliseconds(100));
    ports.observers.push_back(&*agent);
  }
  /// One turn of the daemon's loop.
  void serve() {
    while (const auto datagram = socket->receive()) {
      agent->receive(ports.time, datagram->from, datagram->octets);
    }
    agent->work(ports.time);
  }
  int answered_error(const Client& client) {
    const auto answer = client.receive();
    return answer ? Sent{0, *answer}.error() : 1;
  }

  test::NetNamespace ns;
  FakePorts ports;
  std::optional<NetlinkSocket> socket;
  std::optional<SocketHost> host;
  std::optional<LibvirtAgent> agent;
};

TEST_F(LibvirtSocketTest, HasThePidAsPortIdSoThatLibvirtCanReadIt) {
  EXPECT_EQ(socket->port_id(), static_cast<std::uint32_t>(::getpid()));
  const auto second = NetlinkSocket::open();
  ASSERT_TRUE(second) << "another id when that is taken";
  EXPECT_NE(second->port_id(), socket->port_id());
  EXPECT_EQ(second->port_id() % (1U << 22U), static_cast<std::uint32_t>(::getpid()));
  EXPECT_LT(second->port_id(), 1'000'000'000U);
}

TEST_F(LibvirtSocketTest, AnswersTheSocketThatAskedAndNotTheEventPort) {
  const Client events;
  const Client request;
  const Client poll;
  ASSERT_TRUE(
      request.send(socket->port_id(), SetLinkMessage{.event_port = events.port_id()}.octets()));
  serve();
  EXPECT_EQ(answered_error(request), 0);
  ASSERT_TRUE(poll.send(socket->port_id(), poll_message(events.port_id())));
  serve();
  EXPECT_FALSE(poll.receive()) << "held";
  ports.confirm(1);
  const auto answer = poll.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ((Sent{0, *answer}.response()), 0);
  EXPECT_FALSE(events.receive());
}

TEST_F(LibvirtSocketTest, ServesOthersWhileOneSendsRubbishOneFloodsAndOneNeverReads) {
  const Client rubbish;
  const Client flood;
  const Client deaf;
  const Client good;
  const int little = 1;
  ::setsockopt(deaf.fd(), SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
  for (int round = 0; round < 50; ++round) {
    rubbish.send(socket->port_id(), base::Octets(1 + static_cast<std::size_t>(round) * 40, 0xEE));
    for (int i = 0; i < 100; ++i) flood.send(socket->port_id(), poll_message(12345));
    for (int i = 0; i < 20; ++i) {
      deaf.send(socket->port_id(), SetLinkMessage{.number = 900, .event_port = 54321}.octets());
    }
    serve();
    while (flood.receive()) {
    }
  }
  EXPECT_EQ(answered_error(rubbish), -EINVAL);
  EXPECT_GT(host->dropped, 0) << "nobody waits for a reader";
  ASSERT_TRUE(good.send(socket->port_id(), SetLinkMessage{.event_port = 777}.octets()));
  serve();
  EXPECT_EQ(answered_error(good), 0);
}

TEST_F(LibvirtSocketTest, GoesOnWhenAClientDiesHalfway) {
  {
    const Client request;
    request.send(socket->port_id(), SetLinkMessage{.event_port = 777}.octets());
    const Client poll;
    poll.send(socket->port_id(), poll_message(777));
  }
  serve();
  ports.confirm(1);
  EXPECT_EQ(host->dropped, 2);
  const Client other;
  other.send(socket->port_id(), SetLinkMessage{.number = 2, .event_port = 888}.octets());
  serve();
  EXPECT_EQ(answered_error(other), 0);
}

TEST_F(LibvirtSocketTest, AnswersAPollWithThousandsOfVsis) {
  const Client client;
  for (std::uint32_t number = 1; number <= 1600; ++number) {
    agent->receive(ports.time, client.port_id(),
                   SetLinkMessage{.number = number, .event_port = 777}.octets());
    while (client.receive()) {
    }
  }
  client.send(socket->port_id(), poll_message(777));
  serve();
  ports.time += std::chrono::milliseconds(100);
  agent->time_passed(ports.time);
  const auto answer = client.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ((Sent{0, *answer}.poll().entries), 1600U);
}

TEST_F(LibvirtSocketTest, IsSeenInTheKernelsTable) {
  const Client client;
  const auto table = read_netlink_table();
  std::vector<std::uint32_t> ids;
  for (const auto& entry : table) ids.push_back(entry.port_id);
  EXPECT_THAT(ids, ::testing::Contains(socket->port_id()));
  EXPECT_THAT(ids, ::testing::Contains(client.port_id()));
  const auto daemons = sockets_of({{static_cast<std::uint32_t>(::getpid()), "libvirtd"}}, table,
                                  {socket->port_id()});
  EXPECT_EQ(daemons.at(0).event.port_id, socket->port_id());
}

class PidFileTest : public ::testing::Test {
 protected:
  std::string text() const {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  const support::TemporaryFolder folder_;
  std::string path = folder_.path() + "/lldpad.pid";
};

TEST_F(PidFileTest, HoldsTheNumberAndALineEndUntilTheEnd) {
  {
    const auto file = PidFile::publish(path, 4242);
    ASSERT_TRUE(file) << file.error();
    EXPECT_EQ(text(), "4242\n");
    EXPECT_EQ(
        std::distance(
            std::filesystem::directory_iterator(std::filesystem::path(path).parent_path()), {}),
        1);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(PidFileTest, StaysWhenItIsNoLongerOurs) {
  {
    const auto file = PidFile::publish(path, 4242);
    std::ofstream(path) << "777\n";
  }
  EXPECT_EQ(text(), "777\n");
}

TEST_F(PidFileTest, ReplacesWhatADeadPredecessorLeft) {
  std::ofstream(path) << "4194303\n";
  EXPECT_TRUE(PidFile::publish(path, 4242));
}

TEST_F(PidFileTest, IsRefusedWhileItsOwnerLives) {
  const auto owner = NetlinkSocket::open();
  ASSERT_TRUE(owner);
  std::ofstream(path) << owner->port_id() << "\n";
  const auto file = PidFile::publish(path, 4242);
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error(), HasSubstr("another agent"));
  EXPECT_THAT(file.error(), HasSubstr("stop and disable it"));
}

TEST_F(PidFileTest, SaysWhereItCannotBeWritten) {
  EXPECT_THAT(PidFile::publish("/proc/nothing/lldpad.pid", 1).error(), HasSubstr("pid_file"));
}

TEST(PidFileText, IsReadAsLibvirtReadsIt) {
  EXPECT_EQ(parse_pid_file("1234\n"), 1234U);
  EXPECT_EQ(parse_pid_file("  1234 rubbish"), 1234U);
  EXPECT_EQ(parse_pid_file(std::string("1234\n\0\0\0\0\0\0\0\0", 13)), 1234U);
  for (const char* const text : {"", "1234", "0\n", "-1\n", "x\n", "1234x", "1234567890\n"}) {
    EXPECT_EQ(parse_pid_file(text), std::nullopt) << text;
  }
}

TEST(NetlinkTable, TellsADaemonsEventPortFromItsRequests) {
  const auto table = parse_netlink_table(
      "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n"
      "0000000000000000 0   4195304    00000000 0        0        0     2        0        900\n"
      "0000000000000000 0   8389608    00000000 0        0        0     2        0        100\n"
      "0000000000000000 15  1000       00000000 0        0        0     2        0        50\n"
      "0000000000000000 0   3221226472 00000000 0        0        0     2        0        910\n"
      "0000000000000000 0   2000       00000000 0        0        0     2        0        10\n"
      "rubbish\n");
  ASSERT_EQ(table.size(), 4U);
  const auto sockets = sockets_of({{1000, "libvirtd"}, {3000, "virtqemud"}}, table);
  ASSERT_EQ(sockets.size(), 2U);
  EXPECT_EQ(sockets[0].event.port_id, 8389608U);
  EXPECT_EQ(sockets[0].requests,
            (std::vector<RouteSocketEntry>{{4195304, 900}, {3221226472, 910}}));
  EXPECT_TRUE(sockets[0].guessed);
  EXPECT_EQ(sockets[1].event.port_id, 0U);
  EXPECT_FALSE(sockets[1].guessed);
}

// Each processor numbers inodes from a range of its own: the oldest need not be the smallest.
TEST(NetlinkTable, BelievesWhatADaemonToldOfItsEventPort) {
  const std::vector<RouteSocketEntry> table{{4195304, 900}, {8389608, 100}, {3000, 5}};
  const auto sockets = sockets_of({{1000, "libvirtd"}, {3000, "virtqemud"}}, table, {4195304, 77});
  EXPECT_EQ(sockets[0].event.port_id, 4195304U);
  EXPECT_EQ(sockets[0].requests, (std::vector<RouteSocketEntry>{{8389608, 100}}));
  EXPECT_FALSE(sockets[0].guessed);
  EXPECT_EQ(sockets[1].event.port_id, 3000U);
  EXPECT_FALSE(sockets[1].guessed) << "there is one only";
}

TEST(Processes, AreFoundByName) {
  std::ifstream comm("/proc/self/comm");
  std::string own;
  std::getline(comm, own);
  const auto found = find_processes({own});
  EXPECT_THAT(found, ::testing::Contains(
                         ::testing::Field(&Process::pid, static_cast<std::uint32_t>(::getpid()))));
}

}  // namespace
}  // namespace agent::libvirt
