// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <netlink/attr.h>
#include <netlink/msg.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "agent/net/fd.hpp"

namespace agent::net {

struct FreeNlMsg {
  void operator()(nl_msg* message) const { nlmsg_free(message); }
};
/// A netlink message under construction; fields are added with libnl's nla_put family.
using NlMessage = std::unique_ptr<nl_msg, FreeNlMsg>;

/// An empty message of this type with room for a few attributes, or for `size` octets in all.
NlMessage make_message(int type, int flags, std::size_t size = 256);
/// One about an interface, ready for IFLA_ attributes.
NlMessage make_link_message(int type, int flags, int family, int index);

/// Orders to the kernel's rtnetlink, carried out before the call returns.
class RouteSocket {
 public:
  struct Failure {
    std::size_t index = 0;  ///< of the message in its batch
    int error = 0;          ///< errno
    std::string text;       ///< errno's text and what the kernel says beside it
  };

  static tl::expected<RouteSocket, std::string> open();

  /// Sends all messages, many to a system call, and returns those that failed, in order. Only the
  /// last of each call asks for an acknowledgement: rtnetlink works in order and inside sendmsg,
  /// and reports failures anyway, so success costs nothing to read.
  std::vector<Failure> perform(const std::vector<NlMessage>& messages);
  /// One message; nullopt on success.
  std::optional<Failure> perform(NlMessage message);
  /// One dump or get; `each` sees every answer.
  std::optional<Failure> query(NlMessage message, const std::function<void(const nlmsghdr*)>& each);

 private:
  explicit RouteSocket(Fd fd) : fd_(std::move(fd)), input_(kInputSize) {}
  void send_some(const std::vector<NlMessage>& messages, std::size_t from, std::size_t until,
                 std::vector<Failure>& failures);
  /// Reads until the answer to sequence `last`; its and earlier failures are appended.
  void collect(std::uint32_t first, std::uint32_t last, std::size_t index,
               std::vector<Failure>& failures);

  static constexpr std::size_t kInputSize = 64 * 1024;
  Fd fd_;
  std::vector<std::uint8_t> output_;
  std::vector<std::uint8_t> input_;
  std::uint32_t sequence_ = 0;
};

}  // namespace agent::net
