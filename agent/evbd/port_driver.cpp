// SPDX-License-Identifier: Apache-2.0
#include "agent/evbd/port_driver.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include "agent/evbd/monotonic.hpp"
#include "lldp/base/overload.hpp"

namespace agent {
namespace {

/// About the VSIs of one ECPDU.
constexpr std::size_t kFedAtOnce = 42;
/// Facts that are told before the sockets are looked at again: an acknowledgement waits no longer
/// than for these.
constexpr std::size_t kToldAtOnce = 32;
/// More than so many do not wait to be told, whatever comes on the wire.
constexpr std::size_t kMostUntold = 2048;
/// Looks at the sockets while there is something to tell; then the rest of the loop has its turn.
constexpr int kMostLooks = 4096;
/// Facts that room is kept for. The end of EVB ends all VSIs at once, and is rare.
constexpr std::size_t kKeptRoom = kMostUntold;

template <class... Kinds>
bool is_one_of(const vdp::Output& output) {
  return (std::holds_alternative<Kinds>(output) || ...);
}

/// Orders are the driver's own business.
bool is_fact(const vdp::Output& output) {
  return !is_one_of<vdp::SendFrame, vdp::ResolveVsiType, vdp::AdmitVsi, vdp::ReleaseVsi,
                    vdp::SetReflectiveRelay>(output);
}

std::uint16_t random_sequence() {
  std::random_device device;
  return static_cast<std::uint16_t>(device());
}

}  // namespace

PortDriver::PortDriver(DriverServices& services, std::uint32_t number, PortSettings settings)
    : services_(services),
      number_(number),
      settings_(std::move(settings)),
      first_ecp_sequence_(random_sequence()),
      core_(core_config()),
      tape_(services.recorder.tape(settings_.name, core_.config(), true, monotonic_now())),
      log_(services.log, settings_.name),
      sockets_(
          services.loop,
          [this](base::Bytes frame) {
            const vdp::Input input = vdp::FrameReceived{frame};
            feed_now(std::span(&input, 1));
          },
          [this](const std::string& sentence) { log_.trouble(monotonic_now(), sentence); },
          [this] { finish(true); }),
      timer_(services.loop) {}

PortDriver::~PortDriver() = default;

void PortDriver::feed(std::span<const vdp::Input> inputs) {
  if (feeding_) {
    answers_.insert(answers_.end(), inputs.begin(), inputs.end());
    return;
  }
  const bool burst = inputs.size() > kFedAtOnce;
  while (inputs.size() > kFedAtOnce) {
    feed_now(inputs.first(kFedAtOnce));
    inputs = inputs.subspan(kFedAtOnce);
    sockets_.drain();  // the peer works on what has left already
  }
  feed_now(inputs);
  finish(burst);
}

void PortDriver::feed_now(std::span<const vdp::Input> inputs) {
  feeding_ = true;
  const auto now = monotonic_now();
  take(now, inputs);
  settle_answers(now);
  feeding_ = false;
  while (untold() > kMostUntold) tell_some();
}

void PortDriver::take(base::Instant now, std::span<const vdp::Input> inputs) {
  outputs_.clear();
  core_.handle(now, inputs, outputs_);
  if (tape_) services_.recorder.record(tape_, now, inputs, outputs_);
  for (const auto& output : outputs_) perform(now, output);
  for (auto& output : outputs_) {
    if (is_fact(output)) facts_.push_back(std::move(output));
  }
}

/// Facts are logged and told while no frame waits: what is left to do is the peer's then. The loop
/// goes on when all is told, so nobody else meets a core that is ahead of what was told of it.
/// Without `look` no frame is taken: who fed a few inputs hears what came of them, and no more.
void PortDriver::finish(bool look) {
  for (int looks = 0; untold() > 0; ++looks) {
    tell_some();
    if (look && looks < kMostLooks) sockets_.drain();
  }
  told_.clear();
  told_to_ = 0;
  for (auto* const outputs : {&told_, &facts_, &outputs_}) {
    if (outputs->capacity() > kKeptRoom) *outputs = {};
  }
  arm_timer();
}

/// Logs and tells a few facts, in their order.
void PortDriver::tell_some() {
  if (told_to_ == told_.size()) {
    told_.clear();
    told_.swap(facts_);
    told_to_ = 0;
  }
  const auto some =
      std::span(told_).subspan(told_to_, std::min(kToldAtOnce, told_.size() - told_to_));
  told_to_ += some.size();
  feeding_ = true;
  const auto now = monotonic_now();
  for (const auto& output : some) log_.output(now, output, core_);
  services_.observe(settings_.name, some);
  settle_answers(now);
  feeding_ = false;
}

/// Feeds the answers that came while outputs were carried out, all that wait as one batch, so that
/// the requests of one ECPDU reach the kernel, and the station, together.
void PortDriver::settle_answers(base::Instant now) {
  do {
    batch_.clear();
    batch_.swap(answers_);
    if (!batch_.empty()) take(now, batch_);
    if (answers_.empty()) answer_admissions(now);
  } while (!answers_.empty());
}

void PortDriver::arm_timer() {
  const auto next = core_.deadline();
  // A timer that fires early only looks again: cheaper than to set it anew for each event.
  if (!next || (armed_ && *armed_ <= *next)) return;
  armed_ = next;
  timer_.expires_at(to_steady(*next));
  timer_.async_wait(
      [this, alive = std::weak_ptr<int>(alive_)](const boost::system::error_code& error) {
        if (!error && !alive.expired()) timer_fired();
      });
}

void PortDriver::timer_fired() {
  armed_.reset();
  const auto deadline = core_.deadline();
  if (deadline && *deadline <= monotonic_now()) {
    feed(vdp::TimePassed{});
  } else {
    arm_timer();
  }
}

void PortDriver::perform(base::Instant now, const vdp::Output& output) {
  std::visit(base::Overload{
                 [&](const vdp::SendFrame& order) { send(now, order); },
                 [&](const vdp::ResolveVsiType& question) { resolve(now, question); },
                 [&](const vdp::AdmitVsi& order) { admit(now, order); },
                 [&](const vdp::ReleaseVsi& order) { release(order); },
                 [&](const vdp::SetReflectiveRelay& order) { set_relay(now, order.on); },
                 [](const auto&) {},  // facts: logged and observed
             },
             output);
}

void PortDriver::send(base::Instant now, const vdp::SendFrame& order) {
  if (!sockets_.is_open()) return;
  const auto done = sockets_.send(order.frame);
  if (!done) log_.trouble(now, done.error());
}

VsiPolicy::Asker PortDriver::asker() const {
  return {number_, settings_.default_manager, link_ ? link_->mtu : 0};
}

void PortDriver::resolve(base::Instant now, const vdp::ResolveVsiType& question) {
  auto answer = services_.policy.resolve(asker(), question);
  if (answer.resolved.reason != vdp::Reason::kSuccess) {
    log_.refused(now, question, answer.resolved.reason, answer.trouble);
  }
  answers_.emplace_back(std::move(answer.resolved));
}

void PortDriver::admit(base::Instant now, const vdp::AdmitVsi& order) {
  auto refuse = [&](vdp::Reason reason, const std::string& trouble) {
    log_.not_admitted(now, trouble);
    services_.policy.not_admitted(number_, order.id);
    answers_.emplace_back(vdp::VsiAdmitted{order.question, reason});
  };
  if (!settings_.enforce) {
    services_.policy.admitted(number_, order.id);
    answers_.emplace_back(vdp::VsiAdmitted{order.question, vdp::Reason::kSuccess});
  } else if (!bridge_) {
    refuse(vdp::Reason::kOtherFailure, "a VSI cannot be admitted: " + bridge_trouble_);
  } else if (!vdp::has_mac(order.filters.format)) {
    refuse(
        vdp::Reason::kInvalidFilter,
        "a VSI without MAC addresses in its filters cannot be admitted to a locked port; let the "
        "station use filter format MAC/VID, or set enforce = false");
  } else {
    const auto admission = services_.policy.admission(asker(), order);
    bridge_->admit(order.question, admission.macs, admission.limits);
  }
}

void PortDriver::answer_admissions(base::Instant now) {
  if (!bridge_) return;
  for (auto& admission : bridge_->flush()) {
    if (admission.reason == vdp::Reason::kSuccess) {
      services_.policy.admitted(number_, admission.question.vsi);
    } else {
      log_.not_admitted(now, admission.trouble);
      services_.policy.not_admitted(number_, admission.question.vsi);
    }
    answers_.emplace_back(vdp::VsiAdmitted{admission.question, admission.reason});
  }
}

void PortDriver::release(const vdp::ReleaseVsi& order) {
  services_.policy.release(number_, order.id);
  if (bridge_) bridge_->release(order.id);
}

void PortDriver::set_relay(base::Instant now, bool on) {
  bool in_force = false;
  if (bridge_) {
    const auto done = bridge_->set_hairpin(on);
    if (!done) log_.trouble(now, done.error());
    in_force = done ? on : !on;
  } else if (on) {
    // Between the loss of the bridge port and the core's LinkChanged.
    log_.trouble(now,
                 "the station asks for reflective relay, and the Linux bridge port that would be "
                 "turned is not ours any more");
  }
  answers_.emplace_back(vdp::ReflectiveRelayChanged{in_force});
}

}  // namespace agent
