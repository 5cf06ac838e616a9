// SPDX-License-Identifier: Apache-2.0
#include "agent/api/session.hpp"

#include <fmt/format.h>
#include <google/protobuf/arena.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

namespace agent::api {
namespace {

/// Streams write until so much waits; more would only sit in memory.
constexpr std::size_t kChunk = 65536;
/// Above this no further request is read until the client has taken answers.
constexpr std::size_t kReadBelow = 262144;
constexpr std::chrono::seconds kHelloTime{10};
constexpr std::chrono::seconds kLingerTime{2};

}  // namespace

Session::Session(UnixSocket socket, Service& service, const SessionLimits& limits)
    : socket_(std::move(socket)),
      timer_(socket_.get_executor()),
      service_(service),
      limits_(limits),
      reader_(limits.max_message) {}

void Session::start() {
  boost::system::error_code error;
  socket_.non_blocking(true, error);  // write_at_once() must not wait
  if (error) return close();
  close_after(kHelloTime);
  read();
}

void Session::close_after(std::chrono::seconds wait) {
  timer_.expires_after(wait);
  timer_.async_wait([self = weak_from_this()](const boost::system::error_code& error) {
    const auto session = self.lock();
    if (!error && session) session->close();
  });
}

void Session::close() {
  if (closed_) return;
  closed_ = true;
  const auto keep = shared_from_this();
  boost::system::error_code ignored;
  timer_.cancel(ignored);
  socket_.close(ignored);
  streams_.clear();
  service_.forget(this);
  if (on_closed) on_closed(this);
}

void Session::read() {
  if (reading_ || closed_ || ending_ || pending_.size() > kReadBelow) return;
  reading_ = true;
  socket_.async_read_some(
      boost::asio::buffer(input_),
      [self = shared_from_this()](const boost::system::error_code& error, std::size_t octets) {
        self->reading_ = false;
        if (error) return self->close();
        self->take(octets);
      });
}

void Session::take(std::size_t octets) {
  reader_.append(base::Bytes(input_).first(octets));
  while (!ending_ && !closed_) {
    const auto message = reader_.next();
    if (!message) {
      end(pb::TOO_LARGE, fmt::format("A message of {} octets was announced; at most {} are taken.",
                                     message.error().announced, limits_.max_message));
      break;
    }
    if (!*message) break;
    if (!take_message(**message)) break;
  }
  pump();
  read();
}

bool Session::take_message(base::Bytes octets) {
  // A request for thousands of VSIs is made of tens of thousands of pieces.
  google::protobuf::ArenaOptions options;
  options.start_block_size = std::clamp<std::size_t>(octets.size() * 4, 1024, kChunk);
  options.max_block_size = kChunk;
  google::protobuf::Arena arena(options);
  auto& message = *google::protobuf::Arena::CreateMessage<pb::ClientMessage>(&arena);
  if (!message.ParseFromArray(octets.data(), static_cast<int>(octets.size()))) {
    end(pb::INVALID, fmt::format("{} octets that are no message of this protocol.", octets.size()));
    return false;
  }
  return handle(message);
}

bool Session::handle(const pb::ClientMessage& message) {
  if (message.has_hello() && !greeted_) {
    greeted_ = true;
    boost::system::error_code ignored;
    timer_.cancel(ignored);
    if (service_.hello(*this, message.hello())) return true;
    ending_ = true;
    close_after(kLingerTime);
    return false;
  }
  if (message.has_request() && greeted_) {
    service_.handle(shared_from_this(), message.request());
    return !ending_ && !closed_;
  }
  end(pb::INVALID, greeted_ ? "After the Hello only requests are taken."
                            : "The first message of a connection must be a Hello.");
  return false;
}

void Session::end(pb::Code code, std::string sentence) {
  if (ending_ || closed_) return;
  ending_ = true;
  append_message(pending_, status_message(0, code, std::move(sentence)));
  close_after(kLingerTime);
  write();
}

void Session::send(const pb::ServerMessage& message) {
  if (ending_ || closed_) return;
  append_message(pending_, message);
  if (!writing_now_) write_at_once();
  if (pending_.size() <= limits_.max_pending_output) return write();
  pending_.clear();
  end(pb::OVERLOADED, fmt::format("More than {} octets of answers were not read; they are dropped.",
                                  limits_.max_pending_output));
}

/// As much as the kernel takes, so that the client reads it while the rest of an answer is made.
/// What goes wrong here goes wrong in write() again, which sees to it.
void Session::write_at_once() {
  boost::system::error_code ignored;
  const auto octets = socket_.write_some(boost::asio::buffer(pending_), ignored);
  pending_.erase(0, octets);
  if (octets > 0) write();  // pending_ holds whole messages only
}

void Session::add(std::unique_ptr<Stream> stream) {
  if (!ending_ && !closed_) streams_.push_back(std::move(stream));
}

void Session::pump() {
  if (closed_) return;
  bool more = !ending_;
  while (more && pending_.size() < kChunk) {
    more = false;
    for (std::size_t i = 0; i < streams_.size() && pending_.size() < kChunk;) {
      const auto progress = streams_[i]->produce(pending_);
      more = more || progress == Stream::Progress::kMore;
      if (progress == Stream::Progress::kDone) {
        streams_.erase(streams_.begin() + static_cast<std::ptrdiff_t>(i));
      } else {
        ++i;
      }
    }
  }
  write();
}

void Session::write() {
  if (writing_now_ || closed_) return;
  if (pending_.empty()) {
    if (ending_) close();
    return;
  }
  writing_now_ = true;
  writing_.clear();
  writing_.swap(pending_);
  boost::asio::async_write(
      socket_, boost::asio::buffer(writing_),
      [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
        self->writing_now_ = false;
        if (error) return self->close();
        self->pump();
        self->read();
      });
}

}  // namespace agent::api
