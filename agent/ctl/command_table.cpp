// SPDX-License-Identifier: Apache-2.0
#include "agent/ctl/command_table.hpp"

#include "agent/ctl/exit_codes.hpp"

namespace agent::ctl {
namespace {

constexpr Option kCommon[] = {
    {"--socket", "PATH", "evbd's socket (default: /run/evbd/evbd.sock, or $EVBD_SOCKET)"},
    {"--json", "", "print the API's messages as a JSON array; watch: one JSON object per line"},
    {"--timeout", "SECONDS", "how long to wait for an answer (default: 25)"},
    {"--help", "", "print help, of the command if there is one"},
};

constexpr Option kPort{"--port", "PORT", "the configured port"};
constexpr Option kXml{"--xml", "FILE",
                      "libvirt's XML of a domain (all its 802.1Qbg interfaces) or of an interface; "
                      "'-' is the standard input"};
constexpr Option kNoWait{"--no-wait", "", "do not wait for the bridge's answer"};
constexpr Option kMigratingFrom{"--migrating-from-here", "",
                                "the VSI's user is suspended here (S bit)"};

constexpr Option kOnPort[] = {kPort};
constexpr Option kWatch[] = {
    kPort,
    {"--snapshot", "", "first tell what there is now"},
    {"--resume", "EPOCH:SEQUENCE",
     "go on after this event: 'agent show' tells the epoch, --json each event's sequence"}};
constexpr Option kEnd[] = {kPort, kXml, kNoWait, kMigratingFrom};

#define EVBCTL_VSI_OPTIONS                                                                       \
  kXml, {"--device", "DEVICE", "the interface of the guest, its uplink or a VLAN device of it"}, \
      kPort,                                                                                     \
      {"--id", "ID",                                                                             \
       "VSI instance ID, a UUID (default: a new one, printed), or ipv4:, ipv6:, mac:, local:",   \
       "--instanceid"},                                                                          \
      {"--manager", "MANAGER",                                                                   \
       "VSI manager ID: 1..255 as in libvirt's XML, an IPv4 or IPv6 address, a UUID, text, or "  \
       "none",                                                                                   \
       "--managerid"},                                                                           \
      {"--type", "TYPE", "VSI type ID, 0..16777215", "--typeid"},                                \
      {"--type-version", "VERSION", "VSI type version, 0..255", "--typeidversion"},              \
      {"--mac", "MAC", "MAC address of the VSI"},                                                \
      {"--vlan", "VID", "VLAN ID, 1..4094 (default: the device's)"},                             \
      {"--bridge-assigns-vlan", "", "send VID 0: the bridge chooses the VLAN"},                  \
      {"--group", "GROUP", "GroupID, where both sides support them"},                            \
      {"--filter", "FILTER", "one more filter entry: mac=MAC,vid=VID,group=GROUP", "", true},    \
      {"--migrating-to-here", "", "the VSI's user is migrating to this station (M bit)"}, kNoWait

constexpr Option kAssociate[] = {EVBCTL_VSI_OPTIONS};
constexpr Option kPreassociate[] = {
    EVBCTL_VSI_OPTIONS, {"--reserve", "", "have the bridge reserve the VSI's resources"}};
#undef EVBCTL_VSI_OPTIONS

constexpr Command kCommands[] = {
    {"agent", "show", "", 0, 0, "Show evbd itself: version, uptime, counts.", {}},
    {"port",
     "show",
     "[PORT]",
     0,
     1,
     "Show what each port has agreed with its neighbour, and its counters.",
     {}},
    {"neighbor", "show", "[PORT]", 0, 1, "Show who is heard by LLDP, with all that they say.", {}},
    {"vsi", "show", "[ID]", 0, 1, "Show all VSIs as a table, or one of them whole.", kOnPort},
    {"vsi", "associate", "", 0, 0,
     "Associate the VSIs of an XML file, or one given by options, with the bridge.", kAssociate},
    {"vsi", "preassociate", "", 0, 0,
     "Pre-associate them: the bridge checks them, traffic does not pass yet.", kPreassociate},
    {"vsi", "deassociate", "[ID...]", 0, 1000,
     "De-associate VSIs, named by their ids or by an XML file.", kEnd},
    {"vsi", "watch", "[ID]", 0, 1, "Print each change as it happens, until interrupted.", kWatch},
    {"vsi", "why", "ID", 1, 1, "Say why a VSI is in its state: who said no, what runs, what to do.",
     kOnPort},
    {"explain",
     "",
     "[NUMBER]",
     0,
     1,
     "Explain the reasons 0..5 of a VDP response, or a number from libvirt's error message.",
     {}},
    {"doctor",
     "",
     "",
     0,
     0,
     "Look for what is wrong with this host; the exit code is 1 if anything was found.",
     {}},
    {"completion", "bash", "", 0, 0, "Print a completion script for bash.", {}},
};

}  // namespace

const cli::Program& program() {
  static constexpr cli::Program kProgram{
      .name = "evbctl",
      .introduction = "evbctl shows and changes what evbd does: Edge Virtual Bridging, 802.1Qbg.",
      .commands = kCommands,
      .common = kCommon,
      .notes = "An ID may be shortened as long as it is the only one that begins so.",
      .files_after = "--xml|--socket",
      .exits = kExitMeanings,
  };
  return kProgram;
}

}  // namespace agent::ctl
