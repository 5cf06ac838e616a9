// SPDX-License-Identifier: Apache-2.0
#include "agent/api/service.hpp"
#include "tests/agent/api_ports.hpp"

namespace {

using namespace agent::api;

class DeafLink : public ClientLink {
 public:
  void send(const pb::ServerMessage& message) override { (void)message.SerializeAsString(); }
  void add(std::unique_ptr<Stream> stream) override {
    std::string out;
    for (int i = 0; i < 100 && stream->produce(out) == Stream::Progress::kMore; ++i) {
    }
  }
  std::size_t streams() const override { return 0; }
};

class ToService : public agent::PortObserver {
 public:
  explicit ToService(Service& to) : service(to) {}
  void port_output(std::string_view port, const vdp::Output& output) override {
    service.port_outputs(port, std::span(&output, 1));
  }
  Service& service;
};

}  // namespace

/// Any request of somebody who may change things, twice, against two real cores.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pb::Request request;
  if (!request.ParseFromArray(data, static_cast<int>(size))) return 0;
  FakePorts ports;
  Service service(ports);
  ToService observer(service);
  ports.observer = &observer;
  ports.link_up();
  const auto client = std::make_shared<DeafLink>();
  client->may_change = true;
  service.handle(client, request);
  service.handle(client, request);
  ports.advance(std::chrono::seconds(30));
  service.time_passed(ports.time + std::chrono::hours(2000));
  service.forget(client.get());
  return 0;
}
