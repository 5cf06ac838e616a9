// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "agent/api/evbd.pb.h"
#include "agent/api/framing.hpp"

namespace agent::api {

namespace pb = ::evbd::v1;

/// Why a call did not come to an answer.
struct ClientError {
  enum class Kind {
    kUnreachable,  ///< nobody listens, or the socket may not be opened
    kTimedOut,
    kRefused,  ///< the server ended the connection and said why
    kBroken,   ///< the connection ended, or what came is no answer
  };
  Kind kind;
  std::string sentence;
  pb::Code code = pb::OK;  ///< of kRefused
  bool forbidden = false;  ///< of kUnreachable: the socket's mode and group forbid it
};
template <class T>
using ClientResult = tl::expected<T, ClientError>;

/// A simple client that blocks: for evbctl, tests and benchmarks. Every call waits at most its time
/// limit, nullopt without one; a connection is of no more use when a request was cut by its limit.
class Client {
 public:
  using Limit = std::optional<std::chrono::milliseconds>;

  /// Connects and exchanges the Hellos.
  static ClientResult<Client> connect(const std::string& socket, const std::string& program,
                                      Limit limit);
  Client(Client&& other) noexcept;
  Client& operator=(Client&& other) noexcept;
  ~Client();

  /// Sends the request under an id of its own, and joins the parts of the answer. The error is
  /// about the connection; what the server says of the request is in the answer's status.
  ClientResult<pb::Response> call(pb::Request request, Limit limit);
  /// Sends without waiting for the answer; returns the request's id. Answers that come meanwhile
  /// are kept, so any number of requests may be sent before the first answer is read.
  ClientResult<std::uint32_t> send(pb::Request request, Limit limit);
  /// The next Response of any request.
  ClientResult<pb::Response> next_response(Limit limit);
  /// The next event of a watch.
  ClientResult<pb::Event> next_event(Limit limit);
  const pb::Hello& server() const { return server_; }

 private:
  using Deadline = std::optional<std::chrono::steady_clock::time_point>;

  explicit Client(int descriptor);
  ClientResult<pb::ServerMessage> receive(Deadline deadline);
  ClientResult<std::uint32_t> send_until(pb::Request request, Deadline deadline);
  ClientResult<void> write(const pb::ClientMessage& message, Deadline deadline);
  ClientResult<int> wait_for(short events, Deadline deadline) const;
  bool take();

  int descriptor_;
  FrameReader reader_;
  std::deque<pb::Event> events_;
  std::deque<pb::Response> responses_;
  pb::Hello server_;
  std::uint32_t last_id_ = 0;
};

}  // namespace agent::api
