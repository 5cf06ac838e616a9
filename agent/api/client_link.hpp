// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "agent/api/evbd.pb.h"
#include "agent/api/permissions.hpp"

namespace agent::api {

namespace pb = ::evbd::v1;

/// An answer that is written piece by piece, as fast as the client reads.
class Stream {
 public:
  enum class Progress {
    kMore,  ///< wrote or skipped something; call again when there is room
    kIdle,  ///< nothing to write until another event
    kDone,  ///< nothing any more
  };
  virtual ~Stream() = default;
  /// Appends one message of moderate size, or none.
  virtual Progress produce(std::string& out) = 0;
};

/// One connection as the service sees it.
class ClientLink {
 public:
  virtual ~ClientLink() = default;
  /// Queues the message behind what is queued already.
  virtual void send(const pb::ServerMessage& message) = 0;
  /// Takes the stream over; it is asked to produce when there is room.
  virtual void add(std::unique_ptr<Stream> stream) = 0;
  virtual std::size_t streams() const = 0;

  Peer peer;
  bool may_change = false;
  std::string program;        ///< as its Hello named it, made printable
  std::size_t in_flight = 0;  ///< requests that wait for an answer of a bridge
};

}  // namespace agent::api
