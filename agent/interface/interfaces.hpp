// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/interface/journal_file.hpp"
#include "agent/interface/plan.hpp"

namespace agent::interface {

/// What Interfaces needs of its surroundings beside kernel and ports. All but the first may be
/// empty.
struct Surroundings {
  /// The parameters of a port profile; nullopt: there is no such profile; the error is a sentence.
  std::function<tl::expected<std::optional<journal::Parameters>, std::string>(
      const std::string& profile)>
      find_profile;
  FindTypeModes find_type_modes;
  /// Asks for work() soon, from the loop.
  std::function<void()> wake;
  std::function<void(const std::string& sentence)> log;
  /// Whether a macvtap or macvlan with this address went into another network namespace.
  std::function<bool(const lldp::MacAddress& mac)> moved_away;
};

/// Attaches and detaches guests' interfaces, step by step: a step is written down with its undo
/// before it is taken, so that a failure or a kill in the middle leaves nothing behind.
class Interfaces : public PortObserver {
 public:
  /// False: nobody is there to hear it, so what was attached is detached again.
  using Answer = std::function<bool(const pb::InterfaceResults& results)>;
  /// For the bridge's answer, where the request names no limit.
  static constexpr base::Duration kAttachLimit = std::chrono::seconds(30);
  /// An association of an earlier run is confirmed before it is ended; see agent/state/README.md.
  static constexpr base::Duration kEndingWait = std::chrono::seconds(10);
  /// Beyond this the end of an association is not waited for.
  static constexpr base::Duration kReleaseLimit = std::chrono::seconds(60);
  static constexpr base::Duration kPortProfilePoll = std::chrono::milliseconds(50);

  Interfaces(Kernel& kernel, Ports& ports, JournalFile::Opened opened, Surroundings surroundings);
  ~Interfaces() override;

  /// Undoes what an earlier run left half done. Comes after the VSIs of that run were resumed.
  void start();
  void attach(const pb::InterfaceAttach& request, Answer answer);
  void detach(const pb::InterfaceDetach& request, Answer answer);
  void apply(const pb::InterfaceApply& request, const Answer& answer);
  /// Of one name, or of all.
  std::vector<const journal::Entry*> entries(std::string_view name) const;
  /// All but the association, which the ports report.
  void report(const journal::Entry& entry, pb::Interface& to);
  /// Interfaces were made, changed or removed: follows the neighbours of private ones, and takes
  /// back the rest of what somebody else has removed.
  void links_changed();

  void port_output(std::string_view port, const vdp::Output& output) override;
  void work();
  std::optional<base::Instant> deadline() const;
  void time_passed(base::Instant now);

 private:
  struct Interface;
  struct Batch;
  using Shared = std::shared_ptr<Batch>;

  // requests.cpp
  std::optional<Refusal> check(pb::InterfaceAttach& request);
  std::optional<Refusal> begin(const pb::InterfaceWanted& wanted, const Shared& batch);
  tl::expected<std::optional<journal::Parameters>, Refusal> parameters(
      const pb::InterfaceWanted& wanted);
  tl::expected<Plan, Refusal> plan_for(const pb::InterfaceWanted& wanted,
                                       const std::vector<pb::InterfaceWanted>& promised);
  /// The VLAN at a bridge among the steps of any interface but `except`.
  const journal::BridgeVlan* shared_vlan(const std::string& port, std::uint32_t vid,
                                         const std::string& except) const;
  void fail(const Shared& batch, const std::string& name, Refusal refusal);
  void settle(const Shared& batch, const std::string& name);
  void finish(const Shared& batch);
  std::optional<Refusal> apply_to(Interface& interface);
  tl::expected<bool, Refusal> apply_to_function(Interface& interface,
                                                const journal::Parameters& now);
  /// Where a bridge that filters VLANs takes in what the interface sends; nullptr: none does.
  const net::Link* bridge_of(const std::string& interface,
                             const std::vector<net::Link>& links) const;
  std::optional<journal::VfSettings> function_now(const journal::Entry& entry);
  void report_parameters(const journal::Entry& entry, const net::Link& link,
                         const std::vector<net::Link>& links, pb::Interface& to);
  void report_vlans(const journal::Entry& entry, const net::Link& link,
                    const std::vector<net::Link>& links, pb::Interface& to);
  /// Whether the kernel has the filter that it was given.
  bool stands(const Interface& interface);
  void report_rates(const journal::Entry& entry, pb::Interface& to);
  std::optional<Refusal> set_parameters(Interface& interface, const journal::Parameters& now);

  // interfaces.cpp
  void advance(Interface& interface);
  bool advance_attach(Interface& interface);
  bool advance_detach(Interface& interface);
  void start_undo(Interface& interface);
  void ended(const std::string& name);
  void follow_siblings(Interface& interface, const std::vector<net::Link>& links);
  void waited(Interface& interface, base::Instant now);
  void poll_port_profile(Interface& interface, base::Instant now);
  void undone(Interface& interface);
  bool write(const Interface& interface);
  void log(const std::string& sentence) const;

  // steps.cpp
  tl::expected<void, Refusal> take(Interface& interface, const journal::Step& step);
  tl::expected<void, Refusal> associate(Interface& interface, const journal::Association& step);
  tl::expected<void, Refusal> take_up(Interface& interface, const journal::Up& step);
  Done take_filter(Interface& interface, const journal::Filter& step);
  Done undo(Interface& interface, const journal::Step& step);
  Done undo_vlan(Interface& interface, const journal::VlanDevice& step);
  Done undo_endpoint(const journal::Endpoint& step);
  Done undo_address(const journal::LowerAddress& step);
  Done release(Interface& interface, const journal::Association& step);
  void end_association(Interface& interface);
  void heard(Interface& interface, const vdp::Output& output);
  void not_granted(Interface& interface, const vdp::Output& output);

  Kernel& kernel_;
  Ports& ports_;
  JournalFile file_;
  Surroundings surroundings_;
  std::map<std::string, std::unique_ptr<Interface>, std::less<>> interfaces_;
  struct Heard {
    std::string port;
    vdp::Output output;
  };
  std::vector<Heard> heard_;
  std::vector<std::string> advance_soon_;
};

}  // namespace agent::interface
