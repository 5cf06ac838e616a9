// SPDX-License-Identifier: Apache-2.0
#include "agent/replay/command_table.hpp"

#include "agent/replay/exit_codes.hpp"

namespace agent::replay {
namespace {

using cli::Command;
using cli::Option;

constexpr Option kCommon[] = {
    {"--help", "", "print help, of the command if there is one"},
};

constexpr Option kDecode[] = {
    {"--verbose", "", "every field by the standard's name, with its octet, and what is wrong",
     "-v"},
    {"--json", "", "one JSON object for each frame, one a line"},
    {"--vsi", "ID", "only frames that speak of a VSI whose id begins so", "", true},
    {"--port", "MAC", "only frames with this source address", "", true},
    {"--type", "TYPE",
     "only frames of this type: lldp, evb, cdcp, ecp, request, ack, vdp, pre-associate, "
     "pre-associate-rr, associate, de-associate, response, draft02, broken, other",
     "", true},
};

constexpr Option kCheck[] = {
    {"--json", "", "one JSON object with all that was found"},
    {"--junit", "", "a JUnit test suite: one test case for each rule that had something to judge"},
};

constexpr Option kStatements[] = {
    {"--json", "", "one JSON object with all of them"},
};

constexpr Option kReport[] = {
    {"--output", "PAGE", "where the page goes: a file, or '-' for the standard output", "-o"},
    {"--frames", "COUNT", "the most frames that are drawn one by one (default: 500)"},
};

constexpr Option kRun[] = {
    {"--offline", "", "tell it to our own core in virtual time (this is so without --interface)"},
    {"--expect", "",
     "compare with the folder's expected.txt, or with the side of the capture; the exit code is 7 "
     "if it differs"},
    {"--rewrite", "", "write the folder's expected.txt anew"},
    {"--deadlines", "", "serve timers when they are due, not when the journal says that they were"},
    {"--as", "ROLE", "the side of a capture to play: station or bridge"},
    {"--interface", "INTERFACE", "play it to the live peer there, and compare what it answers",
     "-i"},
    {"--speed", "FACTOR", "times faster than recorded, or 'max': as fast as the peer answers"},
    {"--patience", "SECONDS", "how long to wait for an answer that the capture has (default: 5)"},
    {"--replace", "FROM=TO", "another VSI id (UUID) or MAC address than the recorded one", "",
     true},
};

constexpr Option kAnonymize[] = {
    {"--output", "CAPTURE",
     "where it goes: a file, a folder if FILE is one with a journal, or '-' for the standard "
     "output",
     "-o"},
    {"--key", "FILE", "a secret: captures that are made with the same one can be compared"},
    {"--shift", "SECONDS", "add this to every time, or take it away: -86400"},
};

constexpr Option kShrink[] = {
    {"--until", "CONDITION", "what the capture has to show, such as 'check fails with P04'"},
    {"--output", "CAPTURE", "where the capture goes: a pcap file, or '-' for the standard output",
     "-o"},
};

constexpr Command kCommands[] = {
    {"decode", "", "FILE", 1, 1,
     "Take a capture apart: one line for each frame; '-' is the standard input.", kDecode},
    {"check", "", "FILE", 1, 1,
     "Judge a capture by the standard: who did what, and every deviation, with its likely cause.",
     kCheck},
    {"report", "", "FILE", 1, 1,
     "Make one self-contained HTML page of a capture: verdict, sequence diagram, timers, VSIs.",
     kReport},
    {"rules", "", "", 0, 0, "List the deviations that check knows.", {}},
    {"statements", "", "[STATEMENT...]", 0, 100,
     "List the statements of the standard that evbd is held to: test, rules, captures.",
     kStatements},
    {"run", "", "FILE...", 1, 10'000,
     "Replay a journal (or a folder's stimuli.txt), or one side of a capture: into our own core, "
     "or against a live peer.",
     kRun},
    {"anonymize", "", "FILE", 1, 1,
     "Make a capture that can be shared: the same protocol, other addresses, ids and names.",
     kAnonymize},
    {"shrink", "", "FILE", 1, 1, "Make the smallest capture that still shows a deviation.",
     kShrink},
    {"completion", "bash", "", 0, 0, "Print a completion script for bash.", {}},
};

}  // namespace

const cli::Program& program() {
  static constexpr cli::Program kProgram{
      .name = "evbreplay",
      .introduction =
          "evbreplay takes captures of Edge Virtual Bridging (802.1Qbg) apart and judges them.",
      .commands = kCommands,
      .common = kCommon,
      .notes = "Captures are pcap or pcapng files of Ethernet, or of 'tcpdump -i any'.",
      .files_after = "decode|check|report|anonymize|shrink|--output|-o|--key",
      .exits = kExitMeanings,
  };
  return kProgram;
}

}  // namespace agent::replay
