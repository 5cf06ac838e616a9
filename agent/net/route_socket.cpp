// SPDX-License-Identifier: Apache-2.0
#include "agent/net/route_socket.hpp"

#include <fmt/format.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <cstring>
#include <new>

namespace agent::net {
namespace {

/// Messages to one sendmsg: few enough that their failures fit the socket's receive buffer.
constexpr std::size_t kBatch = 128;
constexpr int kReceiveBuffer = 1 << 20;

std::string describe(const nlmsghdr* header) {
  const auto* const error = static_cast<const nlmsgerr*>(nlmsg_data(header));
  std::string text = std::strerror(-error->error);
  if ((header->nlmsg_flags & NLM_F_ACK_TLVS) == 0) return text;
  std::size_t skip = sizeof(nlmsgerr);
  if ((header->nlmsg_flags & NLM_F_CAPPED) == 0) {
    skip += NLMSG_ALIGN(error->msg.nlmsg_len) - sizeof(nlmsghdr);
  }
  const int left = nlmsg_datalen(header) - static_cast<int>(skip);
  if (left <= 0) return text;
  const auto* const first =
      reinterpret_cast<const nlattr*>(static_cast<const std::uint8_t*>(nlmsg_data(header)) + skip);
  if (const auto* const said = nla_find(first, left, NLMSGERR_ATTR_MSG)) {
    text += fmt::format(" ({})", static_cast<const char*>(nla_data(said)));
  }
  return text;
}

RouteSocket::Failure own_failure(std::size_t index, int error) {
  return {index, error, std::strerror(error)};
}

}  // namespace

NlMessage make_message(int type, int flags, std::size_t size) {
  NlMessage message(nlmsg_alloc_size(size));
  if (!message || nlmsg_put(message.get(), 0, 0, type, 0, flags | NLM_F_REQUEST) == nullptr) {
    throw std::bad_alloc();
  }
  return message;
}

NlMessage make_link_message(int type, int flags, int family, int index) {
  auto message = make_message(type, flags);
  ifinfomsg info{};
  info.ifi_family = static_cast<unsigned char>(family);
  info.ifi_index = index;
  nlmsg_append(message.get(), &info, sizeof info, NLMSG_ALIGNTO);
  return message;
}

tl::expected<RouteSocket, std::string> RouteSocket::open() {
  Fd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!fd) return tl::unexpected(fmt::format("cannot open netlink: {}", std::strerror(errno)));
  const int on = 1;
  ::setsockopt(fd.get(), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  ::setsockopt(fd.get(), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer, sizeof kReceiveBuffer)) {
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  }
  // rtnetlink answers inside sendmsg; should an answer ever be lost, the loop must not hang on it.
  const timeval patience{2, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return RouteSocket(std::move(fd));
}

std::vector<RouteSocket::Failure> RouteSocket::perform(const std::vector<NlMessage>& messages) {
  std::vector<Failure> failures;
  for (std::size_t from = 0; from < messages.size(); from += kBatch) {
    send_some(messages, from, std::min(from + kBatch, messages.size()), failures);
  }
  return failures;
}

void RouteSocket::send_some(const std::vector<NlMessage>& messages, std::size_t from,
                            std::size_t until, std::vector<Failure>& failures) {
  output_.clear();
  const auto first = sequence_ + 1;
  for (std::size_t i = from; i < until; ++i) {
    auto* const header = nlmsg_hdr(messages[i].get());
    header->nlmsg_seq = ++sequence_;
    if (i + 1 == until) header->nlmsg_flags |= NLM_F_ACK;
    const auto* const octets = reinterpret_cast<const std::uint8_t*>(header);
    output_.insert(output_.end(), octets, octets + header->nlmsg_len);
    output_.resize(NLMSG_ALIGN(output_.size()));
  }
  if (::send(fd_.get(), output_.data(), output_.size(), 0) < 0) {
    const int error = errno;
    for (std::size_t i = from; i < until; ++i) failures.push_back(own_failure(i, error));
    return;
  }
  collect(first, sequence_, from, failures);
}

void RouteSocket::collect(std::uint32_t first, std::uint32_t last, std::size_t index,
                          std::vector<Failure>& failures) {
  while (true) {
    const auto size = ::recv(fd_.get(), input_.data(), input_.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) {  // which of the orders failed is lost: call them all failed
      const int error = errno;
      for (auto i = first; i <= last; ++i)
        failures.push_back(own_failure(index + i - first, error));
      return;
    }
    int left = static_cast<int>(size);
    const auto* header = reinterpret_cast<const nlmsghdr*>(input_.data());
    for (; nlmsg_ok(header, left); header = nlmsg_next(const_cast<nlmsghdr*>(header), &left)) {
      if (header->nlmsg_type != NLMSG_ERROR) continue;
      const auto distance = header->nlmsg_seq - first;
      if (distance > last - first) continue;  // a late answer of an earlier batch
      const int error = -static_cast<const nlmsgerr*>(nlmsg_data(header))->error;
      if (error != 0) failures.push_back({index + distance, error, describe(header)});
      if (header->nlmsg_seq == last) return;
    }
  }
}

std::optional<RouteSocket::Failure> RouteSocket::perform(NlMessage message) {
  std::vector<NlMessage> one;
  one.push_back(std::move(message));
  auto failures = perform(one);
  if (failures.empty()) return std::nullopt;
  return std::move(failures.front());
}

std::optional<RouteSocket::Failure> RouteSocket::query(
    NlMessage message, const std::function<void(const nlmsghdr*)>& each) {
  auto* const request = nlmsg_hdr(message.get());
  request->nlmsg_seq = ++sequence_;
  const bool dump = (request->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
  if (!dump) request->nlmsg_flags |= NLM_F_ACK;
  if (::send(fd_.get(), request, request->nlmsg_len, 0) < 0) return own_failure(0, errno);
  while (true) {
    const auto size = ::recv(fd_.get(), input_.data(), input_.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return own_failure(0, errno);
    int left = static_cast<int>(size);
    const auto* header = reinterpret_cast<const nlmsghdr*>(input_.data());
    for (; nlmsg_ok(header, left); header = nlmsg_next(const_cast<nlmsghdr*>(header), &left)) {
      if (header->nlmsg_seq != sequence_) continue;
      if (header->nlmsg_type == NLMSG_DONE) return std::nullopt;
      if (header->nlmsg_type == NLMSG_ERROR) {
        const int error = -static_cast<const nlmsgerr*>(nlmsg_data(header))->error;
        if (error == 0) return std::nullopt;
        return Failure{0, error, describe(header)};
      }
      each(header);
    }
  }
}

}  // namespace agent::net
