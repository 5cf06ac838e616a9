// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

#include "agent/api/framing.hpp"
#include "agent/api/listener.hpp"
#include "agent/api/server.hpp"
#include "agent/api/service.hpp"
#include "agent/config/config.hpp"
#include "tests/agent/api_ports.hpp"
#include "tests/support/temporary_folder.hpp"

namespace agent::api {
namespace {

using testing::HasSubstr;

/// A client that never blocks: the test runs the loop between what it writes and reads.
class RawClient {
 public:
  explicit RawClient(const std::string& path)
      : descriptor_(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    connected =
        connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawClient() { close(descriptor_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected = false;
  bool at_end = false;

  void write(const std::string& octets) {
    (void)!::send(descriptor_, octets.data(), octets.size(), MSG_NOSIGNAL);
  }
  void send(const pb::ClientMessage& message) {
    std::string out;
    append_message(out, message);
    write(out);
  }
  /// What has arrived so far.
  std::vector<pb::ServerMessage> read() {
    std::uint8_t input[65536];
    while (true) {
      const auto octets = recv(descriptor_, input, sizeof input, 0);
      if (octets == 0 || (octets < 0 && errno == ECONNRESET)) at_end = true;
      if (octets <= 0) break;
      reader_.append(base::Bytes(input, static_cast<std::size_t>(octets)));
      for (auto next = reader_.next(); next && *next; next = reader_.next()) {
        messages_.emplace_back().ParseFromArray((*next)->data(), static_cast<int>((*next)->size()));
      }
    }
    return std::exchange(messages_, {});
  }

 private:
  int descriptor_;
  FrameReader reader_{1U << 24U};
  std::vector<pb::ServerMessage> messages_;
};

pb::ClientMessage hello() {
  pb::ClientMessage message;
  message.mutable_hello()->set_protocol_major(kProtocolMajor);
  message.mutable_hello()->set_program("test");
  return message;
}

pb::ClientMessage list_vsis(std::uint32_t id) {
  pb::ClientMessage message;
  message.mutable_request()->set_id(id);
  message.mutable_request()->mutable_vsi_list();
  return message;
}

class ApiServer : public testing::Test {
 protected:
  ApiServer() {
    config.socket = folder_.path() + "/evbd.sock";
    config.max_message = 4096;
    config.max_connections = 3;
    ports.link_up();
  }

  void listen() {
    server = std::make_unique<Server>(loop, ports, config);
    const auto listening = server->listen();
    ASSERT_TRUE(listening) << listening.error();
    ports.observer = server.get();
  }
  /// Runs what is ready, and what that makes ready.
  void run() {
    loop.restart();
    while (loop.poll() > 0) {
    }
  }
  std::vector<pb::ServerMessage> exchange(RawClient& client, const pb::ClientMessage& message) {
    client.send(message);
    run();
    return client.read();
  }
  void greet(RawClient& client) {
    const auto answers = exchange(client, hello());
    ASSERT_EQ(answers.size(), 1U);
    ASSERT_TRUE(answers[0].has_hello());
  }
  std::string listen_error() {
    Server other(loop, ports, config);
    const auto listening = other.listen();
    return listening ? "" : listening.error();
  }

  const support::TemporaryFolder folder_;
  boost::asio::io_context loop;
  FakePorts ports;
  ApiConfig config;
  std::unique_ptr<Server> server;
};

TEST_F(ApiServer, ServesAHelloAndARequest) {
  listen();
  RawClient client(config.socket);
  greet(client);
  const auto answers = exchange(client, list_vsis(7));
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].response().id(), 7U);
  EXPECT_EQ(answers[0].response().status().code(), pb::OK);
  EXPECT_EQ(server->connections(), 1U);
}

TEST_F(ApiServer, MakesTheSocketWithItsModeAndRemovesItInTheEnd) {
  config.mode = 0640;
  listen();
  struct stat status {};
  ASSERT_EQ(stat(config.socket.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0640U);
  server->stop();
  EXPECT_NE(stat(config.socket.c_str(), &status), 0);
}

TEST_F(ApiServer, ReplacesASocketFileThatNobodyListensOn) {
  auto left_over = open_listener(config);
  ASSERT_TRUE(left_over);
  close(left_over->descriptor);  // as a crash leaves it
  listen();
  EXPECT_TRUE(RawClient(config.socket).connected);
}

TEST_F(ApiServer, LeavesASocketAloneThatAnotherListensOn) {
  listen();
  EXPECT_EQ(listen_error(), "Another evbd listens on '" + config.socket +
                                "'; stop it, or set api.socket to another path.");
  EXPECT_TRUE(RawClient(config.socket).connected);
}

TEST_F(ApiServer, LeavesAFileAloneThatIsNoSocket) {
  std::ofstream(config.socket) << "precious";
  EXPECT_THAT(listen_error(), HasSubstr("exists and is no socket"));
  std::string content;
  std::ifstream(config.socket) >> content;
  EXPECT_EQ(content, "precious");
}

TEST_F(ApiServer, SaysWhatIsWrongWithItsConfiguration) {
  config.group = "no-such-group";
  EXPECT_THAT(listen_error(), HasSubstr("api.group: there is no group 'no-such-group'"));
  config.group = "";
  config.admin_group = "no-such-group";
  EXPECT_THAT(listen_error(), HasSubstr("api.admin_group: there is no group 'no-such-group'"));
  config.admin_group = "";
  config.socket = folder_.path() + "/missing/evbd.sock";
  EXPECT_THAT(listen_error(), HasSubstr("No such file or directory"));
  config.socket = std::string(200, 'x');
  EXPECT_THAT(listen_error(), HasSubstr("is not a path of 1 to 107 octets"));
}

TEST_F(ApiServer, TellsWhoIsOneTooManyAndTakesTheNextWhenOneLeaves) {
  listen();
  auto first = std::make_unique<RawClient>(config.socket);
  RawClient second(config.socket);
  RawClient third(config.socket);
  RawClient fourth(config.socket);
  run();
  const auto told = fourth.read();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].response().status().code(), pb::OVERLOADED);
  EXPECT_THAT(told[0].response().status().sentence(), HasSubstr("serves 3 connections already"));
  EXPECT_TRUE(fourth.at_end);
  first.reset();
  run();
  RawClient fifth(config.socket);
  greet(fifth);
}

TEST_F(ApiServer, RefusesAMessageThatIsTooLongAndClosesTheConnection) {
  listen();
  RawClient client(config.socket);
  greet(client);
  client.write(std::string("\0\0\x10\1", 4));
  run();
  const auto answers = client.read();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].response().id(), 0U);
  EXPECT_EQ(answers[0].response().status().code(), pb::TOO_LARGE);
  EXPECT_EQ(answers[0].response().status().sentence(),
            "A message of 4097 octets was announced; at most 4096 are taken.");
  EXPECT_TRUE(client.at_end);
  EXPECT_EQ(server->connections(), 0U);
}

TEST_F(ApiServer, RefusesRubbishAndClosesTheConnection) {
  listen();
  RawClient client(config.socket);
  client.write(std::string("\0\0\0\3\xFF\xFF\xFF", 7));
  run();
  const auto answers = client.read();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].response().status().sentence(),
            "3 octets that are no message of this protocol.");
  EXPECT_TRUE(client.at_end);
}

TEST_F(ApiServer, WantsAHelloFirstAndOnlyOnce) {
  listen();
  RawClient hasty(config.socket);
  const auto refused = exchange(hasty, list_vsis(1));
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].response().status().sentence(),
            "The first message of a connection must be a Hello.");
  EXPECT_TRUE(hasty.at_end);
  RawClient polite(config.socket);
  greet(polite);
  EXPECT_EQ(exchange(polite, hello())[0].response().status().code(), pb::INVALID);
}

TEST_F(ApiServer, RefusesAClientOfAnotherProtocol) {
  listen();
  RawClient client(config.socket);
  auto message = hello();
  message.mutable_hello()->set_protocol_major(9);
  const auto answers = exchange(client, message);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].response().status().code(), pb::UNSUPPORTED);
  EXPECT_TRUE(client.at_end);
}

TEST_F(ApiServer, AnswersAFloodOfRequestsInTheirOrder) {
  listen();
  RawClient client(config.socket);
  greet(client);
  std::string flood;
  for (std::uint32_t id = 1; id <= 2000; ++id) {
    pb::ClientMessage message;
    message.mutable_request()->set_id(id);
    message.mutable_request()->mutable_agent_show();
    append_message(flood, message);
  }
  client.write(flood);
  std::uint32_t next = 1;
  for (int turns = 0; next <= 2000 && turns < 1000; ++turns) {
    run();
    for (const auto& answer : client.read()) EXPECT_EQ(answer.response().id(), next++);
  }
  EXPECT_EQ(next, 2001U);
}

TEST_F(ApiServer, StopsReadingFromAClientThatDoesNotReadItsAnswers) {
  config.max_pending_output = 1U << 20U;
  listen();
  RawClient client(config.socket);
  greet(client);
  RawClient other(config.socket);
  greet(other);
  std::string flood;
  for (std::uint32_t id = 1; id <= 1000; ++id) {
    pb::ClientMessage message;
    message.mutable_request()->set_id(id);
    message.mutable_request()->mutable_port_list();
    append_message(flood, message);
  }
  for (int i = 0; i < 50; ++i) {
    client.write(flood);
    run();
  }
  // Others are served as if nothing was, and nobody was cut off.
  EXPECT_EQ(exchange(other, list_vsis(1)).size(), 1U);
  EXPECT_EQ(server->connections(), 2U);
}

TEST_F(ApiServer, CutsOffAClientWhoseAnswersPileUpBeyondTheLimit) {
  config.max_pending_output = 100;
  ports.trouble = std::string(1U << 20U, 'x');  // the kernel takes a part of such an answer
  listen();
  RawClient client(config.socket);
  greet(client);
  std::string both;
  for (std::uint32_t id = 1; id <= 2; ++id) {
    pb::ClientMessage message;
    message.mutable_request()->set_id(id);
    message.mutable_request()->mutable_port_list();
    append_message(both, message);
  }
  client.write(both);
  std::vector<pb::ServerMessage> answers;
  for (int turns = 0; turns < 1000 && !client.at_end; ++turns) {
    run();
    std::ranges::move(client.read(), std::back_inserter(answers));
  }
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].response().ports().ports_size(), 2) << "it was begun, and has to be whole";
  EXPECT_EQ(answers.back().response().status().code(), pb::OVERLOADED);
  EXPECT_EQ(answers.back().response().status().sentence(),
            "More than 100 octets of answers were not read; they are dropped.");
  EXPECT_TRUE(client.at_end);
}

TEST_F(ApiServer, AWatcherThatStopsReadingCostsNothingAndHearsWhatItMissed) {
  listen();
  RawClient client(config.socket);
  greet(client);
  pb::ClientMessage message;
  message.mutable_request()->set_id(1);
  message.mutable_request()->mutable_watch();
  ASSERT_EQ(exchange(client, message).size(), 1U);
  for (std::size_t i = 0; i < 3 * kLoggedEvents; ++i) {
    server->port_changed("eth0");
    if (i % 64 == 0) run();
  }
  std::uint64_t told = 0;
  std::uint64_t lost = 0;
  for (int idle = 0; idle < 3;) {
    run();
    const auto events = client.read();
    idle = events.empty() ? idle + 1 : 0;
    for (const auto& event : events) {
      told += event.event().has_port_changed() ? 1 : 0;
      lost += event.event().lost().count();
    }
  }
  EXPECT_GT(lost, 0U);
  EXPECT_EQ(told + lost, 3 * kLoggedEvents);
}

TEST_F(ApiServer, AnswersAWaitWhenTheFactComesLater) {
  config.max_message = 1U << 20U;
  listen();
  RawClient client(config.socket);
  greet(client);
  ports.connected = false;
  pb::ClientMessage message;
  message.mutable_request()->set_id(3);
  auto& change = *message.mutable_request()->mutable_vsi_associate();
  change.set_type(pb::ASSOCIATE);
  change.set_wait(pb::FIRST_ANSWER);
  auto& vsi = *change.add_vsis();
  vsi.set_device("eth0.2");
  vsi.set_id(kFirstId);
  vsi.mutable_manager()->set_number(1);
  vsi.add_filters()->set_mac("52:54:00:aa:00:11");
  EXPECT_TRUE(exchange(client, message).empty());
  ports.connected = true;
  ports.advance(std::chrono::seconds(5));
  run();
  const auto answers = client.read();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].response().vsi_results().results(0).state(), pb::ASSOCIATED);
}

TEST_F(ApiServer, ForgetsAClientThatLeavesInTheMiddle) {
  listen();
  {
    RawClient client(config.socket);
    greet(client);
    client.write(std::string("\0\0\0\x50 half a", 11));
    run();
  }
  run();
  EXPECT_EQ(server->connections(), 0U);
}

TEST_F(ApiServer, CanBeDestroyedWhileClientsAreConnected) {
  listen();
  RawClient client(config.socket);
  greet(client);
  ports.observer = nullptr;
  server.reset();
  run();
  client.read();
  EXPECT_TRUE(client.at_end);
}

TEST(ApiPermissions, RootAndTheAdminGroupMayChange) {
  const Peer root{0, 0, 1};
  const Peer user{1000, 1000, 1};
  EXPECT_TRUE(may_change(root, {0}, std::nullopt));
  EXPECT_TRUE(may_change(user, {1000, 77}, gid_t{77}));
  EXPECT_FALSE(may_change(user, {1000}, gid_t{77}));
  EXPECT_FALSE(may_change(user, {1000}, std::nullopt));
}

TEST(ApiPermissions, KnowsGroupsByNameAndNumber) {
  EXPECT_EQ(group_id("root"), gid_t{0});
  EXPECT_EQ(group_id("4711"), gid_t{4711});
  EXPECT_EQ(group_id("no-such-group"), std::nullopt);
  EXPECT_EQ(group_id(""), std::nullopt);
}

TEST(ApiPermissions, TheKernelSaysWhoIsAtTheOtherEnd) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const auto peer = peer_of(ends[0]);
  ASSERT_TRUE(peer);
  EXPECT_EQ(peer->uid, getuid());
  EXPECT_EQ(peer->pid, getpid());
  EXPECT_THAT(groups_of(ends[0]), testing::Contains(getgid()));
  close(ends[0]);
  close(ends[1]);
  EXPECT_FALSE(peer_of(-1));
}

}  // namespace
}  // namespace agent::api
