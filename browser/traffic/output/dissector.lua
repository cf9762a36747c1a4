-- Bulkhead's messages in Wireshark and tshark: reads the captures of `bulkhead log --export=pcapng`.
-- Put there by `bulkhead log --install-dissector`, which writes the table `protocol` of common/protocol.ipc before
-- this. browser/traffic/output/packet.h says how a packet is laid out. Nothing in a capture is believed.

local VERSION, TEXT = 1, 1
local UNKNOWN = "ffffffffffffffff" -- a time that is not known
local HEADER, IPC_HEADER = 45, 24 -- bytes of the pseudo header before its texts; of common/codec.h's
local SHOWN = 60 -- bytes of a text in the info column

local bulkhead = Proto("bulkhead", "Bulkhead IPC")

local texts = { "kind", "name", "from", "to", "id", "cause", "status", "where", "reason", "toxic", "marks" }
local fields = {
	version = ProtoField.uint8("bulkhead.version", "Version of the packet"),
	protocol = ProtoField.string("bulkhead.protocol", "Protocol"),
	queued = ProtoField.double("bulkhead.queued_us", "Queued (µs)"),
	handled = ProtoField.double("bulkhead.handled_us", "Handled (µs)"),
	held = ProtoField.double("bulkhead.held_us", "Held (µs)"),
	bytes = ProtoField.uint32("bulkhead.bytes", "Bytes of its fields"),
	breakpoint = ProtoField.uint32("bulkhead.breakpoint", "Breakpoint"),
	fds = ProtoField.uint8("bulkhead.fds", "Descriptors"),
	kind = ProtoField.string("bulkhead.kind", "Kind"),
	name = ProtoField.string("bulkhead.name", "Name"),
	from = ProtoField.string("bulkhead.from", "From"),
	to = ProtoField.string("bulkhead.to", "To"),
	id = ProtoField.string("bulkhead.id", "Id"),
	cause = ProtoField.string("bulkhead.cause", "Cause"),
	status = ProtoField.string("bulkhead.status", "Status"),
	where = ProtoField.string("bulkhead.where", "Lost where"),
	reason = ProtoField.string("bulkhead.reason", "Reason"),
	toxic = ProtoField.string("bulkhead.toxic", "Toxic"),
	marks = ProtoField.string("bulkhead.marks", "Done by hand"),
	args = ProtoField.string("bulkhead.args", "Arguments"),
	data = ProtoField.bytes("bulkhead.data", "Bytes"),
	type = ProtoField.uint16("bulkhead.type", "Type"),
	cause_frame = ProtoField.framenum("bulkhead.cause_frame", "Caused by"),
	reply_frame = ProtoField.framenum("bulkhead.reply_frame", "Reply", base.NONE, frametype.RESPONSE),
	request_frame = ProtoField.framenum("bulkhead.request_frame", "Request", base.NONE, frametype.REQUEST),
}
local experts = {
	lost = ProtoExpert.new("bulkhead.lost", "The message was lost", expert.group.SEQUENCE, expert.severity.WARN),
	refused = ProtoExpert.new("bulkhead.refused", "The message was refused", expert.group.PROTOCOL,
		expert.severity.ERROR),
	unknown = ProtoExpert.new("bulkhead.unknown", "Nobody knows whether the message came in", expert.group.SEQUENCE,
		expert.severity.NOTE),
	other = ProtoExpert.new("bulkhead.other_protocol",
		"Of another version: its own bulkhead has the dissector for it", expert.group.UNDECODED,
		expert.severity.NOTE),
	malformed = ProtoExpert.new("bulkhead.malformed", "The packet makes no sense", expert.group.MALFORMED,
		expert.severity.ERROR),
}

-- How each type of field is shown; its bytes on the wire, for string and bytes those of the length before them.
local types = {
	u8 = { make = ProtoField.uint8, bytes = 1 },
	u16 = { make = ProtoField.uint16, bytes = 2 },
	u32 = { make = ProtoField.uint32, bytes = 4 },
	u64 = { make = ProtoField.uint64, bytes = 8 },
	bool = { make = ProtoField.bool, bytes = 1 },
	enum = { make = ProtoField.uint8, bytes = 1 },
	string = { make = ProtoField.string, bytes = 4 },
	bytes = { make = ProtoField.bytes, bytes = 4 },
	fd = { make = ProtoField.none, bytes = 0 },
}

local all, request_of_reply = {}, {}
for _, field in pairs(fields) do
	table.insert(all, field)
end
for _, message in pairs(protocol.messages) do
	if message.reply then
		request_of_reply[message.reply] = message.name
	end
	message.shown = ProtoField.none("bulkhead." .. message.name, message.name)
	table.insert(all, message.shown)
	for _, field in ipairs(message.fields) do
		local abbreviation = "bulkhead." .. message.name .. "." .. field.name
		if field.type == "enum" then
			field.shown = ProtoField.uint8(abbreviation, field.name, base.DEC, protocol.enums[field.enum])
		else
			field.shown = types[field.type].make(abbreviation, field.name)
		end
		table.insert(all, field.shown)
	end
end
bulkhead.fields = all
bulkhead.experts = { experts.lost, experts.refused, experts.unknown, experts.other, experts.malformed }

-- What earlier packets said, filled when a packet is seen for the first time.
local frame_of, waiting, answered_by, answer_to, caused_by

function bulkhead.init()
	frame_of, waiting, answered_by, answer_to, caused_by = {}, {}, {}, {}, {}
end

-- Reading. A reader knows where it is and returns nil, for ever, past the end.

local function reader_of(tvb, at)
	return { tvb = tvb, at = at, left = tvb:len() - at }
end

local function take(reader, bytes)
	if reader.left < bytes then
		reader.left = -1
		return nil
	end
	local range = bytes > 0 and reader.tvb(reader.at, bytes) or false
	reader.at, reader.left = reader.at + bytes, reader.left - bytes
	return range
end

local function plain(text)
	text = text:gsub("%c", ".")
	if #text <= SHOWN then
		return text
	end
	-- Not within a character.
	return text:sub(1, SHOWN):gsub("[\192-\255]?[\128-\191]*$", "") .. "…"
end

-- The pseudo header.

local function add_time(tree, field, range)
	local ns = range:le_uint64()
	if ns:tohex() ~= UNKNOWN then
		tree:add(field, range, ns:tonumber() / 1000)
	end
end

-- Returns what it says, or nil when it makes no sense.
local function read_header(tvb, tree)
	if tvb:len() < HEADER or tvb(0, 1):uint() ~= VERSION then
		return nil
	end
	local said = { flags = tvb(1, 1):uint(), length = tvb(2, 2):le_uint(), fds = tvb(44, 1) }
	local reader = reader_of(tvb, HEADER)
	for _, name in ipairs(texts) do
		local size = take(reader, 1)
		local range = size and take(reader, size:uint())
		if range == nil then
			return nil
		end
		said[name] = range and range:string(ENC_UTF_8) or ""
		if range then
			tree:add_packet_field(fields[name], range, ENC_UTF_8)
		end
	end
	said.protocol = tvb(4, 8):le_uint64():tohex()
	tree:add_le(fields.version, tvb(0, 1))
	tree:add(fields.protocol, tvb(4, 8), said.protocol)
	add_time(tree, fields.queued, tvb(12, 8))
	add_time(tree, fields.handled, tvb(20, 8))
	add_time(tree, fields.held, tvb(28, 8))
	if said.kind == "message" then
		tree:add_le(fields.bytes, tvb(36, 4))
		tree:add(fields.fds, said.fds)
	end
	if tvb(40, 4):le_uint() > 0 then
		tree:add_le(fields.breakpoint, tvb(40, 4))
	end
	return said.length == reader.at and said or nil
end

-- The fields of a message.

local show = {
	enum = function(tree, field, range)
		tree:add(field.shown, range)
		return protocol.enums[field.enum][range:uint()] or tostring(range:uint())
	end,
	string = function(tree, field, range, length)
		if not range then
			tree:add(field.shown, length, "")
			return '""'
		end
		tree:add_packet_field(field.shown, range, ENC_UTF_8)
		return plain(range:string(ENC_UTF_8))
	end,
	bytes = function(tree, field, range)
		if range then
			tree:add(field.shown, range)
		end
		return (range and range:len() or 0) .. " bytes"
	end,
	u64 = function(tree, field, range)
		tree:add_le(field.shown, range)
		return tostring(range:le_uint64())
	end,
	bool = function(tree, field, range)
		tree:add(field.shown, range)
		return tostring(range:uint() ~= 0)
	end,
}

local function show_number(tree, field, range)
	tree:add_le(field.shown, range)
	return tostring(range:le_uint())
end

-- Returns what the info column says of the field, or nil where the bytes end.
local function add_field(reader, tree, field, fds)
	if field.type == "fd" then
		tree:add(field.shown, fds)
		return "fd"
	end
	local range = take(reader, types[field.type].bytes)
	local length = range
	if not range then
		return nil
	end
	if field.type == "string" or field.type == "bytes" then
		range = take(reader, range:le_uint())
		if range == nil then
			return nil
		end
	end
	return (show[field.type] or show_number)(tree, field, range, length)
end

-- Returns the fields for the info column.
local function add_message(tvb, tree, said)
	local reader, words = reader_of(tvb, said.length), {}
	local header = take(reader, IPC_HEADER)
	local message = header and protocol.messages[header(4, 2):le_uint()]
	if not header then
		tree:add_proto_expert_info(experts.malformed)
		return ""
	end
	tree:add_le(fields.type, header(4, 2))
	if message then
		tree = tree:add(message.shown, reader.left > 0 and tvb(reader.at) or header)
	end
	for _, field in ipairs(message and message.fields or {}) do
		local word = add_field(reader, tree, field, said.fds)
		if word == nil then
			if tvb:len() == tvb:reported_len() then
				tree:add_proto_expert_info(experts.malformed)
			end
			return table.concat(words, " ") .. " …"
		end
		table.insert(words, field.name .. "=" .. word)
	end
	if reader.left > 0 then
		tree:add(fields.data, tvb(reader.at, reader.left))
	end
	return table.concat(words, " ")
end

-- Returns what the info column says of it.
local function add_body(tvb, tree, said)
	local left = tvb:len() - said.length
	if said.kind == "message" and said.protocol ~= protocol.hash then
		tree:add_proto_expert_info(experts.other)
	end
	if said.flags % 2 ~= TEXT then
		if said.protocol == protocol.hash then
			return add_message(tvb, tree, said)
		end
		if left > 0 then
			tree:add(fields.data, tvb(said.length, left))
		end
		return left .. " bytes"
	end
	if left <= 0 then
		return ""
	end
	tree:add_packet_field(fields.args, tvb(said.length, left), ENC_UTF_8)
	return plain(tvb(said.length, left):string(ENC_UTF_8))
end

-- Links between packets.

-- The request that a reply answers: the one that caused it, else the oldest that waits on its channel.
local function find_request(said)
	local request = request_of_reply[said.name]
	local queue = request and waiting[said.to .. ">" .. said.from .. ">" .. request]
	if not queue then
		return nil
	end
	for i, asked in ipairs(queue) do
		if asked.id == said.cause then
			return table.remove(queue, i)
		end
	end
	return table.remove(queue, 1)
end

local function remember(said, frame)
	local asked = find_request(said)
	if asked then
		answered_by[asked.frame], answer_to[frame] = frame, asked.frame
	end
	for _, message in pairs(protocol.messages) do
		if message.reply and message.name == said.name then
			local key = said.from .. ">" .. said.to .. ">" .. said.name
			waiting[key] = waiting[key] or {}
			table.insert(waiting[key], { id = said.id, frame = frame })
		end
	end
	if said.cause ~= "" then
		caused_by[frame] = frame_of[said.cause]
	end
	if said.id ~= "" then
		frame_of[said.id] = frame_of[said.id] or frame
	end
end

local function add_link(tree, field, frame)
	if frame then
		tree:add(field, frame):set_generated()
	end
end

local function add_fate(tree, said)
	local fate = ""
	if said.status == "lost" or said.status == "refused" or said.status == "unknown" then
		fate = " [" .. said.status .. (said.where ~= "" and " in " .. said.where or "")
			.. (said.reason ~= "" and ": " .. said.reason or "") .. "]"
		tree:add_proto_expert_info(experts[said.status])
	end
	return fate
end

function bulkhead.dissector(tvb, pinfo, root)
	local tree = root:add(bulkhead, tvb())
	local said = read_header(tvb, tree)
	local frame = pinfo.number

	pinfo.cols.protocol = "BULKHEAD"
	if not said then
		tree:add_proto_expert_info(experts.malformed)
		return
	end
	if not pinfo.visited then
		remember(said, frame)
	end
	local words = add_body(tvb, tree, said)
	local fate = add_fate(tree, said)
	add_link(tree, fields.cause_frame, caused_by[frame])
	add_link(tree, fields.reply_frame, answered_by[frame])
	add_link(tree, fields.request_frame, answer_to[frame])
	local who = said.from .. (said.to ~= "" and " → " .. said.to or "")
	tree:append_text(": " .. plain(who .. " " .. said.name))
	pinfo.cols.src = plain(said.from)
	pinfo.cols.dst = plain(said.to)
	pinfo.cols.info = plain(who) .. " " .. plain(said.name) .. fate .. (words ~= "" and " " .. words or "")
end

DissectorTable.get("wtap_encap"):add((wtap_encaps or wtap).USER0, bulkhead)
