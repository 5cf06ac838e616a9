// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/replay/rule.hpp"

namespace agent::replay {

// Judgements that the rules of both dialects share: what they measure by comes with the fact. Those
// of ECP are in rules_ecp.cpp, those of VDP in rules_vdp.cpp.

Judgement resent_in_time(const EcpRequestFact& fact);
Judgement resent_unchanged(const EcpRequestFact& fact);
Judgement not_resent_after_ack(const EcpRequestFact& fact);
Judgement sends_within_limit(const EcpRequestFact& fact);
Judgement one_outstanding(const EcpRequestFact& fact);
Judgement tried_often_enough(const EcpRequestFact& fact);
Judgement sequence_goes_on(const EcpRequestFact& fact);

Judgement ack_is_of_a_request(const EcpAckFact& fact);
Judgement ack_comes_once(const EcpAckFact& fact);
Judgement ack_comes_in_time(const EcpAckFact& fact);

Judgement request_is_acknowledged(const ExchangeFact& fact);
Judgement every_send_is_acknowledged(const ExchangeFact& fact);

Judgement vids_are_legal(const VsiFact& fact);
Judgement type_is_kept(const VsiFact& fact);
Judgement vsi_type_is_kept(const VsiFact& fact);
Judgement filters_are_kept(const VsiFact& fact);
Judgement manager_is_kept(const VsiFact& fact);
Judgement response_was_asked_for(const VsiFact& fact);
Judgement deassociate_has_something_to_end(const VsiFact& fact);
Judgement steps_up(const VsiFact& fact);
Judgement deassociate_is_not_answered(const VsiFact& fact);

Judgement response_in_time(const VsiTimerFact& fact);
Judgement response_comes(const VsiTimerFact& fact);
Judgement keep_alive_not_early(const VsiTimerFact& fact);
Judgement keep_alive_in_time(const VsiTimerFact& fact);
Judgement keep_alive_comes(const VsiTimerFact& fact);

}  // namespace agent::replay
