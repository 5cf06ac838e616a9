// SPDX-License-Identifier: Apache-2.0
#include "agent/evbd/type_database.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <array>
#include <boost/asio/post.hpp>
#include <csignal>
#include <filesystem>
#include <utility>

namespace agent {
namespace {

/// For a writer that holds the whole file; readers of SQLite's WAL do not wait otherwise.
constexpr std::chrono::milliseconds kPatience{500};
/// inotify tells of changes at once; a network file system's come to light by this.
constexpr std::chrono::milliseconds kLookAgain{5000};
/// After trouble, or where there is no folder to watch yet.
constexpr std::chrono::milliseconds kTryAgain{500};
/// A writer touches the file several times for one change.
constexpr std::chrono::milliseconds kSettle{10};
constexpr std::size_t kAtOnce = 4096;

/// 0: there is no file.
std::uint64_t inode_of(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 ? found.st_ino : 0;
}

/// All that waits in the descriptor.
void drain(int fd) {
  std::array<char, 4096> ignored{};
  while (::read(fd, ignored.data(), ignored.size()) > 0) {
  }
}

}  // namespace

TypeDatabase::TypeDatabase(boost::asio::io_context& loop, std::string path,
                           std::function<void(const News&)> tell)
    : loop_(loop),
      path_(std::move(path)),
      tell_(std::move(tell)),
      told_{std::make_shared<profiles::VsiTypes>()},
      stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

TypeDatabase::~TypeDatabase() {
  if (!thread_.joinable()) return;
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
}

void TypeDatabase::start(std::chrono::milliseconds patience) {
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are the loop's
  thread_ = std::thread([this] { run(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  std::unique_lock lock(mutex_);
  const bool looked = looked_.wait_for(lock, patience, [this] { return news_.has_value(); });
  lock.unlock();
  if (looked) {
    deliver();
  } else {
    delivered_ = {std::make_shared<profiles::VsiTypes>(),
                  path_ + " has not been read yet: its disk is slow"};
    tell_(delivered_);
  }
}

void TypeDatabase::run() {
  pollfd stopped{stop_.get(), POLLIN, 0};
  while (::poll(&stopped, 1, 0) == 0) wait(look());
}

/// Until something happens to the file, or evbd stops.
void TypeDatabase::wait(bool readable) {
  if (!watch_) {
    watch_ = net::Fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    const auto folder = std::filesystem::path(path_).parent_path();
    constexpr auto kMask =
        IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE_SELF;
    if (::inotify_add_watch(watch_.get(), folder.c_str(), kMask) < 0) {
      watch_ = net::Fd();
    } else if (readable) {
      return;  // what happened before the watch was there
    }
  }
  // To open what cannot be read makes files of its own, which must not wake us.
  const bool watching = readable && watch_;
  std::array<pollfd, 2> waits{pollfd{stop_.get(), POLLIN, 0},
                              pollfd{watching ? watch_.get() : -1, POLLIN, 0}};
  const auto limit = watching ? kLookAgain : kTryAgain;
  ::poll(waits.data(), waits.size(), static_cast<int>(limit.count()));
  if (waits[1].revents != 0) ::poll(waits.data(), 1, static_cast<int>(kSettle.count()));
  if (watch_) drain(watch_.get());
}

bool TypeDatabase::file_replaced() const { return inode_of(path_) != inode_; }

bool TypeDatabase::look() {
  if (store_ && file_replaced()) store_.reset();
  if (!store_) {
    seen_ = 0;
    revision_ = 0;
    inode_ = inode_of(path_);
    auto opened = profiles::Store::open(path_, profiles::Access::kRead, kPatience);
    if (!opened) return failed(opened.error());
    store_.emplace(std::move(*opened));
  }
  const auto version = store_->data_version();
  if (!version) return failed(version.error());
  const bool fresh = told_anything_ && told_.trouble.empty();
  if (seen_ == *version && fresh) return true;
  auto news = read_changes();
  if (!news) return failed(news.error());
  auto mirror = store_->mirror_state();
  if (!mirror) return failed(mirror.error());
  set_mirror(std::move(*mirror));
  seen_ = *version;
  if (revision_ != news->revision || !fresh) publish(std::move(*news));
  revision_ = told_.revision;
  return true;
}

profiles::StoreResult<TypeDatabase::News> TypeDatabase::read_changes() {
  auto reader = store_->read_changes(revision_);
  if (!reader) return tl::unexpected(reader.error());
  auto types = reader->from_nothing() ? profiles::VsiTypes() : *told_.types;
  while (true) {
    auto changes = reader->next(kAtOnce);
    if (!changes) return tl::unexpected(changes.error());
    if (changes->empty()) break;
    for (const auto& name : changes->remove_types) types.remove(name);
    for (auto& [name, parameters] : changes->put_types) types.put(name, std::move(parameters));
  }
  return News{std::make_shared<const profiles::VsiTypes>(std::move(types)), "", reader->revision()};
}

/// What was read stays in force, but of a file that is not there: that has no types.
bool TypeDatabase::failed(const profiles::StoreError& error) {
  const bool missing = error.kind == profiles::StoreError::Kind::kMissing;
  store_.reset();
  if (missing) set_mirror(std::nullopt);
  News news{missing ? std::make_shared<const profiles::VsiTypes>() : told_.types,
            missing ? std::string() : error.text, missing ? 0 : told_.revision};
  const bool same = news.trouble == told_.trouble && news.types->size() == told_.types->size();
  if (!told_anything_ || !same) publish(std::move(news));
  return missing;
}

void TypeDatabase::set_mirror(std::optional<profiles::MirrorState> state) {
  const std::lock_guard lock(mutex_);
  mirror_ = std::move(state);
}

std::optional<profiles::MirrorState> TypeDatabase::mirror() const {
  const std::lock_guard lock(mutex_);
  return mirror_;
}

void TypeDatabase::publish(News news) {
  retired_ = std::exchange(told_, news).types;
  told_anything_ = true;
  {
    const std::lock_guard lock(mutex_);
    news_ = std::move(news);
  }
  looked_.notify_all();
  boost::asio::post(loop_, [this, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired()) deliver();
  });
}

/// In the loop.
void TypeDatabase::deliver() {
  std::unique_lock lock(mutex_);
  const auto news = std::exchange(news_, std::nullopt);
  lock.unlock();
  if (!news) return;
  delivered_ = *news;
  tell_(*news);
}

}  // namespace agent
