// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <cstdlib>
#include <fstream>
#include <future>
#include <thread>

#include "agent/api/client.hpp"
#include "agent/api/server.hpp"
#include "agent/config/config.hpp"
#include "agent/ctl/evbctl.hpp"
#include "tests/agent/api_ports.hpp"
#include "tests/support/temporary_folder.hpp"

namespace agent::ctl {
namespace {

using testing::HasSubstr;

struct Said {
  int exit;
  std::string out;
  std::string err;
};

/// evbctl in this thread, the server's loop in another; all ports are touched in the loop only.
class Evbctl : public testing::Test {
 protected:
  Evbctl() : work_(boost::asio::make_work_guard(loop_)) {
    config_.socket = directory + "/evbd.sock";
    ports.link_up();
    server_ = std::make_unique<api::Server>(loop_, ports, config_);
    EXPECT_TRUE(server_->listen());
    ports.observer = server_.get();
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~Evbctl() override {
    in_loop([this] { server_.reset(); });
    work_.reset();
    thread_.join();
  }

  template <class Work>
  void in_loop(Work work) {
    std::promise<void> done;
    boost::asio::post(loop_, [&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }
  void end_server() {
    in_loop([this] { server_->stop(); });
  }
  Said evbctl(std::vector<std::string> words) {
    words.insert(words.begin(), {"--socket", config_.socket});
    return run_words(words);
  }
  static Said run_words(const std::vector<std::string>& words) {
    char* texts[2] = {};
    std::size_t sizes[2] = {};
    std::FILE* files[2] = {open_memstream(&texts[0], &sizes[0]),
                           open_memstream(&texts[1], &sizes[1])};
    const int exit = run(words, files[0], files[1]);
    for (auto* const file : files) std::fclose(file);
    Said said{exit, texts[0], texts[1]};
    for (auto* const text : texts) std::free(text);
    return said;
  }
  std::string write_file(const std::string& name, const std::string& content) const {
    auto path = directory + "/" + name;
    std::ofstream(path) << content;
    return path;
  }
  static std::vector<std::string> associate(const std::string& id,
                                            const std::string& device = "eth0.2") {
    return {"vsi",
            "associate",
            "--device",
            device,
            "--instanceid",
            id,
            "--mac",
            "52:54:00:aa:00:11",
            "--managerid",
            "11",
            "--typeid",
            "1193047",
            "--typeidversion",
            "2"};
  }

  const support::TemporaryFolder folder_;
  const std::string directory = folder_.path();
  api::FakePorts ports;

 private:
  boost::asio::io_context loop_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  ApiConfig config_;
  std::unique_ptr<api::Server> server_;
  std::thread thread_;
};

constexpr const char* kXml =
    "<domain><devices><interface type='direct'><mac address='52:54:00:aa:00:11'/>"
    "<source dev='{}' mode='vepa'/><virtualport type='802.1Qbg'>"
    "<parameters managerid='11' typeid='1193047' typeidversion='2'{}/>"
    "</virtualport></interface></devices></domain>";

TEST_F(Evbctl, AssociatesShowsAndDeassociates) {
  auto said = evbctl(associate(api::kFirstId));
  EXPECT_EQ(said.exit, 0) << said.err;
  EXPECT_EQ(said.out,
            fmt::format("{} on eth0: associated: 52:54:00:aa:00:11 VLAN 2\n", api::kFirstId));
  said = evbctl({"vsi", "show", "--port", "eth0"});
  EXPECT_THAT(said.out, HasSubstr("eth0  associated"));
  said = evbctl({"vsi", "why", "09b1", "--port", "eth0"});
  EXPECT_THAT(said.out, HasSubstr("is associated; wanted: associate."));
  said = evbctl({"vsi", "deassociate", "09b11c53", "--port", "eth0"});
  EXPECT_EQ(said.exit, 0) << said.err;
  EXPECT_EQ(said.out, fmt::format("{} on eth0: deassociated\n", api::kFirstId));
  EXPECT_EQ(evbctl({"vsi", "show"}).out, "There are no VSIs.\n");
}

TEST_F(Evbctl, AssociatesTheVsisOfADomainAndSaysWhichIdItMade) {
  const auto file = write_file("guest.xml", fmt::format(kXml, "eth0.2", ""));
  const auto said = evbctl({"vsi", "associate", "--xml", file});
  EXPECT_EQ(said.exit, 0) << said.err;
  EXPECT_THAT(said.err, HasSubstr("interface 1 of " + file + ": generated instanceid "));
  EXPECT_THAT(said.out, HasSubstr("associated: 52:54:00:aa:00:11 VLAN 2"));
}

TEST_F(Evbctl, SaysInTheUsersWordsWhatTheDaemonRefuses) {
  const auto file = write_file("guest.xml", fmt::format(kXml, "eth0", ""));
  auto said = evbctl({"vsi", "associate", "--xml", file});
  EXPECT_EQ(said.exit, 2);
  EXPECT_THAT(said.err, HasSubstr("evbctl: interface 1 of " + file +
                                  ": filters[0].vid is absent, and device 'eth0' is no VLAN "
                                  "device"));
  EXPECT_EQ(evbctl({"vsi", "associate", "--xml", file, "--vlan", "2"}).exit, 0);
  EXPECT_EQ(evbctl({"vsi", "associate", "--xml", file, "--bridge-assigns-vlan"}).exit, 0);
}

TEST_F(Evbctl, DeassociatesTheVsisOfAnXmlFile) {
  const auto with_id = fmt::format(" instanceid='{}'", api::kFirstId);
  const auto file = write_file("guest.xml", fmt::format(kXml, "eth0.2", with_id));
  ASSERT_EQ(evbctl({"vsi", "associate", "--xml", file}).exit, 0);
  EXPECT_EQ(evbctl({"vsi", "deassociate", "--xml", file, "--port", "eth0"}).exit, 0);
  const auto nameless = write_file("nameless.xml", fmt::format(kXml, "eth0.2", ""));
  EXPECT_THAT(evbctl({"vsi", "deassociate", "--xml", nameless}).err,
              HasSubstr("<parameters> has no attribute 'instanceid'"));
}

TEST_F(Evbctl, TellsByItsExitCodeWhatWentWrong) {
  in_loop([this] { ports.bridge_says = vdp::Reason::kOtherFailure; });
  const auto refused = evbctl(associate(api::kFirstId));
  EXPECT_EQ(refused.exit, 1);
  EXPECT_THAT(refused.err,
              HasSubstr("The bridge refused the associate: other failure (reason 4)."));
  EXPECT_EQ(evbctl({"vsi", "explode"}).exit, 2);
  EXPECT_EQ(run_words({"port", "show", "--socket", "/nowhere"}).exit, 3);
  EXPECT_EQ(evbctl({"port", "show", "eth9"}).exit, 4);
  EXPECT_EQ(evbctl({"vsi", "why", "ffff"}).exit, 4);
  EXPECT_EQ(evbctl({"vsi", "show", "ffff"}).exit, 4);
  EXPECT_EQ(evbctl(associate(api::kFirstId, "wlan0")).exit, 4);
}

TEST_F(Evbctl, AsksForMoreOfAnIdThatIsNotAlone) {
  ASSERT_EQ(evbctl(associate(api::kFirstId)).exit, 0);
  ASSERT_EQ(evbctl(associate(api::kSecondId)).exit, 0);
  const auto said = evbctl({"vsi", "why", "0", "--port", "eth0"});
  EXPECT_EQ(said.exit, 2);
  EXPECT_THAT(said.err, HasSubstr("'0' is not the beginning of one VSI's id alone"));
  EXPECT_EQ(evbctl({"vsi", "why", "0a", "--port", "eth0"}).exit, 0);
  // Both sides of this link are ports of the same evbd here.
  EXPECT_THAT(evbctl({"vsi", "why", api::kFirstId}).err, HasSubstr("give --port"));
}

TEST_F(Evbctl, DoesNotWaitWhenToldSo) {
  in_loop([this] { ports.connected = false; });
  auto words = associate(api::kFirstId);
  words.emplace_back("--no-wait");
  const auto said = evbctl(words);
  EXPECT_EQ(said.exit, 0);
  EXPECT_EQ(said.out, fmt::format("{} on eth0: deassociated\n", api::kFirstId));
}

TEST_F(Evbctl, PrintsJsonArraysEverywhere) {
  ASSERT_EQ(evbctl(associate(api::kFirstId)).exit, 0);
  for (const std::vector<std::string>& words : {std::vector<std::string>{"agent", "show"},
                                                {"port", "show"},
                                                {"neighbor", "show"},
                                                {"vsi", "show"},
                                                {"vsi", "why", "09b1", "--port", "eth0"},
                                                {"vsi", "deassociate", "09b1", "--port", "eth0"},
                                                {"vsi", "show"}}) {
    auto all = words;
    all.emplace_back("--json");
    const auto said = evbctl(all);
    EXPECT_EQ(said.exit, 0) << said.err;
    EXPECT_THAT(said.out, testing::StartsWith("["));
    EXPECT_THAT(said.out, testing::EndsWith("]\n"));
  }
}

TEST_F(Evbctl, ShowsPortsAndNeighbours) {
  const auto port = evbctl({"port", "show", "eth0"});
  EXPECT_THAT(port.out, testing::StartsWith("eth0: station, link up\n"));
  EXPECT_THAT(port.out, HasSubstr("  mode                 station"));
  EXPECT_THAT(evbctl({"neighbor", "show"}).out, HasSubstr("eth0: switch\n"));
  EXPECT_THAT(evbctl({"agent", "show"}).out, testing::StartsWith("evbd 0.1.0\n"));
  EXPECT_THAT(evbctl({"explain"}).out, HasSubstr("3  unable to contact the VSI manager"));
  EXPECT_EQ(evbctl({"explain", "16"}).exit, 2);
  EXPECT_THAT(evbctl({"explain", "1005"}).out, testing::StartsWith("1005 no such port: "));
}

/// Waits until the server counts one watcher; each question is one turn of its loop.
api::pb::AgentReport wait_for_watcher(const std::string& socket) {
  auto client = api::Client::connect(socket, "test", std::nullopt);
  while (true) {
    api::pb::Request request;
    request.mutable_agent_show();
    const auto answer = client->call(request, std::nullopt);
    if (!answer || answer->agent().watchers() == 1) return answer.value().agent();
  }
}

TEST_F(Evbctl, AppliesChangedTypesAndFailsWhenOneKeepsWhatItHad) {
  EXPECT_EQ(evbctl({"type", "apply"}).out,
            "No VSI of a bridge port has a type as it was before it changed.\n");
  TypeApplied result{"sw1", {}, {vdp::ManagerId{{11}}, {5, 1}, nullptr, nullptr}};
  in_loop([&] { ports.applied = {result}; });
  auto said = evbctl({"type", "apply", "11/5/1"});
  EXPECT_EQ(said.exit, 0);
  EXPECT_THAT(said.out, HasSubstr(" on sw1: has VSI type 11/5/1 as it is now\n"));
  result.outcome = TypeApplied::Outcome::kKept;
  result.reason = vdp::Reason::kOtherFailure;
  result.trouble = "the type is gone";
  in_loop([&] { ports.applied.push_back(result); });
  said = evbctl({"type", "apply"});
  EXPECT_EQ(said.exit, 1);
  EXPECT_THAT(said.err, HasSubstr("keeps VSI type 11/5/1 as it was: "));
  EXPECT_THAT(said.err, HasSubstr("(reason 4): the type is gone\n"));
  result.outcome = TypeApplied::Outcome::kDeassociated;
  in_loop([&] { ports.applied = {result}; });
  said = evbctl({"type", "apply", "--deassociate"});
  EXPECT_EQ(said.exit, 0);
  EXPECT_THAT(said.out, HasSubstr(" on sw1: de-associated; VSI type 11/5/1: "));
  EXPECT_THAT(evbctl({"--json", "type", "apply"}).out, HasSubstr("\"deassociated\":true"));
  EXPECT_EQ(evbctl({"type", "apply", "11"}).exit, 2);
}

TEST_F(Evbctl, AWatchEndsWithEvbd) {
  auto watched = std::async(std::launch::async, [this] {
    return evbctl({"vsi", "watch", "--snapshot", "--json"});
  });
  wait_for_watcher(directory + "/evbd.sock");
  ASSERT_EQ(evbctl(associate(api::kFirstId)).exit, 0);
  end_server();
  const auto result = watched.get();
  EXPECT_EQ(result.exit, 3);
  EXPECT_THAT(result.out, HasSubstr("\"snapshot_end\":{}"));
  EXPECT_THAT(result.err, HasSubstr("evbd closed the connection."));
}

TEST_F(Evbctl, AWatchResumesAfterTheEventThatItNames) {
  ASSERT_EQ(evbctl(associate(api::kFirstId)).exit, 0);
  auto client = api::Client::connect(directory + "/evbd.sock", "test", std::nullopt);
  ASSERT_TRUE(client);
  api::pb::Request request;
  request.mutable_agent_show();
  const auto answer = client->call(request, std::nullopt);
  ASSERT_TRUE(answer);
  const auto& agent = answer->agent();
  ASSERT_GE(agent.last_event(), 2U);
  const auto resume = fmt::format("{}:{}", agent.epoch(), agent.last_event() - 1);
  auto watched = std::async(std::launch::async, [this, resume] {
    return evbctl({"vsi", "watch", "--resume", resume, "--json"});
  });
  wait_for_watcher(directory + "/evbd.sock");
  end_server();
  const auto result = watched.get();
  EXPECT_THAT(result.out, HasSubstr(fmt::format("\"sequence\":\"{}\"", agent.last_event())));
  EXPECT_THAT(result.out,
              testing::Not(HasSubstr(fmt::format("\"sequence\":\"{}\"", agent.last_event() - 1))));
}

TEST_F(Evbctl, AResumeThatIsNoneIsRefused) {
  for (const auto* const wrong : {"", "7", "7:", ":7", "7:8:9", "-1:2", "7:x"}) {
    const auto result = evbctl({"vsi", "watch", "--resume", wrong});
    EXPECT_EQ(result.exit, 2) << wrong;
  }
}

}  // namespace
}  // namespace agent::ctl
