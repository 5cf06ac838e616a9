// SPDX-License-Identifier: Apache-2.0
#include "lldp/organizational.hpp"

#include <algorithm>

namespace lldp {
namespace {

template <class T, class Decode>
std::optional<T> find(const SystemInformation& information,
                      bool (*matches)(const OrganizationalTlv&), Decode decode) {
  const auto& tlvs = information.organizational;
  const auto found = std::find_if(tlvs.begin(), tlvs.end(), matches);
  if (found == tlvs.end()) return std::nullopt;
  auto decoded = decode(found->information);
  if (!decoded) return std::nullopt;
  return *std::move(decoded);
}

}  // namespace

bool is_evb_tlv(const OrganizationalTlv& tlv) {
  return tlv.oui == kIeee8021Oui && tlv.subtype == kEvbSubtype;
}

bool is_cdcp_tlv(const OrganizationalTlv& tlv) {
  return tlv.oui == kIeee8021Oui && tlv.subtype == kCdcpSubtype;
}

bool is_draft02_evb_tlv(const OrganizationalTlv& tlv) {
  return tlv.oui == kDraft02Oui && tlv.subtype == kDraft02EvbSubtype;
}

OrganizationalTlv to_organizational(const EvbTlv& tlv) {
  return {kIeee8021Oui, kEvbSubtype, encode(tlv)};
}

OrganizationalTlv to_organizational(const CdcpTlv& tlv) {
  return {kIeee8021Oui, kCdcpSubtype, encode(tlv)};
}

OrganizationalTlv to_organizational(const Draft02EvbTlv& tlv) {
  return {kDraft02Oui, kDraft02EvbSubtype, encode(tlv)};
}

std::optional<EvbTlv> find_evb_tlv(const SystemInformation& information) {
  return find<EvbTlv>(information, is_evb_tlv, decode_evb_tlv);
}

std::optional<CdcpTlv> find_cdcp_tlv(const SystemInformation& information) {
  return find<CdcpTlv>(information, is_cdcp_tlv, decode_cdcp_tlv);
}

std::optional<Draft02EvbTlv> find_draft02_evb_tlv(const SystemInformation& information) {
  return find<Draft02EvbTlv>(information, is_draft02_evb_tlv, decode_draft02_evb_tlv);
}

std::optional<EvbTlv> find_evb_tlv(const std::vector<Neighbor>& neighbors, EvbRole role) {
  std::optional<EvbTlv> first;
  for (const auto& neighbor : neighbors) {
    const auto tlv = find_evb_tlv(neighbor.information);
    if (tlv && tlv->mode == other_mode(role)) return tlv;
    if (!first) first = tlv;
  }
  return first;
}

}  // namespace lldp
