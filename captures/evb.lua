-- SPDX-License-Identifier: Apache-2.0
--
-- Wireshark on IEEE 802.1Qbg: EVB and CDCP TLVs in LLDP, ECP and VDP (0x8940), and all of draft 0.2
-- (OUI 00-1B-3F, ECP on 0x88B7). Wireshark's own ecp21 and vdp21 follow draft 2.1, and read the
-- filters of a ratified VDP frame two octets early; this plugin takes Ethertype 0x8940 from them.
--
--   tshark -X lua_script:captures/evb.lua -r FILE
--
-- or copy it to the folder that Help > About > Folders calls "Personal Lua Plugins". Filters:
-- evb.*, cdcp.*, evb_ecp.*, evb_vdp.*, evb02.*; evb.fault finds every frame that breaks a rule.

local evb = Proto("evb", "Edge Virtual Bridging, 802.1Qbg")
local cdcp = Proto("cdcp", "S-Channel Discovery and Configuration Protocol, 802.1Qbg")
local ecp = Proto("evb_ecp", "Edge Control Protocol, 802.1Qbg")
local vdp = Proto("evb_vdp", "VSI Discovery and Configuration Protocol, 802.1Qbg")
local draft = Proto("evb02", "Edge Virtual Bridging, draft 0.2")

local LLDP, ECP, DRAFT_ECP = 0x88CC, 0x8940, 0x88B7

-- ---- Layouts: one table each, in the order of the wire, as in the standard's figures. ----------

local modes = {[0] = "not supported", "EVB bridge", "EVB station", "reserved"}
local relay = {[0] = "off", "on", "unknown", "unknown"}
local operations = {[0] = "request", "acknowledgement", "reserved", "reserved"}
local subtypes = {[1] = "VDP", [2] = "PE-CSP"}
local types = {[0] = "End", "Pre-Associate", "Pre-Associate with Resource Reservation",
               "Associate", "De-Associate", "VSI Manager ID", [127] = "organisationally defined"}
local reasons = {[0] = "success", "invalid format", "insufficient resources",
                 "unable to contact VSI manager", "other failure", "invalid VID, GroupID or MAC"}
local id_formats = {"IPv4", "IPv6", "MAC", "local", "UUID"}
local filter_formats = {"VID", "MAC/VID", "GroupID/VID", "GroupID/MAC/VID"}
local draft_responses = {[0] = "success", "invalid format", "insufficient resources",
                         "unused VTID", "VTID violation", "VTID version violation", "out of sync"}
local draft_modes = {[0] = "Pre-Associate", "Pre-Associate with Resource Reservation",
                     "Associate", "De-Associate"}

--- Fields of a protocol by their filter name: the same name with the same bits is one field.
local fields = {evb = {}, cdcp = {}, evb_ecp = {}, evb_vdp = {}, evb02 = {}}
local by_width = {ProtoField.uint8, ProtoField.uint16, ProtoField.uint24, ProtoField.uint32}
local by_kind = {mac = ProtoField.ether, bytes = ProtoField.bytes, guid = ProtoField.guid,
                 ipv6 = ProtoField.ipv6}

--- A field of `kind`, or a number whose bits `mask` names (nil: all) in `octets` octets.
local function field_of(proto, name, label, octets, mask, values, kind)
  local abbreviation = proto .. "." .. name
  local known = fields[proto][abbreviation]
  if known then return known end
  local made
  if kind then
    made = by_kind[kind](abbreviation, label)
  else
    made = by_width[octets](abbreviation, label, base.DEC, values, mask)
  end
  fields[proto][abbreviation] = made
  return made
end

--- Rows are {name, label, bits [, values | kind]}. Places and masks follow from the order.
local function layout(proto, rows)
  local bit, reserved = 0, 0
  for _, row in ipairs(rows) do
    local name, label, width, extra = row[1], row[2], row[3], row[4]
    if name == "reserved" then
      reserved = reserved + 1
      name = (rows.prefix or "") .. "reserved" .. reserved
    end
    row.octet = math.floor(bit / 8)
    row.octets = math.floor((bit + width + 7) / 8) - row.octet
    local below = (row.octet + row.octets) * 8 - bit - width
    local whole = below == 0 and bit % 8 == 0
    row.first = bit % 8
    row.exponent = extra == "exponent"
    local kind = type(extra) == "string" and not row.exponent and extra or nil
    local values = type(extra) == "table" and extra or nil
    local mask = not whole and (2 ^ width - 1) * 2 ^ below or nil
    row.field = field_of(proto, name, label, row.octets, mask, values, kind)
    bit = bit + width
  end
  rows.size = bit / 8
  return rows
end

local tlv_head = {{"tlv.type", "TLV type", 7}, {"tlv.length", "TLV length", 9}}
local function tlv_layout(proto, values)
  return layout(proto, {{tlv_head[1][1], tlv_head[1][2], 7, values},
                        {tlv_head[2][1], tlv_head[2][2], 9}})
end
local function organizational_layout(proto)
  return layout(proto, {{"tlv.oui", "OUI", 24, "bytes"}, {"tlv.subtype", "subtype", 8}})
end

local evb_layout = layout("evb", {
  {"reserved", "reserved", 5}, {"bgid", "BGID", 1}, {"rrcap", "RRCAP", 1}, {"rrctr", "RRCTR", 1},
  {"reserved", "reserved", 4}, {"sgid", "SGID", 1}, {"rrreq", "RRREQ", 1},
  {"rrstat", "RRSTAT", 2, relay},
  {"r", "R", 3}, {"rte", "RTE", 5, "exponent"},
  {"mode", "mode", 2, modes}, {"rol_rwd", "ROL(RWD)", 1}, {"rwd", "RWD", 5, "exponent"},
  {"reserved", "reserved", 2}, {"rol_rka", "ROL(RKA)", 1}, {"rka", "RKA", 5, "exponent"},
})
local cdcp_layout = layout("cdcp", {
  {"role", "role", 1, {[0] = "bridge", "station"}}, {"reserved", "reserved", 3},
  {"scomp", "SComp", 1}, {"reserved", "reserved", 15}, {"chncap", "ChnCap", 12},
})
local channel_layout = layout("cdcp", {{"scid", "SCID", 12}, {"svid", "SVID", 12}})
local ecp_layout = layout("evb_ecp", {
  {"version", "version", 4}, {"operation", "operation", 2, operations},
  {"subtype", "subtype", 10, subtypes}, {"sequence", "sequence", 16},
})
local association_layout = layout("evb_vdp", {
  {"reserved", "reserved", 1}, {"response", "response", 1}, {"keep", "KEEP/S", 1},
  {"hard", "HARD/M", 1}, {"reason", "reason", 4, reasons},
  {"type_id", "VSI type ID", 24}, {"type_version", "VSI type version", 8},
  {"vsi_id_format", "VSI ID format", 8, id_formats}, {"vsi_id", "VSI ID", 128, "bytes"},
  {"filter_format", "filter info format", 8, filter_formats},
  {"entries", "number of entries", 16},
})
local group = {"group", "GroupID", 32}
local mac = {"mac", "MAC", 48, "mac"}
local function entry_layout(...)
  local rows = {}
  for _, row in ipairs({...}) do rows[#rows + 1] = {row[1], row[2], row[3], row[4]} end
  for _, row in ipairs({{"ps", "PS", 1}, {"pcp", "PCP", 3}, {"vid", "VID", 12}}) do
    rows[#rows + 1] = row
  end
  return layout("evb_vdp", rows)
end
local entry_layouts = {entry_layout(), entry_layout(mac), entry_layout(group),
                       entry_layout(group, mac)}
local draft_evb_layout = layout("evb02", {
  {"supported.bridging", "bridging", 1}, {"supported.relay", "relay", 1},
  {"reserved", "reserved", 6}, {"reserved", "reserved", 5}, {"supported.rte", "RTE", 1},
  {"supported.ecp", "ECP", 1}, {"supported.vdp", "VDP", 1},
  {"configured.bridging", "bridging", 1}, {"configured.relay", "relay", 1},
  {"reserved", "reserved", 6}, {"reserved", "reserved", 5}, {"configured.rte", "RTE", 1},
  {"configured.ecp", "ECP", 1}, {"configured.vdp", "VDP", 1},
  {"supported.vsis", "supported VSIs", 16}, {"configured.vsis", "configured VSIs", 16},
  {"rte", "RTE exponent", 8, "exponent"}, prefix = "tlv.",
})
local draft_ecp_layout = layout("evb02", {
  {"ecp.oui", "OUI", 24, "bytes"}, {"reserved", "reserved", 8}, {"ecp.subtype", "subtype", 16},
  {"ecp.mode", "mode", 8, operations}, {"ecp.sequence", "sequence", 16}, prefix = "ecp.",
})
local draft_vdp_layout = layout("evb02", {
  {"vdp.oui", "OUI", 24, "bytes"}, {"vdp.subtype", "subtype", 8},
  {"vdp.mode", "mode", 8, draft_modes}, {"vdp.response", "response", 8, draft_responses},
  {"vdp.manager_id", "manager ID", 8}, {"vdp.type_id", "type ID", 24},
  {"vdp.type_version", "type version", 8}, {"vdp.instance_id", "instance ID", 128, "guid"},
  {"vdp.format", "format", 8}, {"vdp.entries", "entries", 16},
})
local draft_entry_layout = layout("evb02", {
  {"vdp.mac", "MAC", 48, "mac"}, {"reserved", "reserved", 4}, {"vdp.vid", "VID", 12},
  prefix = "vdp.",
})
local evb_head, evb_oui = tlv_layout("evb"), organizational_layout("evb")
local cdcp_head, cdcp_oui = tlv_layout("cdcp"), organizational_layout("cdcp")
local draft_head, draft_oui = tlv_layout("evb02"), organizational_layout("evb02")
local vdp_head = tlv_layout("evb_vdp", types)

local uuid = field_of("evb_vdp", "uuid", "VSI ID (UUID)", 16, nil, nil, "guid")
local manager = field_of("evb_vdp", "manager_id", "VSI manager ID", 16, nil, nil, "ipv6")
local strange_manager =
    field_of("evb_vdp", "strange_manager_id", "VSI manager ID of another length", 0, nil, nil,
             "bytes")
local information = field_of("evb_vdp", "information", "information", 0, nil, nil, "bytes")

local function fields_of(proto)
  local list = {}
  for _, one in pairs(fields[proto]) do list[#list + 1] = one end
  return list
end
evb.fields, cdcp.fields, ecp.fields = fields_of("evb"), fields_of("cdcp"), fields_of("evb_ecp")
vdp.fields, draft.fields = fields_of("evb_vdp"), fields_of("evb02")

local fault = ProtoExpert.new("evb.fault", "breaks a rule of 802.1Qbg", expert.group.PROTOCOL,
                              expert.severity.WARN)
evb.experts = {fault}

-- ---- Walkers: nothing reads outside of the octets from `from` to `to`. ---------------------------

local function wrong(tree, sentence) tree:add_proto_expert_info(fault, sentence) end

--- The same of what is missing, unless the capture kept only the beginning of the frame.
local function missing(tree, tvb, sentence)
  if tvb:reported_len() <= tvb:len() then wrong(tree, sentence) end
end

local function time_text(exponent)
  local microseconds = 10 * 2 ^ exponent
  if microseconds < 1e3 then return string.format("%d us", microseconds) end
  if microseconds < 1e6 then return string.format("%.2f ms", microseconds / 1e3) end
  return string.format("%.3f s", microseconds / 1e6)
end

--- Adds the fields of `rows` that begin at `from`, as far as they end before `to`. Returns their
--- numbers by name and whether all were there.
local function walk(rows, tree, tvb, from, to)
  local values = {}
  for _, row in ipairs(rows) do
    local at = from + row.octet
    if at + row.octets > to then return values, false end
    local item = tree:add(row.field, tvb(at, row.octets))
    if row[3] <= 32 and type(row[4]) ~= "string" or row.exponent then
      values[row[1]] = tvb(at, row.octets):bitfield(row.first, row[3])
      if row.exponent then item:append_text(" (" .. time_text(values[row[1]]) .. ")") end
    end
  end
  return values, true
end

--- Octets from `from` to `to` as one field; none when there are none.
local function rest(field, tree, tvb, from, to)
  if to > from then return tree:add(field, tvb(from, to - from)) end
end

--- Gives type, start of the header, start and end of the information string of each TLV to `one`;
--- ends after type 0 or an overrun, which is the first result; the second is where it ended.
local function tlvs(tvb, at, one)
  while at + 2 <= tvb:len() do
    local head = tvb(at, 2):uint()
    local number, length = math.floor(head / 512), head % 512
    local begin = at + 2
    local finish = math.min(begin + length, tvb:len())
    one(number, at, begin, finish)
    at = finish
    if begin + length > finish then return true, at end
    if number == 0 then break end
  end
  return false, at
end

local function hex(tvb, at, length) return tvb(at, length):bytes():tohex():lower() end

local function uuid_text(tvb, at)
  local digits = hex(tvb, at, 16)
  return digits:sub(1, 8) .. "-" .. digits:sub(9, 12) .. "-" .. digits:sub(13, 16) .. "-" ..
             digits:sub(17, 20) .. "-" .. digits:sub(21)
end

local function vsi_text(tvb, at, format)
  if format == 5 then return uuid_text(tvb, at) end
  if format == 1 then return tostring(tvb(at + 12, 4):ipv4()) end
  if format == 2 then return tostring(tvb(at, 16):ipv6()) end
  if format == 3 then return tostring(tvb(at + 10, 6):ether()) end
  return hex(tvb, at, 16)
end

-- ---- EVB and CDCP TLVs in LLDP. -----------------------------------------------------------------

local function evb_tlv(tree, tvb, at, begin, finish)
  local sub = tree:add(evb, tvb(at, finish - at), "EVB TLV")
  walk(evb_head, sub, tvb, at, begin)
  walk(evb_oui, sub, tvb, begin, finish)
  local tlv, whole = walk(evb_layout, sub, tvb, begin + 4, finish)
  if not whole then return missing(sub, tvb, "the EVB TLV has less than 9 octets (E13)") end
  if tlv.mode == 3 then wrong(sub, "EVB mode 3 is reserved (E01)") end
  sub:append_text(string.format(", %s, R %d, RTE %d, RWD %d, RKA %d", modes[tlv.mode], tlv.r,
                                tlv.rte, tlv.rwd, tlv.rka))
end

local function cdcp_tlv(tree, tvb, at, begin, finish)
  local sub = tree:add(cdcp, tvb(at, finish - at), "CDCP TLV")
  walk(cdcp_head, sub, tvb, at, begin)
  walk(cdcp_oui, sub, tvb, begin, finish)
  walk(cdcp_layout, sub, tvb, begin + 4, finish)
  local channel, seen, faulty = begin + 8, {}, false
  if finish < channel + 3 or (finish - channel) % 3 ~= 0 then
    missing(sub, tvb, "the length of a CDCP TLV is 8+3N (C07)")
  end
  while channel + 3 <= finish do
    local pair = walk(channel_layout, sub, tvb, channel, finish)
    faulty = faulty or pair.scid == 0 or pair.svid == 4095 or seen[pair.scid] ~= nil
    seen[pair.scid] = true
    sub:append_text(string.format(" (%d,%d)", pair.scid, pair.svid))
    channel = channel + 3
  end
  if faulty then wrong(sub, "an SCID is 0 or there twice, or an SVID is 4095 (C07)") end
end

local function draft_evb_tlv(tree, tvb, at, begin, finish)
  local sub = tree:add(draft, tvb(at, finish - at), "EVB TLV of draft 0.2")
  walk(draft_head, sub, tvb, at, begin)
  walk(draft_oui, sub, tvb, begin, finish)
  local tlv, whole = walk(draft_evb_layout, sub, tvb, begin + 4, finish)
  if not whole then return missing(sub, tvb, "the EVB TLV of draft 0.2 has less than 13 octets") end
  if tlv.rte > 31 then wrong(sub, "the RTE exponent is at most 31") end
end

local organizational = {["0080c20d"] = evb_tlv, ["0080c20e"] = cdcp_tlv,
                        ["001b3f00"] = draft_evb_tlv}

local ethertypes = DissectorTable.get("ethertype")
local lldp_of_wireshark = ethertypes:get_dissector(LLDP)
local oui_extended_of_wireshark = ethertypes:get_dissector(DRAFT_ECP)

--- What Wireshark's dissector raises about a broken frame is its own affair.
local function leave_to(dissector, tvb, pinfo, tree)
  if dissector then pcall(dissector.call, dissector, tvb, pinfo, tree) end
end

function evb.dissector(tvb, pinfo, tree)
  -- Ours come first: Wireshark's leaves a frame that was cut short at once, and makes the PDU too
  -- short after TLVs that it does not know.
  tlvs(tvb, 0, function(number, at, begin, finish)
    if number ~= 127 or finish - begin < 4 then return end
    local one = organizational[hex(tvb, begin, 4)]
    if one then one(tree, tvb, at, begin, finish) end
  end)
  leave_to(lldp_of_wireshark, tvb, pinfo, tree)
end

-- ---- ECP and VDP. -------------------------------------------------------------------------------

local function association(sub, tvb, number, begin, finish)
  local tlv = walk(association_layout, sub, tvb, begin, finish)
  if finish - begin < 23 then
    missing(sub, tvb, "the association TLV is shorter than 23 octets (V31)")
    return ""
  end
  if tlv.vsi_id_format == 5 then
    sub:add(uuid, tvb(begin + 6, 16)):set_generated()
  end
  local entry = entry_layouts[tlv.filter_format]
  if not id_formats[tlv.vsi_id_format] then wrong(sub, "unknown VSI ID format (V31)") end
  if not entry then
    wrong(sub, "unknown filter info format (V31)")
  elseif tlv.entries == nil then
    if finish - begin ~= 23 or number ~= 4 then
      missing(sub, tvb, "the number of entries is missing (V31)")
    end
  else
    if finish - begin - 25 ~= tlv.entries * entry.size then
      missing(sub, tvb, "the number of entries does not fit the TLV's length (V31)")
    end
    local at = begin + 25
    for _ = 1, tlv.entries do
      if at + entry.size > finish then break end
      walk(entry, sub, tvb, at, finish)
      at = at + entry.size
    end
  end
  local text = vsi_text(tvb, begin + 6, tlv.vsi_id_format)
  if tlv.response == 1 then text = text .. ": " .. (reasons[tlv.reason] or "reserved reason") end
  return text
end

local function vdp_tlv(tree, tvb, place, number, at, begin, finish)
  local sub = tree:add(vdp, tvb(at, finish - at), types[number] or "unknown TLV")
  local length = walk(vdp_head, sub, tvb, at, begin)["tlv.length"]
  if (number == 5) ~= (place == 1) and number ~= 0 then
    wrong(sub, "one VSI Manager ID TLV, and first (V30)")
  end
  if number == 5 then
    if finish - begin == 16 then return sub:add(manager, tvb(begin, 16)) and nil end
    if length ~= 16 then wrong(sub, "the VSI manager ID has 16 octets (V30)") end
    rest(strange_manager, sub, tvb, begin, finish)
  elseif number >= 1 and number <= 4 then
    local text = association(sub, tvb, number, begin, finish)
    sub:append_text(" " .. text)
    return types[number] .. " " .. text
  elseif number ~= 0 then
    if number == 127 and finish - begin < 3 then wrong(sub, "the OUI is missing (V31)") end
    rest(information, sub, tvb, begin, finish)
  end
end

local function vdp_pdu(tvb, pinfo, tree)
  pinfo.cols.protocol = "VDP"
  local sub = tree:add(vdp, tvb(4))
  local place = 0
  local overrun = tlvs(tvb, 4, function(number, at, begin, finish)
    place = place + 1
    local text = vdp_tlv(sub, tvb, place, number, at, begin, finish)
    if text then pinfo.cols.info:append("; " .. text) end
    if place == 1 and number == 0 then wrong(sub, "there is no VSI Manager ID TLV (V30)") end
  end)
  if overrun then missing(sub, tvb, "a TLV leads past the end of the frame (V31)") end
  if place == 0 then wrong(sub, "there is no VSI Manager ID TLV (V30)") end
end

function ecp.dissector(tvb, pinfo, tree)
  pinfo.cols.protocol = "ECP"
  local sub = tree:add(ecp, tvb(0, math.min(4, tvb:len())))
  local head, whole = walk(ecp_layout, sub, tvb, 0, tvb:len())
  if not whole then return missing(sub, tvb, "less than 4 octets (P14)") end
  pinfo.cols.info = string.format("ECP %s %d", operations[head.operation], head.sequence)
  sub:append_text(string.format(", %s %d", operations[head.operation], head.sequence))
  if head.version ~= 1 then return wrong(sub, "the version is not 1 (P14)") end
  if head.operation > 1 then return wrong(sub, "a reserved operation (P14)") end
  if head.subtype ~= 1 then return wrong(sub, "the subtype is not VDP (P14)") end
  if head.operation ~= 0 then return end
  if tvb:len() > 4 then
    vdp_pdu(tvb, pinfo, tree)
  else
    wrong(sub, "there is no VSI Manager ID TLV (V30)")
  end
end

-- ---- Draft 0.2. ---------------------------------------------------------------------------------

local function draft_vdp_tlv(tree, tvb, number, at, begin, finish)
  local sub = tree:add(draft, tvb(at, finish - at), number == 0 and "End TLV" or "VDP TLV")
  walk(draft_head, sub, tvb, at, begin)
  if number == 0 then return end
  local tlv, whole = walk(draft_vdp_layout, sub, tvb, begin, finish)
  local entries = begin + draft_vdp_layout.size
  for _ = 1, tlv["vdp.entries"] or 0 do
    if entries + 8 > finish then break end
    walk(draft_entry_layout, sub, tvb, entries, finish)
    entries = entries + 8
  end
  local ours = number == 127 and finish - begin > 3 and hex(tvb, begin, 4) == "001b3f02"
  if not ours then return end
  if not whole then
    missing(sub, tvb, "the VDP TLV of draft 0.2 is too short")
  elseif not draft_modes[tlv["vdp.mode"]] or not draft_responses[tlv["vdp.response"]] or
      tlv["vdp.format"] ~= 2 then
    wrong(sub, "a reserved mode, response or filter format")
  elseif tlv["vdp.entries"] == 0 or
      finish - begin ~= draft_vdp_layout.size + 8 * tlv["vdp.entries"] then
    missing(sub, tvb, "the number of entries does not fit the TLV's length")
  end
  return whole and (draft_modes[tlv["vdp.mode"]] or "?") .. " " .. uuid_text(tvb, begin + 11)
end

local function is_draft(tvb) return tvb:len() >= 3 and hex(tvb, 0, 3) == "001b3f" end

function draft.dissector(tvb, pinfo, tree)
  if not is_draft(tvb) then return leave_to(oui_extended_of_wireshark, tvb, pinfo, tree) end
  pinfo.cols.protocol = "ECP 0.2"
  local sub = tree:add(draft, tvb(0, math.min(9, tvb:len())), "ECP of draft 0.2")
  local head, whole = walk(draft_ecp_layout, sub, tvb, 0, tvb:len())
  if not whole then return missing(sub, tvb, "less than 9 octets") end
  if head["ecp.subtype"] ~= 0 then return wrong(sub, "the subtype is not 0") end
  if head["ecp.mode"] > 1 then return wrong(sub, "a reserved mode") end
  pinfo.cols.info = string.format("ECP 0.2 %s %d", operations[head["ecp.mode"]],
                                  head["ecp.sequence"])
  if head["ecp.mode"] ~= 0 then return end
  local overrun = tlvs(tvb, 9, function(...)
    local text = draft_vdp_tlv(tree, tvb, ...)
    if text then pinfo.cols.info:append("; " .. text) end
  end)
  if overrun then missing(sub, tvb, "a TLV leads past the end of the frame") end
end

ethertypes:add(LLDP, evb)
ethertypes:add(ECP, ecp)
ethertypes:add(DRAFT_ECP, draft)
