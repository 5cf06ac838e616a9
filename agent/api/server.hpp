// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "agent/api/host_facts.hpp"
#include "agent/ports.hpp"

namespace agent {
struct ApiConfig;
namespace capture {
class Recorder;
}
}  // namespace agent
namespace agent::interface {
class Interfaces;
}

namespace agent::api {

/// The API on its unix stream socket. Everything happens in handlers of the loop it is given;
/// nothing blocks, and every client's memory is bounded. agent/api/README.md is the design page.
///
/// The owner of the ports calls `port_output` for every output, after it was carried out, and
/// `port_changed` and `type_changed` for what is no output: the link, the device's presence,
/// trouble, VSI types. They only enter the event in the log and answer who waits for it; they never
/// call Ports::feed.
class Server : public PortObserver {
 public:
  /// `ports` must outlive the server. Nothing is opened before listen().
  Server(boost::asio::io_context& loop, Ports& ports, const ApiConfig& config);
  ~Server() override;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// What reports say beside what the ports know; before listen().
  void set_host(HostFacts host);
  /// What the capture requests work on; it must outlive the server.
  void set_recorder(capture::Recorder& recorder);
  void set_interfaces(interface::Interfaces& interfaces);
  /// Creates the socket with its mode and group. A socket file that is already there is replaced
  /// only if nobody listens on it. The error is a sentence for the person who started evbd.
  tl::expected<void, std::string> listen();
  /// Takes over groups and limits for what comes next; the socket's path, mode and owner stay as
  /// they are.
  void reconfigure(const ApiConfig& config);
  /// Closes every connection and removes the socket file. The destructor does it too.
  void stop();

  void port_output(std::string_view port, const vdp::Output& output) override;
  void port_outputs(std::string_view port, std::span<const vdp::Output> outputs) override;
  void port_changed(std::string_view port);
  void type_changed(std::string_view port, const TypeStanding& standing);

  std::size_t connections() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace agent::api
