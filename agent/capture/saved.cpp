// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/saved.hpp"

#include <linux/if_ether.h>

#include <algorithm>

#include "agent/capture/output_text.hpp"
#include "agent/capture/pcapng_writer.hpp"
#include "agent/capture/words.hpp"
#include "agent/version.hpp"
#include "lldp/base/overload.hpp"

namespace agent::capture {
namespace {

constexpr std::size_t kRecordsAtOnce = 512;

std::string vsi_sentence(const vdp::VsiChanged& change) {
  auto text = fmt::format("VSI {} is {}: {}", vdp::to_string(change.id), to_string(change.state),
                          to_string(change.cause));
  if (change.failure && change.failure->reason != vdp::Reason::kSuccess) {
    text += fmt::format(", reason {} ({})", static_cast<int>(change.failure->reason),
                        to_string(change.failure->reason));
  }
  return text;
}

/// A sentence of what an output means to a reader of the frame; empty: nothing.
std::string sentence(const vdp::Output& output) {
  return std::visit(
      base::Overload{
          [](const vdp::VsiChanged& change) { return vsi_sentence(change); },
          [](const vdp::RequestRefused& refused) {
            return fmt::format("request for VSI {} refused: {}", vdp::to_string(refused.id),
                               to_string(refused.refusal));
          },
          [](const vdp::EvbChanged& change) {
            const auto& values = change.operational;
            if (!values.on) return std::string("EVB is off");
            return fmt::format("EVB is on: R {}, RTE {}, RWD {}, RKA {}", values.max_retries,
                               values.retransmit_exponent, values.resource_wait_delay,
                               values.reinit_keep_alive);
          },
          [](const vdp::NeighborsChanged&) { return std::string("a neighbour changed"); },
          [](const vdp::SChannelsChanged&) { return std::string("CDCP changed"); },
          [](const vdp::FrameRefused& refused) {
            return fmt::format("refused: octet {}, {}", refused.error.octet,
                               base::to_string(refused.error.fault));
          },
          [](const vdp::EcpDeliveryFailed& failed) {
            return fmt::format("ECPDU {} was given up", failed.sequence);
          },
          [](const auto&) { return std::string(); },
      },
      output);
}

/// Why a frame was sent: the stimulus in a few words.
std::string_view occasion(const vdp::Input& input) {
  return std::visit(
      base::Overload{
          [](const vdp::FrameReceived&) { return std::string_view("in answer to a frame"); },
          [](const vdp::LinkChanged&) { return std::string_view("because the link changed"); },
          [](const vdp::PortReconfigured&) {
            return std::string_view("because the configuration changed");
          },
          [](const vdp::AdminStatusChanged&) {
            return std::string_view("because the port's status changed");
          },
          [](const vdp::AssociateRequested&) { return std::string_view("as a client asked"); },
          [](const vdp::DeassociateRequested&) { return std::string_view("as a client asked"); },
          [](const vdp::VsiTypeResolved&) {
            return std::string_view("because the VSI type was resolved");
          },
          [](const vdp::VsiAdmitted&) { return std::string_view("because the VSI was admitted"); },
          [](const vdp::BridgeDeassociated&) {
            return std::string_view("as the bridge's operator asked");
          },
          [](const vdp::ReflectiveRelayChanged&) {
            return std::string_view("because reflective relay changed");
          },
          [](const vdp::TimePassed&) { return std::string_view("because a timer ran out"); },
      },
      input);
}

/// As it is on the wire below the VLAN device of an S-channel: in one file, frames of several
/// channels are told apart by their S-tags only.
base::Octets with_service_tag(base::Bytes frame, std::uint16_t vid) {
  constexpr std::size_t kAddresses = 12;
  const auto addresses = frame.first(std::min(frame.size(), kAddresses));
  base::Octets tagged(addresses.begin(), addresses.end());
  for (const auto word : {std::uint16_t{ETH_P_8021AD}, vid}) {
    tagged.push_back(static_cast<std::uint8_t>(word >> 8U));
    tagged.push_back(static_cast<std::uint8_t>(word));
  }
  const auto rest = frame.subspan(addresses.size());
  tagged.insert(tagged.end(), rest.begin(), rest.end());
  return tagged;
}

}  // namespace

std::string comment_on(const Record& record, base::Bytes frame, bool received) {
  constexpr int kMostSentences = 50;
  auto text = frame_summary(frame);
  if (!received) return fmt::format("{}; sent {}", text, occasion(record.stimulus.input));
  int count = 0;
  for (const auto& output : record.outputs) {
    const auto said = sentence(output);
    if (said.empty()) continue;
    if (++count <= kMostSentences) text += (count == 1 ? " => " : "; ") + said;
  }
  if (count > kMostSentences) text += fmt::format("; {} more", count - kMostSentences);
  return text;
}

SavedWriter::SavedWriter(Records records, base::Instant now,
                         std::chrono::system_clock::time_point wall)
    : records_(std::move(records)),
      now_(now),
      offset_(
          std::chrono::duration_cast<std::chrono::microseconds>(wall.time_since_epoch()).count() -
          now.time_since_epoch().count()) {
  for (const auto& record : records_) {
    if (std::ranges::count(tapes_, record->tape) > 0) continue;
    tapes_.push_back(record->tape);
    beginnings_.push_back(*record->tape);
    if (std::ranges::count(interfaces_, record->tape->port) == 0) {
      interfaces_.push_back(record->tape->port);
    }
  }
}

std::uint32_t SavedWriter::interface_of(const Record& record) const {
  const auto found = std::ranges::find(interfaces_, record.tape->port);
  return static_cast<std::uint32_t>(found - interfaces_.begin());
}

std::int64_t SavedWriter::wall_microseconds(base::Instant at) const {
  return at.time_since_epoch().count() + offset_;
}

void SavedWriter::append_frames(const Record& record, std::string& pcapng) const {
  PcapngFrame frame{
      interface_of(record), wall_microseconds(record.stimulus.at), Direction::kInbound, {}, {}};
  const auto append = [&](base::Bytes octets, Direction direction) {
    const auto comment = comment_on(record, octets, direction == Direction::kInbound);
    base::Octets tagged;
    frame.octets = octets;
    if (record.service_vid != 0) {
      tagged = with_service_tag(octets, record.service_vid);
      frame.octets = tagged;
    }
    frame.direction = direction;
    frame.comment = comment;
    append_frame(pcapng, frame);
  };
  if (record.stimulus.frame) append(*record.stimulus.frame, Direction::kInbound);
  for (const auto& output : record.outputs) {
    if (const auto* const sent = std::get_if<vdp::SendFrame>(&output)) {
      append(sent->frame, Direction::kOutbound);
    }
  }
}

void SavedWriter::append_stimulus(const Record& record, std::string& journal) {
  journal += stimulus_line(record.stimulus.at - beginnings_[tape_].began, record.stimulus);
}

bool SavedWriter::next(std::string& pcapng, std::string& journal) {
  if (!begun_) {
    begun_ = true;
    append_section_header(pcapng, fmt::format("evbd {}", kVersion));
    for (const auto& name : interfaces_) append_interface(pcapng, name);
    journal += kJournalHeading;
    journal += '\n';
  }
  if (frames_done_ < records_.size()) {
    const auto end = std::min(frames_done_ + kRecordsAtOnce, records_.size());
    for (; frames_done_ < end; ++frames_done_) append_frames(*records_[frames_done_], pcapng);
    return true;
  }
  if (tape_ == tapes_.size()) return false;
  const auto& tape = beginnings_[tape_];
  if (stimuli_done_ == 0) {
    journal += port_heading({tape.port,
                             Timers::kRecorded,
                             tape.from_start,
                             wall_microseconds(tape.began),
                             tape.config,
                             {},
                             {}});
  }
  const auto end = std::min(stimuli_done_ + kRecordsAtOnce, records_.size());
  for (; stimuli_done_ < end; ++stimuli_done_) {
    const auto& record = *records_[stimuli_done_];
    if (record.tape == tapes_[tape_]) append_stimulus(record, journal);
  }
  if (stimuli_done_ == records_.size()) {
    journal += end_line(now_ - tape.began);
    ++tape_;
    stimuli_done_ = 0;
  }
  return true;
}

}  // namespace agent::capture
