// SPDX-License-Identifier: Apache-2.0
#include <etcd/etcdserver/etcdserverpb/rpc.grpc.pb.h>
#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <mutex>
#include <utility>

#include "agent/profile_sync/etcd.hpp"
#include "agent/profile_sync/pulse.hpp"

namespace agent::profile_sync {
namespace {

namespace pb = ::etcdserverpb;
constexpr std::chrono::seconds kAnswer{5};      ///< a member that takes longer is taken for dead
constexpr std::chrono::seconds kSignOfLife{5};  ///< how often a quiet watch is asked for one
constexpr int kKeepAliveMs = 10'000;
constexpr std::int64_t kKeysAtOnce = 1000;

/// The first key that does not begin with the prefix, as etcd wants ranges.
std::string end_of(std::string prefix) {
  while (!prefix.empty()) {
    const auto last = static_cast<unsigned char>(prefix.back());
    if (last != 0xFF) {
      prefix.back() = static_cast<char>(last + 1);
      return prefix;
    }
    prefix.pop_back();
  }
  return std::string(1, '\0');  // everything
}

Position position(const pb::ResponseHeader& header) {
  return {fmt::format("{:016x}", header.cluster_id()), header.revision()};
}

KeyValue key_value(const mvccpb::KeyValue& entry) {
  return {entry.key(), entry.value(), entry.mod_revision()};
}

tl::expected<std::string, std::string> file_text(const std::string& path) {
  if (path.empty()) return std::string();
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file || text.empty()) return tl::unexpected(fmt::format("cannot read {}", path));
  return text;
}

class GrpcEtcd : public Etcd {
 public:
  GrpcEtcd(EtcdSettings settings, std::shared_ptr<grpc::ChannelCredentials> credentials)
      : settings_(std::move(settings)), credentials_(std::move(credentials)) {}

  EtcdResult<Snapshot> read(const std::string& key) override {
    pb::RangeRequest request;
    request.set_key(key);
    const auto answer = range(request);
    if (!answer) return tl::unexpected(answer.error());
    Snapshot found{position(answer->header()), {}};
    for (const auto& entry : answer->kvs()) found.entries.push_back(key_value(entry));
    return found;
  }

  EtcdResult<Snapshot> read_all(const std::string& prefix) override {
    pb::RangeRequest request;
    request.set_key(prefix);
    request.set_range_end(end_of(prefix));
    request.set_limit(kKeysAtOnce);
    Snapshot found;
    for (;;) {
      const auto answer = range(request);
      if (!answer) return tl::unexpected(answer.error());
      if (request.revision() == 0) {
        found.at = position(answer->header());
        request.set_revision(found.at.revision);  // all pages are of one revision
      }
      for (const auto& entry : answer->kvs()) found.entries.push_back(key_value(entry));
      if (!answer->more() || answer->kvs().empty()) return found;
      request.set_key(found.entries.back().key + '\0');
    }
  }

  EtcdError watch(const std::string& prefix, std::int64_t from,
                  const std::function<bool(const Batch&)>& heard) override {
    if (auto failure = ready()) return *failure;
    Call call(*this);
    grpc::ClientContext context;
    if (!call.begin(context, std::nullopt)) return stopped();
    const auto stream = pb::Watch::NewStub(channel_)->Watch(&context);
    pb::WatchRequest request;
    auto& create = *request.mutable_create_request();
    create.set_key(prefix);
    create.set_range_end(end_of(prefix));
    create.set_start_revision(from);
    create.set_fragment(true);
    stream->Write(request);
    std::optional<EtcdError> error;
    {
      const Pulse pulse(kSignOfLife, [&] {
        pb::WatchRequest progress;
        progress.mutable_progress_request();
        return stream->Write(progress);
      });
      error = follow(*stream, heard);
    }
    context.TryCancel();
    const auto status = stream->Finish();
    return error ? *error : fail(status, "watch");
  }

  EtcdResult<std::int64_t> write(const std::vector<Write>& writes) override {
    pb::TxnRequest request;
    for (const auto& one : writes) {
      auto& compare = *request.add_compare();
      compare.set_key(one.key);
      compare.set_target(pb::Compare::MOD);
      compare.set_result(pb::Compare::EQUAL);
      compare.set_mod_revision(one.modified);
      if (one.what == Write::What::kPut) {
        auto& put = *request.add_success()->mutable_request_put();
        put.set_key(one.key);
        put.set_value(one.value);
      } else if (one.what == Write::What::kRemove) {
        request.add_success()->mutable_request_delete_range()->set_key(one.key);
      }
    }
    const auto answer = call<pb::TxnResponse>("write", [&](auto& context, auto& response) {
      return pb::KV::NewStub(channel_)->Txn(&context, request, &response);
    });
    if (!answer) return tl::unexpected(answer.error());
    if (answer->succeeded()) return answer->header().revision();
    return tl::unexpected(EtcdError{EtcdError::Kind::kConflict,
                                    "somebody else changed etcd meanwhile; nothing was written"});
  }

  EtcdResult<std::int64_t> grant(std::chrono::seconds time) override {
    pb::LeaseGrantRequest request;
    request.set_ttl(time.count());
    const auto answer = call<pb::LeaseGrantResponse>("get a lease", [&](auto& context, auto& to) {
      return pb::Lease::NewStub(channel_)->LeaseGrant(&context, request, &to);
    });
    if (!answer) return tl::unexpected(answer.error());
    return answer->id();
  }

  EtcdResult<bool> keep_alive(std::int64_t lease) override {
    pb::LeaseKeepAliveRequest request;
    request.set_id(lease);
    const auto answer =
        call<pb::LeaseKeepAliveResponse>("keep a lease", [&](auto& context, auto& to) {
          const auto stream = pb::Lease::NewStub(channel_)->LeaseKeepAlive(&context);
          const bool read = stream->Write(request) && stream->Read(&to);
          if (read) context.TryCancel();
          const auto status = stream->Finish();
          return read ? grpc::Status::OK : status;
        });
    if (!answer) return tl::unexpected(answer.error());
    return answer->ttl() > 0;
  }

  EtcdResult<bool> report(
      std::int64_t lease,
      const std::map<std::string, std::optional<std::string>>& changes) override {
    pb::TxnRequest request;
    std::size_t left = changes.size();
    for (const auto& [key, value] : changes) {
      if (value) {
        auto& put = *request.add_success()->mutable_request_put();
        put.set_key(key);
        put.set_value(*value);
        put.set_lease(lease);
      } else {
        request.add_success()->mutable_request_delete_range()->set_key(key);
      }
      if (--left > 0 && request.success_size() < static_cast<int>(kWritesAtOnce)) continue;
      const auto answer = call<pb::TxnResponse>("report", [&](auto& context, auto& response) {
        return pb::KV::NewStub(channel_)->Txn(&context, request, &response);
      });
      if (!answer) return tl::unexpected(answer.error());
      request.clear_success();
    }
    return true;
  }

  void stop() override {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    if (running_ != nullptr) running_->TryCancel();
  }

 private:
  /// One call at a time, which stop() can end.
  class Call {
   public:
    explicit Call(GrpcEtcd& etcd) : etcd_(etcd) {}
    ~Call() {
      const std::lock_guard lock(etcd_.mutex_);
      etcd_.running_ = nullptr;
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    bool begin(grpc::ClientContext& context, std::optional<std::chrono::seconds> limit) {
      if (limit) context.set_deadline(std::chrono::system_clock::now() + *limit);
      // A member that has lost its leader then says so, and ends its watches.
      context.AddMetadata("hasleader", "true");
      if (!etcd_.token_.empty()) context.AddMetadata("token", etcd_.token_);
      const std::lock_guard lock(etcd_.mutex_);
      if (etcd_.stopped_) return false;
      etcd_.running_ = &context;
      return true;
    }

   private:
    GrpcEtcd& etcd_;
  };

  static EtcdError stopped() { return {EtcdError::Kind::kStopped, "stopped"}; }

  const std::string& endpoint() const {
    return settings_.endpoints[at_ % settings_.endpoints.size()];
  }

  /// Connects, and logs in where that is configured.
  std::optional<EtcdError> ready() {
    if (channel_) return std::nullopt;
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepAliveMs);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepAliveMs / 2);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    // Two channels to one address would share a connection, and with it its failure.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxReceiveMessageSize(-1);
    if (!settings_.server_name.empty()) {
      arguments.SetString(GRPC_SSL_TARGET_NAME_OVERRIDE_ARG, settings_.server_name);
    }
    channel_ = grpc::CreateCustomChannel(endpoint(), credentials_, arguments);
    token_.clear();
    return settings_.user.empty() ? std::nullopt : log_in();
  }

  std::optional<EtcdError> log_in() {
    const auto password = file_text(settings_.password_file);
    if (!password) {
      channel_.reset();
      return EtcdError{EtcdError::Kind::kRefused, password.error()};
    }
    pb::AuthenticateRequest request;
    request.set_name(settings_.user);
    request.set_password(password->substr(0, password->find('\n')));
    pb::AuthenticateResponse response;
    Call call(*this);
    grpc::ClientContext context;
    if (!call.begin(context, kAnswer)) return stopped();
    const auto status = pb::Auth::NewStub(channel_)->Authenticate(&context, request, &response);
    if (!status.ok()) return fail(status, "log in");
    token_ = response.token();
    return std::nullopt;
  }

  template <class Response, class Ask>
  EtcdResult<Response> call(const char* what, const Ask& ask) {
    if (auto failure = ready()) return tl::unexpected(*failure);
    Call call(*this);
    grpc::ClientContext context;
    if (!call.begin(context, kAnswer)) return tl::unexpected(stopped());
    Response response;
    const grpc::Status status = ask(context, response);
    if (!status.ok()) return tl::unexpected(fail(status, what));
    return response;
  }

  /// Asks every member before it gives up: to read twice does no harm.
  EtcdResult<pb::RangeResponse> range(const pb::RangeRequest& request) {
    for (std::size_t tries = 1;; ++tries) {
      auto answer = call<pb::RangeResponse>("read", [&](auto& context, auto& response) {
        return pb::KV::NewStub(channel_)->Range(&context, request, &response);
      });
      const bool elsewhere = !answer && answer.error().kind == EtcdError::Kind::kUnreachable;
      if (!elsewhere || tries >= settings_.endpoints.size()) return answer;
    }
  }

  /// Reads the watch to its end; nullopt: the stream's status says why it ended.
  template <class Stream>
  static std::optional<EtcdError> follow(Stream& stream,
                                         const std::function<bool(const Batch&)>& heard) {
    Batch batch;
    pb::WatchResponse response;
    while (stream.Read(&response)) {
      if (response.compact_revision() != 0) {
        return EtcdError{EtcdError::Kind::kCompacted,
                         fmt::format("etcd has compacted its history up to revision {}",
                                     response.compact_revision())};
      }
      if (response.canceled()) {
        return EtcdError{EtcdError::Kind::kRefused,
                         "etcd ended the watch: " + response.cancel_reason()};
      }
      batch.cluster = position(response.header()).cluster;
      for (const auto& event : response.events()) {
        batch.events.push_back({event.type() == mvccpb::Event::DELETE, key_value(event.kv())});
      }
      if (response.fragment()) continue;  // the rest of the same revision follows
      if (!heard(batch)) return stopped();
      batch.events.clear();
    }
    return std::nullopt;
  }

  /// Says why a call failed; the next one goes to the next member.
  EtcdError fail(const grpc::Status& status, std::string_view what) {
    const auto text = fmt::format("{}: cannot {}: {}", endpoint(), what, status.error_message());
    channel_.reset();
    ++at_;
    {
      const std::lock_guard lock(mutex_);
      if (stopped_) return stopped();
    }
    switch (status.error_code()) {
      case grpc::StatusCode::UNAUTHENTICATED:
      case grpc::StatusCode::PERMISSION_DENIED:
      case grpc::StatusCode::INVALID_ARGUMENT:
      case grpc::StatusCode::FAILED_PRECONDITION: return {EtcdError::Kind::kRefused, text};
      case grpc::StatusCode::OUT_OF_RANGE: return {EtcdError::Kind::kCompacted, text};
      default: return {EtcdError::Kind::kUnreachable, text};
    }
  }

  EtcdSettings settings_;
  std::shared_ptr<grpc::ChannelCredentials> credentials_;
  std::shared_ptr<grpc::Channel> channel_;
  std::string token_;
  std::size_t at_ = 0;
  std::mutex mutex_;
  grpc::ClientContext* running_ = nullptr;
  bool stopped_ = false;
};

}  // namespace

tl::expected<std::unique_ptr<Etcd>, std::string> connect(const EtcdSettings& settings) {
  auto credentials = grpc::InsecureChannelCredentials();
  if (settings.tls) {
    grpc::SslCredentialsOptions options;
    const std::pair<const std::string&, std::string&> files[] = {
        {settings.ca, options.pem_root_certs},
        {settings.certificate, options.pem_cert_chain},
        {settings.key, options.pem_private_key},
    };
    for (const auto& [path, to] : files) {
      auto text = file_text(path);
      if (!text) return tl::unexpected(text.error());
      to = std::move(*text);
    }
    credentials = grpc::SslCredentials(options);
  }
  return std::make_unique<GrpcEtcd>(settings, std::move(credentials));
}

}  // namespace agent::profile_sync
