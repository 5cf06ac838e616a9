// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/api/framing.hpp"
#include "agent/api/service.hpp"
#include "tests/agent/api_ports.hpp"

namespace agent::api {

/// Keeps what the service answers.
class FakeLink : public ClientLink {
 public:
  std::vector<pb::ServerMessage> sent;
  std::vector<std::unique_ptr<Stream>> running;

  void send(const pb::ServerMessage& message) override { sent.push_back(message); }
  void add(std::unique_ptr<Stream> stream) override { running.push_back(std::move(stream)); }
  std::size_t streams() const override { return running.size(); }

  /// Reads all that the streams have.
  void drain() {
    for (auto& stream : running) {
      std::string out;
      while (stream->produce(out) == Stream::Progress::kMore) {
      }
      FrameReader reader(1U << 20U);
      reader.append({reinterpret_cast<const std::uint8_t*>(out.data()), out.size()});
      for (auto next = reader.next(); next && *next; next = reader.next()) {
        sent.emplace_back().ParseFromArray((*next)->data(), static_cast<int>((*next)->size()));
      }
    }
  }
  std::vector<pb::Event> events() {
    drain();
    std::vector<pb::Event> found;
    for (const auto& message : sent) {
      if (message.has_event()) found.push_back(message.event());
    }
    sent.clear();
    return found;
  }
};

class ServiceObserver : public PortObserver {
 public:
  explicit ServiceObserver(Service& to) : service(to) {}
  void port_output(std::string_view port, const vdp::Output& output) override {
    service.port_outputs(port, std::span(&output, 1));
  }
  Service& service;
};

class ApiService : public testing::Test {
 protected:
  ApiService() {
    ports.observer = &observer;
    client->may_change = true;
    client->program = "test";
    ports.link_up();
  }

  static pb::VsiWanted wanted(const std::string& id = kFirstId) {
    pb::VsiWanted vsi;
    vsi.set_device("eth0.2");
    vsi.set_id(id);
    vsi.mutable_manager()->set_number(11);
    vsi.set_type_id(1193047);
    vsi.set_type_version(2);
    vsi.add_filters()->set_mac("52:54:00:aa:00:11");
    return vsi;
  }
  static pb::Request deassociate(std::uint32_t id) {
    pb::Request request;
    request.set_id(id);
    auto& name = *request.mutable_vsi_deassociate()->add_vsis();
    name.set_id(kFirstId);
    name.set_port("eth0");
    request.mutable_vsi_deassociate()->set_wait(pb::FIRST_ANSWER);
    return request;
  }

  static pb::Request associate(std::uint32_t id, pb::Wait wait,
                               const std::vector<pb::VsiWanted>& vsis) {
    pb::Request request;
    request.set_id(id);
    request.mutable_vsi_associate()->set_type(pb::ASSOCIATE);
    request.mutable_vsi_associate()->set_wait(wait);
    for (const auto& vsi : vsis) *request.mutable_vsi_associate()->add_vsis() = vsi;
    return request;
  }
  pb::Response ask(const pb::Request& request) {
    client->sent.clear();
    service.handle(client, request);
    client->drain();
    return client->sent.empty() ? pb::Response() : client->sent.front().response();
  }
  pb::Response refused(const std::function<void(pb::VsiWanted&)>& spoil) {
    auto vsi = wanted();
    spoil(vsi);
    return ask(associate(1, pb::NONE, {vsi}));
  }

  FakePorts ports;
  Service service{ports};
  ServiceObserver observer{service};
  std::shared_ptr<FakeLink> client = std::make_shared<FakeLink>();
};

}  // namespace agent::api
