// SPDX-License-Identifier: Apache-2.0
#include "agent/api/client.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "agent/api/service.hpp"

namespace agent::api {
namespace {

/// The server's messages are chunks far smaller than this.
constexpr std::size_t kMaxAnswer = 64U << 20U;

constexpr const char* kNoAnswer = "No answer within the time given.";

using Kind = ClientError::Kind;

tl::unexpected<ClientError> failed(Kind kind, std::string sentence) {
  return tl::unexpected(ClientError{kind, std::move(sentence)});
}

std::optional<std::chrono::steady_clock::time_point> after(Client::Limit limit) {
  if (!limit) return std::nullopt;
  return std::chrono::steady_clock::now() + *limit;
}

/// connect() waits where the kernel's queue is full of others, because evbd is stopped.
void limit_connect(int descriptor, std::chrono::microseconds limit) {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(limit);
  const auto rest = std::max<suseconds_t>((limit - whole).count(), 1);  // 0 is without limit
  const timeval longest{whole.count(), rest};
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &longest, sizeof longest);
}

}  // namespace

Client::Client(int descriptor) : descriptor_(descriptor), reader_(kMaxAnswer) {}

Client::Client(Client&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      reader_(std::move(other.reader_)),
      events_(std::move(other.events_)),
      responses_(std::move(other.responses_)),
      server_(std::move(other.server_)),
      last_id_(other.last_id_) {}

Client& Client::operator=(Client&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(reader_, other.reader_);
  std::swap(events_, other.events_);
  std::swap(responses_, other.responses_);
  std::swap(server_, other.server_);
  std::swap(last_id_, other.last_id_);
  return *this;
}

Client::~Client() {
  if (descriptor_ >= 0) close(descriptor_);
}

ClientResult<Client> Client::connect(const std::string& socket, const std::string& program,
                                     Limit limit) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.empty() || socket.size() >= sizeof address.sun_path) {
    return failed(Kind::kUnreachable, fmt::format("'{}' is no path of a socket.", socket));
  }
  std::memcpy(address.sun_path, socket.data(), socket.size());
  Client client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto deadline = after(limit);
  if (limit) limit_connect(client.descriptor_, *limit);
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(client.descriptor_, generic, sizeof address) != 0) {
    const int error = errno;
    if (error == EAGAIN) return failed(Kind::kTimedOut, kNoAnswer);
    auto why = failed(Kind::kUnreachable,
                      fmt::format("Cannot reach evbd at '{}': {}.", socket, std::strerror(error)));
    why.value().forbidden = error == EACCES;
    return why;
  }
  pb::ClientMessage message;
  message.mutable_hello()->set_protocol_major(kProtocolMajor);
  message.mutable_hello()->set_protocol_minor(kProtocolMinor);
  message.mutable_hello()->set_program(program);
  message.mutable_hello()->set_version(std::string(kVersion));
  if (const auto written = client.write(message, deadline); !written) {
    return tl::unexpected(written.error());
  }
  const auto answer = client.receive(deadline);
  if (!answer) return tl::unexpected(answer.error());
  if (!answer->has_hello()) return failed(Kind::kBroken, "evbd did not answer the Hello.");
  client.server_ = answer->hello();
  return client;
}

/// Reads what comes while evbd takes no more: it stops reading from a client that leaves too much
/// of its answers unread, and both would wait for each other.
ClientResult<void> Client::write(const pb::ClientMessage& message, Deadline deadline) {
  std::string out;
  append_message(out, message);
  for (std::size_t sent = 0; sent < out.size();) {
    const auto octets =
        ::send(descriptor_, out.data() + sent, out.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (octets > 0) {
      sent += static_cast<std::size_t>(octets);
      continue;
    }
    if (octets < 0 && errno == EINTR) continue;
    if (octets == 0 || errno != EAGAIN) return {};  // evbd's reason can still be read
    const auto ready = wait_for(POLLIN | POLLOUT, deadline);
    if (!ready) return tl::unexpected(ready.error());
    if ((*ready & POLLIN) != 0 && !take()) return {};
  }
  return {};
}

/// What of these the descriptor is ready for; 0 when a signal came.
ClientResult<int> Client::wait_for(short events, Deadline deadline) const {
  using std::chrono::milliseconds;
  pollfd poll_for{descriptor_, events, 0};
  int wait = -1;
  if (deadline) {
    const auto left = std::chrono::ceil<milliseconds>(*deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return failed(Kind::kTimedOut, kNoAnswer);
    wait = static_cast<int>(std::min<std::int64_t>(left.count(), 1'000'000'000));
  }
  const int ready = ::poll(&poll_for, 1, wait);
  if (ready == 0) return failed(Kind::kTimedOut, kNoAnswer);
  if (ready > 0) return poll_for.revents;
  if (errno == EINTR) return 0;
  return failed(Kind::kBroken, fmt::format("Cannot wait for evbd: {}.", std::strerror(errno)));
}

/// Takes the octets that are there; false at the end of the stream.
bool Client::take() {
  std::array<std::uint8_t, 65536> input;
  const auto octets = ::recv(descriptor_, input.data(), input.size(), MSG_DONTWAIT);
  if (octets < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (octets <= 0) return false;
  reader_.append(base::Bytes(input).first(static_cast<std::size_t>(octets)));
  return true;
}

ClientResult<pb::ServerMessage> Client::receive(Deadline deadline) {
  while (true) {
    const auto octets = reader_.next();
    if (!octets) return failed(Kind::kBroken, "evbd announced a message of impossible length.");
    if (*octets) {
      pb::ServerMessage message;
      if (!message.ParseFromArray((*octets)->data(), static_cast<int>((*octets)->size()))) {
        return failed(Kind::kBroken, "What came from evbd is no message of this protocol.");
      }
      if (message.has_response() && message.response().id() == 0) {
        const auto& status = message.response().status();
        return tl::unexpected(ClientError{Kind::kRefused, status.sentence(), status.code()});
      }
      return message;
    }
    const auto ready = wait_for(POLLIN, deadline);
    if (!ready) return tl::unexpected(ready.error());
    if (*ready != 0 && !take()) return failed(Kind::kBroken, "evbd closed the connection.");
  }
}

ClientResult<std::uint32_t> Client::send(pb::Request request, Limit limit) {
  return send_until(std::move(request), after(limit));
}

ClientResult<std::uint32_t> Client::send_until(pb::Request request, Deadline deadline) {
  request.set_id(++last_id_);
  pb::ClientMessage message;
  *message.mutable_request() = std::move(request);
  const auto written = write(message, deadline);
  if (!written) return tl::unexpected(written.error());
  return last_id_;
}

ClientResult<pb::Response> Client::next_response(Limit limit) {
  const auto deadline = after(limit);
  while (responses_.empty()) {
    auto message = receive(deadline);
    if (!message) return tl::unexpected(message.error());
    if (message->has_event()) events_.push_back(std::move(*message->mutable_event()));
    if (message->has_response()) responses_.push_back(std::move(*message->mutable_response()));
  }
  auto response = std::move(responses_.front());
  responses_.pop_front();
  return response;
}

ClientResult<pb::Event> Client::next_event(Limit limit) {
  const auto deadline = after(limit);
  while (events_.empty()) {
    auto message = receive(deadline);
    if (!message) return tl::unexpected(message.error());
    if (message->has_event()) events_.push_back(std::move(*message->mutable_event()));
    if (message->has_response()) responses_.push_back(std::move(*message->mutable_response()));
  }
  auto event = std::move(events_.front());
  events_.pop_front();
  return event;
}

ClientResult<pb::Response> Client::call(pb::Request request, Limit limit) {
  const auto deadline = after(limit);
  const auto id = send_until(std::move(request), deadline);
  if (!id) return tl::unexpected(id.error());
  pb::Response whole;
  while (true) {
    auto message = receive(deadline);
    if (!message) return tl::unexpected(message.error());
    if (message->has_event()) events_.push_back(std::move(*message->mutable_event()));
    if (!message->has_response()) continue;
    if (message->response().id() != *id) {
      responses_.push_back(std::move(*message->mutable_response()));
      continue;
    }
    const bool more = message->response().more();
    whole.MergeFrom(message->response());
    whole.set_more(false);
    if (!more) return whole;
  }
}

}  // namespace agent::api
