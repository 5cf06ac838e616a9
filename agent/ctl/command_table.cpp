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
constexpr Option kRecord[] = {
    {"--port", "PORT", "a port to record (default: all)", "", true},
    {"--max-octets", "NUMBER", "of memory in evbd; the oldest makes room (default: 16777216)"}};
constexpr Option kEnd[] = {kPort, kXml, kNoWait, kMigratingFrom};

constexpr Option kProfile{"--profile", "NAME", "the port profile (802.1Qbh)"};
constexpr Option kGuest{"--guest", "NAME", "the guest that the interface is for"};

#define EVBCTL_TYPE_OPTIONS                                                                     \
  {"--id", "ID",                                                                                \
   "VSI instance ID, a UUID (default: a new one, printed), or ipv4:, ipv6:, mac:, local:",      \
   "--instanceid"},                                                                             \
      {"--manager", "MANAGER",                                                                  \
       "VSI manager ID: 1..255 as in libvirt's XML, an IPv4 or IPv6 address, a UUID, text, or " \
       "none",                                                                                  \
       "--managerid"},                                                                          \
      {"--type", "TYPE", "VSI type ID, 0..16777215", "--typeid"}, {                             \
    "--type-version", "VERSION", "VSI type version, 0..255", "--typeidversion"                  \
  }

#define EVBCTL_VSI_OPTIONS                                                                       \
  kXml, {"--device", "DEVICE", "the interface of the guest, its uplink or a VLAN device of it"}, \
      kPort, EVBCTL_TYPE_OPTIONS, {"--mac", "MAC", "MAC address of the VSI"},                    \
      {"--vlan", "VID", "VLAN ID, 1..4094 (default: the device's)"},                             \
      {"--bridge-assigns-vlan", "", "send VID 0: the bridge chooses the VLAN"},                  \
      {"--group", "GROUP", "GroupID, where both sides support them"},                            \
      {"--filter", "FILTER", "one more filter entry: mac=MAC,vid=VID,group=GROUP", "", true},    \
      {"--migrating-to-here", "", "the VSI's user is migrating to this station (M bit)"}, kNoWait

constexpr Option kAssociate[] = {EVBCTL_VSI_OPTIONS};
constexpr Option kPreassociate[] = {
    EVBCTL_VSI_OPTIONS, {"--reserve", "", "have the bridge reserve the VSI's resources"}};
#undef EVBCTL_VSI_OPTIONS

constexpr Option kDb{"--db", "PATH",
                     "the database (default: /var/lib/evbd/profiles.db, or $EVBD_PROFILES)"};
constexpr Option kForce{"--force", "", "a VSI type may get another body under its version"};
constexpr Option kReplace{"--replace", "", "what the file does not hold is removed"};
constexpr Option kCreate{"--create", "", "make it when it is not there"};
constexpr Option kOfDatabase[] = {kDb};
constexpr Option kOfCheck[] = {kDb, kForce};
constexpr Option kSyncConfig{
    "--sync-config", "FILE",
    "evb-profile-sync's configuration (default: /etc/evbd/profile-sync.toml)"};
constexpr Option kOfShow[] = {
    kPort,
    {"--all-hosts", "", "those that all hosts report to etcd, by evb-profile-sync"},
    kSyncConfig};
constexpr Option kOfImport[] = {
    kDb,
    kForce,
    kReplace,
    {"--etcd", "", "into the database that all hosts share in etcd, by evb-profile-sync"},
    kSyncConfig};
constexpr Option kOfDiff[] = {kDb, kReplace};
constexpr Option kOfSet[] = {kDb, kForce, kCreate};

// As many names as a shell hands over.
constexpr std::size_t kMany = 100'000;
constexpr Option kAttach[] = {
    {"--xml", "FILE",
     "libvirt's XML of a domain (all its direct interfaces) or of an interface; '-' is the "
     "standard "
     "input"},
    {"--device", "DEVICE", "the host's interface, or a VLAN device of it (eth0.2)"},
    {"--mode", "MODE", "vepa (default), bridge, private or passthrough"},
    {"--name", "NAME", "of the new interface (default: evb0, evb1, ...)"},
    {"--mac", "MAC", "the guest's MAC address (default: a new one)"},
    kProfile,
    EVBCTL_TYPE_OPTIONS,
    {"--vlan", "VID", "VLAN ID of the association, 1..4094 (default: the device's)"},
    {"--bridge-assigns-vlan", "", "send VID 0: the bridge chooses the VLAN"},
    {"--require-relay", "", "refuse mode vepa unless the bridge has granted reflective relay"},
    {"--macvlan", "", "make a macvlan, without a tap: for containers"},
    kGuest};
#undef EVBCTL_TYPE_OPTIONS
constexpr Option kDetach[] = {kGuest};
constexpr Option kApply[] = {kProfile};
constexpr Option kApplyTypes[] = {
    {"--deassociate", "",
     "end the VSIs that cannot have what the type says now; their stations are told why"}};

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
    {"vsi", "show", "[ID]", 0, 1, "Show all VSIs as a table, or one of them whole.", kOfShow},
    {"vsi", "associate", "", 0, 0,
     "Associate the VSIs of an XML file, or one given by options, with the bridge.", kAssociate},
    {"vsi", "preassociate", "", 0, 0,
     "Pre-associate them: the bridge checks them, traffic does not pass yet.", kPreassociate},
    {"vsi", "deassociate", "[ID...]", 0, 1000,
     "De-associate VSIs, named by their ids or by an XML file.", kEnd},
    {"vsi", "watch", "[ID]", 0, 1, "Print each change as it happens, until interrupted.", kWatch},
    {"vsi", "why", "ID", 1, 1, "Say why a VSI is in its state: who said no, what runs, what to do.",
     kOnPort},
    {"profile", "check", "FILE", 1, 1,
     "Check a TOML file of port profiles and VSI types, also against the database.", kOfCheck},
    {"profile", "import", "FILE", 1, 1,
     "Put the profiles and types of a TOML file into the database, all or none.", kOfImport},
    {"profile", "export", "[NAME...]", 0, kMany,
     "Print the named profiles as TOML; without names the whole database.", kOfDatabase},
    {"profile", "show", "[NAME]", 0, 1, "Show all port profiles as a table, or one of them whole.",
     kOfDatabase},
    {"profile", "set", "NAME KEY=VALUE...", 2, kMany,
     "Change single parameters of a profile; KEY= takes one away.", kOfSet},
    {"profile", "delete", "NAME...", 1, kMany, "Delete profiles, all or none.", kOfDatabase},
    {"profile", "diff", "FILE", 1, 1,
     "Show what an import would change; the exit code is 1 if anything.", kOfDiff},
    {"profile",
     "apply",
     "NAME...",
     1,
     kMany,
     "Apply profiles, as the database has them now, to the interfaces that use them.",
     {}},
    {"type", "check", "FILE", 1, 1, "As profile check.", kOfCheck},
    {"type", "import", "FILE", 1, 1, "As profile import.", kOfImport},
    {"type", "export", "[TYPE...]", 0, kMany,
     "Print VSI types as TOML, MANAGER/ID/VERSION or ID/VERSION each; without names all of them.",
     kOfDatabase},
    {"type", "show", "[TYPE]", 0, 1, "Show all VSI types as a table, or one of them whole.",
     kOfDatabase},
    {"type", "set", "TYPE KEY=VALUE...", 2, kMany,
     "Change single parameters of a VSI type; all but its name need --force.", kOfSet},
    {"type", "delete", "TYPE...", 1, kMany, "Delete VSI types, all or none.", kOfDatabase},
    {"type", "diff", "FILE", 1, 1, "As profile diff.", kOfDiff},
    {"type", "apply", "[TYPE...]", 0, 1000,
     "Apply changed VSI types, as the database has them now, to the VSIs of evbd's bridge ports.",
     kApplyTypes},
    {"interface",
     "show",
     "[NAME]",
     0,
     1,
     "Show the interfaces that evbd has made for guests, what is in force, and what is not.",
     {}},
    {"interface", "attach", "", 0, 0,
     "Make the guest's interface on a device, with its association or port profile; all or "
     "nothing.",
     kAttach},
    {"interface", "detach", "[NAME...]", 0, 1000, "Take back all that attaching has done.",
     kDetach},
    {"interface", "apply", "[NAME...]", 0, 1000,
     "Apply port profiles as the database has them now.", kApply},
    {"interface",
     "hook",
     "GUEST OPERATION [SUB] [EXTRA]",
     2,
     4,
     "libvirt's qemu hook: attach and detach what the domain's metadata names.",
     {}},
    {"explain",
     "",
     "[NUMBER]",
     0,
     1,
     "Explain the reasons 0..5 of a VDP response, or a number from libvirt's error message.",
     {}},
    {"statement",
     "show",
     "[STATEMENT...]",
     0,
     100,
     "Show the statements of the standard that evbd is held to: test, rules, captures.",
     {}},
    {"doctor",
     "",
     "",
     0,
     0,
     "Look for what is wrong with this host; the exit code is 1 if anything was found.",
     {}},
    {"capture", "start", "", 0, 0,
     "Record what goes in and out of evbd's ports, in memory; an earlier recording is forgotten.",
     kRecord},
    {"capture", "stop", "", 0, 0, "Stop recording; what was recorded stays.", {}},
    {"capture", "show", "", 0, 0, "Show what is being recorded, and how much there is of it.", {}},
    {"capture",
     "save",
     "FOLDER",
     1,
     1,
     "Save the recording: frames.pcapng for Wireshark, stimuli.txt for evbreplay.",
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
      .files_after = "--xml|--socket|--db|--sync-config|check|import|diff",
      .exits = kExitMeanings,
  };
  return kProgram;
}

}  // namespace agent::ctl
