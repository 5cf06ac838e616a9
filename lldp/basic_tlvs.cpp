// SPDX-License-Identifier: Apache-2.0
#include "lldp/basic_tlvs.hpp"

#include <algorithm>

#include "lldp/base/fields.hpp"
#include "lldp/trace.hpp"

namespace lldp {
namespace {

using base::DecodeError;
using base::Fault;

constexpr std::size_t kMaxText = 255;
constexpr std::size_t kMaxIdentifier = 256;  // with its subtype
constexpr std::size_t kMinAddress = 2;       // with its family
constexpr std::size_t kMaxAddress = 32;
constexpr std::size_t kMaxObjectId = 128;

/// 8.5.2 and 8.5.3; the identifier itself follows.
void walk(auto& field, auto& identifier) requires requires { identifier.octets; }
{ field("subtype", 8, identifier.subtype); }

/// 8.5.8.
void walk(auto& field, auto& capabilities) requires requires { capabilities.supported; }
{
  field("supported", 16, capabilities.supported);
  field("enabled", 16, capabilities.enabled);
}

/// 8.5.9, between the address and the object id.
void walk(auto& field, auto& address) requires requires { address.interface_number; }
{
  field("interface numbering", 8, address.interface_subtype);
  field("interface number", 32, address.interface_number);
}

/// 8.6; the information follows.
void walk(auto& field, auto& tlv) requires requires { tlv.oui; }
{
  field("OUI", tlv.oui);
  field("subtype", 8, tlv.subtype);
}

base::Octets octets_of(base::Bytes bytes) { return {bytes.begin(), bytes.end()}; }

/// Reads the fields of the table and leaves what follows them in `rest`.
template <class T>
base::Result<T> decode_head(base::Bytes value, base::Bytes& rest) {
  T head;
  base::FieldReader reader(value);
  walk(reader, head);
  if (const auto fault = reader.fault()) return tl::unexpected(*fault);
  rest = value.subspan(reader.octet());
  return head;
}

template <class T>
base::Octets encode_head(const T& head) {
  base::Octets octets;
  base::FieldWriter writer(octets);
  walk(writer, head);
  return octets;
}

/// A string behind its length octet at `at`; the length has to be within the bounds.
base::Result<base::Bytes> counted(base::Bytes value, std::size_t at, std::size_t least,
                                  std::size_t most) {
  if (at >= value.size()) return tl::unexpected(DecodeError{Fault::kTruncated, value.size()});
  const std::size_t length = value[at];
  if (length < least || length > most) return tl::unexpected(DecodeError{Fault::kWrongLength, at});
  if (length > value.size() - at - 1) {
    return tl::unexpected(DecodeError{Fault::kTruncated, value.size()});
  }
  return value.subspan(at + 1, length);
}

}  // namespace

base::Result<Identifier> decode_identifier(base::Bytes value) {
  if (value.size() < 2) return tl::unexpected(DecodeError{Fault::kTruncated, value.size()});
  if (value.size() > kMaxIdentifier) {
    return tl::unexpected(DecodeError{Fault::kWrongLength, kMaxIdentifier});
  }
  base::Bytes rest;
  auto identifier = decode_head<Identifier>(value, rest);
  if (identifier) identifier->octets = octets_of(rest);
  return identifier;
}

base::Octets encode(const Identifier& identifier) {
  auto octets = encode_head(identifier);
  base::append(octets, identifier.octets);
  return octets;
}

base::Result<std::uint16_t> decode_ttl(base::Bytes value) {
  if (value.size() < 2) return tl::unexpected(DecodeError{Fault::kTruncated, value.size()});
  return base::u16_at(value, 0);
}

base::Octets encode_ttl(std::uint16_t ttl) {
  base::Octets octets;
  base::append_u16(octets, ttl);
  return octets;
}

base::Result<std::string> decode_text(base::Bytes value) {
  if (value.size() > kMaxText) return tl::unexpected(DecodeError{Fault::kWrongLength, kMaxText});
  return std::string(value.begin(), value.end());
}

base::Octets encode_text(const std::string& text) {
  const auto size = std::min(text.size(), kMaxText);
  return {text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size)};
}

base::Result<Capabilities> decode_capabilities(base::Bytes value) {
  Capabilities capabilities;
  base::FieldReader reader(value);
  walk(reader, capabilities);
  if (const auto fault = reader.finish()) return tl::unexpected(*fault);
  return capabilities;
}

base::Octets encode(const Capabilities& capabilities) { return encode_head(capabilities); }

base::Result<ManagementAddress> decode_management_address(base::Bytes value) {
  const auto address = counted(value, 0, kMinAddress, kMaxAddress);
  if (!address) return tl::unexpected(address.error());
  const std::size_t numbering_at = 1 + address->size();
  base::Bytes rest;
  auto decoded = decode_head<ManagementAddress>(value.subspan(numbering_at), rest);
  if (!decoded) return tl::unexpected(DecodeError{Fault::kTruncated, value.size()});
  const auto object_id_at = value.size() - rest.size();
  const auto object_id = counted(value, object_id_at, 0, kMaxObjectId);
  if (!object_id) return tl::unexpected(object_id.error());
  const auto end = object_id_at + 1 + object_id->size();
  if (end < value.size()) return tl::unexpected(DecodeError{Fault::kWrongLength, end});
  decoded->family = address->front();
  decoded->address = octets_of(address->subspan(1));
  decoded->object_id = octets_of(*object_id);
  return decoded;
}

base::Octets encode(const ManagementAddress& address) {
  base::Octets octets;
  octets.push_back(static_cast<std::uint8_t>(1 + address.address.size()));
  octets.push_back(address.family);
  base::append(octets, address.address);
  base::append(octets, encode_head(address));
  octets.push_back(static_cast<std::uint8_t>(address.object_id.size()));
  base::append(octets, address.object_id);
  return octets;
}

base::Result<OrganizationalTlv> decode_organizational(base::Bytes value) {
  base::Bytes rest;
  auto tlv = decode_head<OrganizationalTlv>(value, rest);
  if (tlv) tlv->information = octets_of(rest);
  return tlv;
}

base::Octets encode(const OrganizationalTlv& tlv) {
  auto octets = encode_head(tlv);
  base::append(octets, tlv.information);
  return octets;
}

void trace_basic_tlv(TlvType type, base::Bytes value, std::size_t offset, base::Fields& to) {
  base::FieldTracer tracer(value, offset, to);
  Identifier identifier;
  Capabilities capabilities;
  OrganizationalTlv organizational;
  std::uint16_t ttl = 0;
  switch (type) {
    case TlvType::kChassisId:
    case TlvType::kPortId: return walk(tracer, identifier);
    case TlvType::kTimeToLive: return tracer("TTL", 16, ttl);
    case TlvType::kSystemCapabilities: return walk(tracer, capabilities);
    case TlvType::kOrganizational: return walk(tracer, organizational);
    default: return;
  }
}

}  // namespace lldp
