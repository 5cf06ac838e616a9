// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <boost/asio/executor_work_guard.hpp>
#include <cstring>
#include <thread>

#include "agent/api/client.hpp"
#include "agent/api/server.hpp"
#include "agent/config/config.hpp"
#include "agent/net/fd.hpp"
#include "tests/agent/api_ports.hpp"
#include "tests/support/temporary_folder.hpp"

namespace agent::api {
namespace {

/// The client in this thread, the server's loop in another.
class ApiClient : public testing::Test {
 protected:
  ApiClient() : work_(boost::asio::make_work_guard(loop_)) {
    config_.socket = folder_.path() + "/evbd.sock";
    server_ = std::make_unique<Server>(loop_, ports_, config_);
    EXPECT_TRUE(server_->listen());
    ports_.link_up();
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~ApiClient() override { stop(); }
  ClientResult<Client> connect() const {
    return Client::connect(config_.socket, "test", std::nullopt);
  }
  /// From now on the server takes nothing.
  void stop() {
    loop_.stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  const support::TemporaryFolder folder_;
  boost::asio::io_context loop_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  FakePorts ports_;
  ApiConfig config_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

/// The request and its answer are hundreds of kilobytes.
pb::Request large_request() {
  pb::Request request;
  for (int i = 0; i < 4096; ++i) {
    auto& vsi = *request.mutable_vsi_associate()->add_vsis();
    vsi.set_port("eth0");
    vsi.set_id(fmt::format("09b11c53-8b5c-4eeb-8f00-{:012x}", i));
    vsi.mutable_manager()->set_number(11);
    vsi.set_type_id(1193047);
    auto& filter = *vsi.add_filters();
    filter.set_vid(2);
    filter.set_mac(fmt::format("52:54:00:00:{:02x}:{:02x}", i / 256, i % 256));
  }
  request.mutable_vsi_associate()->set_type(pb::ASSOCIATE);
  return request;
}

TEST_F(ApiClient, SendsAnyNumberOfRequestsBeforeItReadsTheFirstAnswer) {
  constexpr std::uint32_t kRequests = 6;
  auto client = connect();
  ASSERT_TRUE(client) << client.error().sentence;
  for (std::uint32_t i = 0; i < kRequests; ++i) {
    const auto sent = client->send(large_request(), std::chrono::seconds(100));
    ASSERT_TRUE(sent) << i << ": " << sent.error().sentence;
  }
  int results = 0;
  for (std::uint32_t ended = 0; ended < kRequests;) {
    const auto response = client->next_response(std::nullopt);
    ASSERT_TRUE(response) << response.error().sentence;
    EXPECT_EQ(response->id(), ended + 1);
    results += response->vsi_results().results_size();
    if (!response->more()) ++ended;
  }
  EXPECT_EQ(results, 4096 * kRequests);
}

TEST(ApiConnect, WaitsNoLongerThanItsLimitToBeAccepted) {
  const support::TemporaryFolder folder;
  const auto path = folder.path() + "/evbd.sock";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
  const net::Fd listening(::socket(AF_UNIX, SOCK_STREAM, 0));
  ASSERT_EQ(::bind(listening.get(), generic, sizeof address), 0);
  ASSERT_EQ(::listen(listening.get(), 0), 0);
  std::vector<net::Fd> others;
  do {
    others.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
  } while (::connect(others.back().get(), generic, sizeof address) == 0);
  ASSERT_EQ(errno, EAGAIN);
  const auto client = Client::connect(path, "test", std::chrono::milliseconds(1));
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().kind, ClientError::Kind::kTimedOut) << client.error().sentence;
}

TEST_F(ApiClient, WaitsNoLongerThanItsLimitForAServerThatTakesNothing) {
  auto client = connect();
  ASSERT_TRUE(client) << client.error().sentence;
  stop();
  for (int i = 0; i < 3; ++i) {  // the first may fit into the kernel's buffer
    const auto sent = client->send(large_request(), std::chrono::milliseconds(1));
    if (i == 0 && sent) continue;
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().kind, ClientError::Kind::kTimedOut) << sent.error().sentence;
  }
}

}  // namespace
}  // namespace agent::api
