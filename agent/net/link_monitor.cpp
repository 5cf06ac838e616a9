// SPDX-License-Identifier: Apache-2.0
#include "agent/net/link_monitor.hpp"

#include <fmt/format.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <poll.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>

#include "agent/net/fd.hpp"
#include "agent/net/link_message.hpp"

namespace agent::net {
namespace {

constexpr int kReceiveBuffer = 4 << 20;  // some thousand interfaces coming up at once
constexpr int kDumpPatience = 5000;      // milliseconds for the first reading of the table

tl::unexpected<std::string> failed(std::string_view doing) {
  return tl::unexpected(fmt::format("{}: {}", doing, std::strerror(errno)));
}

}  // namespace

LinkMonitor::LinkMonitor(boost::asio::io_context& loop,
                         std::function<void(const std::string&)> changed,
                         std::function<void(const std::string&)> trouble)
    : loop_(loop),
      socket_(loop),
      changed_(std::move(changed)),
      trouble_(std::move(trouble)),
      buffer_(64 * 1024) {}

tl::expected<void, std::string> LinkMonitor::start() {
  Fd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  if (!fd) return failed("cannot open netlink");
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer, sizeof kReceiveBuffer)) {
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  }
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK;
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return failed("cannot watch network interfaces");
  }
  socket_.assign(fd.release());
  if (auto asked = request_dump(); !asked) return asked;
  while (dumping_) {
    pollfd wait{socket_.native_handle(), POLLIN, 0};
    if (::poll(&wait, 1, kDumpPatience) <= 0) return failed("reading the network interfaces");
    if (drain()) continue;
    if (auto asked = request_dump(); !asked) return asked;
  }
  wait();
  return {};
}

tl::expected<void, std::string> LinkMonitor::request_dump() {
  struct {
    nlmsghdr header;
    ifinfomsg info;
  } request{};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = RTM_GETLINK;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  not_seen_.clear();
  for (const auto& [index, link] : links_) not_seen_.insert(index);
  dumping_ = true;
  if (::send(socket_.native_handle(), &request, sizeof request, 0) < 0 && errno != EBUSY) {
    dumping_ = false;
    return failed("cannot read the network interfaces");
  }
  return {};
}

void LinkMonitor::wait() {
  socket_.async_wait(socket_.wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    catch_up();
    wait();
  });
}

void LinkMonitor::catch_up() {
  if (!socket_.is_open() || drain()) return;
  trouble_("netlink lost messages about network interfaces: reading them all again");
  if (const auto asked = request_dump(); !asked) trouble_(asked.error());
}

bool LinkMonitor::drain() {
  while (true) {
    const auto size = ::recv(socket_.native_handle(), buffer_.data(), buffer_.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == ENOBUFS) return false;
    if (size < 0) return true;
    int left = static_cast<int>(size);
    const auto* header = reinterpret_cast<const nlmsghdr*>(buffer_.data());
    for (; nlmsg_ok(header, left); header = nlmsg_next(const_cast<nlmsghdr*>(header), &left)) {
      take(header);
    }
  }
}

void LinkMonitor::take(const nlmsghdr* header) {
  if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR) end_dump();
  if (header->nlmsg_type != RTM_NEWLINK && header->nlmsg_type != RTM_DELLINK) return;
  if (static_cast<std::size_t>(nlmsg_datalen(header)) < sizeof(ifinfomsg)) return;
  const auto* const info = static_cast<const ifinfomsg*>(nlmsg_data(header));
  // A bridge tells of its ports in messages of its own, where DELLINK means "left the bridge".
  if (info->ifi_family != AF_UNSPEC) {
    if (const auto* const link = find(info->ifi_index)) mark_changed(link->name);
    return;
  }
  if (header->nlmsg_type == RTM_DELLINK) {
    const auto* const link = find(info->ifi_index);
    const bool guest = link != nullptr && is_guest_device(*link);
    if (guest && moved_away(header)) moved_away_.insert(link->address);
    remove(info->ifi_index);
  } else if (auto link = read_link(header)) {
    store(std::move(*link));
  }
}

void LinkMonitor::store(Link link) {
  not_seen_.erase(link.index);
  const auto index = link.index;
  const auto known = links_.find(index);
  if (known != links_.end()) {
    if (known->second == link) return;
    count_guest(known->second, false);
    if (known->second.name != link.name) {
      mark_changed(known->second.name);
      const auto name = by_name_.find(known->second.name);
      if (name != by_name_.end() && name->second == index) by_name_.erase(name);
    }
  }
  mark_changed(link.name);
  count_guest(link, true);
  by_name_[link.name] = index;
  links_.insert_or_assign(index, std::move(link));
}

void LinkMonitor::remove(int index) {
  not_seen_.erase(index);
  const auto known = links_.find(index);
  if (known == links_.end()) return;
  count_guest(known->second, false);
  mark_changed(known->second.name);
  const auto name = by_name_.find(known->second.name);
  if (name != by_name_.end() && name->second == index) by_name_.erase(name);
  links_.erase(known);
}

void LinkMonitor::count_guest(const Link& link, bool present) {
  if (!is_guest_device(link)) return;
  if (present) {
    guest_devices_.insert(link.address);
    moved_away_.erase(link.address);
  } else if (const auto found = guest_devices_.find(link.address); found != guest_devices_.end()) {
    guest_devices_.erase(found);
  }
}

void LinkMonitor::end_dump() {
  if (!dumping_) return;
  dumping_ = false;
  const auto gone = std::exchange(not_seen_, {});
  for (const auto index : gone) remove(index);
}

void LinkMonitor::mark_changed(const std::string& name) {
  names_changed_.insert(name);
  if (std::exchange(telling_, true)) return;
  boost::asio::post(loop_, [this] { tell(); });
}

void LinkMonitor::tell() {
  telling_ = false;
  const auto names = std::exchange(names_changed_, {});
  for (const auto& name : names) changed_(name);
}

const Link* LinkMonitor::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : find(found->second);
}

const Link* LinkMonitor::find(int index) const {
  const auto found = links_.find(index);
  return found == links_.end() ? nullptr : &found->second;
}

}  // namespace agent::net
