#!/usr/bin/env python3
"""Turn protocol.ipc into C, a page, and tables for Wireshark:  ipcgen.py header|table|dispatch:ROLE|docs|lua IN OUT

A line that cannot be read ends the run with FILE:LINE: error: WHY. Nothing is guessed.
"""
import hashlib
import os
import re
import sys
from collections import namedtuple

Field = namedtuple("Field", "type name max")
Message = namedtuple("Message", "name fields src dst doc line reply group")

SCALARS = {"u8": "uint8_t", "u16": "uint16_t", "u32": "uint32_t", "u64": "uint64_t", "bool": "bool"}
WIDTH = {"u8": 1, "u16": 2, "u32": 4, "u64": 8, "bool": 1, "fd": 0, "string": 4, "bytes": 4}
SIZED = {"string": "struct ipc_string", "bytes": "struct ipc_bytes"}
RECORDED_BYTES = 256  # common/recorder.h: what a child's flight recorder keeps of one message
PACKET_BYTES = 65536 - 64


class Protocol:
    def __init__(self, path):
        self.path, self.line = os.path.basename(path), 0
        self.enums, self.groups, self.messages, self.docs = {}, {}, [], {}
        src = dst = group = None
        doc = []
        with open(path, encoding="utf-8") as f:
            lines = f.readlines()
        for self.line, raw in enumerate(lines, 1):
            line = raw.strip()
            if not line:
                doc = []
            elif line.startswith("#"):
                doc.append(line[1:].strip())
            elif m := re.fullmatch(r"enum (\w+)\s*\{(.*)\}", line):
                self.add_enum(m[1], [v.strip() for v in m[2].split(",")], " ".join(doc))
                doc = []
            elif m := re.fullmatch(r"group (\w+)\s*\{(.*)\}", line):
                self.add_group(m[1], [v.strip() for v in m[2].split(",")])
                doc = []
            elif m := re.fullmatch(r"(\w+) -> (\w+)", line):
                src, dst = self.roles(m[1]), self.roles(m[2])
                group = (m[1], m[2])
                doc = []
            elif m := re.fullmatch(r"(\w+)\((.*)\)(?:\s*=>\s*(\w+))?", line):
                self.add_message(m[1], m[2], m[3], src, dst, group, " ".join(doc))
                doc = []
            else:
                self.fail(f"cannot read '{line}'")
        self.check_replies()

    def fail(self, why):
        sys.exit(f"{self.path}:{self.line}: error: {why}")

    def roles(self, name):
        if name in self.groups:
            return self.groups[name]
        if name not in self.enums.get("role", []):
            self.fail(f"unknown role '{name}'")
        return [name]

    def add_enum(self, name, values, doc):
        if name in self.enums:
            self.fail(f"enum '{name}' is defined twice")
        if len(set(values)) != len(values) or not all(re.fullmatch(r"\w+", v) for v in values):
            self.fail(f"enum '{name}' has an empty or repeated value")
        if len(values) > 255:
            self.fail(f"enum '{name}' has more than 255 values")
        self.enums[name], self.docs[name] = values, doc

    def add_group(self, name, members):
        if name in self.groups or name in self.enums.get("role", []):
            self.fail(f"'{name}' is defined twice")
        self.groups[name] = [r for m in members for r in self.roles(m)]

    def add_message(self, name, text, reply, src, dst, group, doc):
        if any(m.name == name for m in self.messages):
            self.fail(f"message '{name}' is defined twice")
        if src is None:
            self.fail("message outside a 'from -> to' section")
        fields = [self.field(f) for f in text.split(",") if text.strip()]
        if len({f.name for f in fields}) != len(fields):
            self.fail(f"message '{name}' has two fields of one name")
        if sum(f.type == "fd" for f in fields) > 1:
            self.fail("at most one fd a message")
        if any(f.type == "fd" for f in fields) and src != ["browser"]:
            self.fail("only the browser passes descriptors")
        message = Message(name, fields, src, dst, doc, self.line, reply, group)
        if self.max_bytes(message) > PACKET_BYTES:
            self.fail(f"message '{name}' does not fit in a packet")
        if "browser" not in src + dst and self.max_bytes(message) > RECORDED_BYTES:
            self.fail(f"message '{name}' between children is longer than the {RECORDED_BYTES} bytes that are recorded")
        self.messages.append(message)

    def field(self, text):
        m = re.fullmatch(r"\s*(\w+)(?:<(\d+)>)? (\w+)\s*", text)
        if not m:
            self.fail(f"cannot read field '{text.strip()}'")
        kind, size, name = m[1], m[2], m[3]
        if (kind in SIZED) != (size is not None):
            self.fail(f"'{name}': string and bytes need <max>, others take none")
        if kind not in WIDTH and kind not in self.enums:
            self.fail(f"unknown type '{kind}'")
        if size is not None and int(size) == 0:
            self.fail(f"'{name}': a maximum of 0 bytes")
        return Field(kind, name, int(size or 0))

    def check_replies(self):
        for m in self.messages:
            if not m.reply:
                continue
            self.line = m.line
            back = next((r for r in self.messages if r.name == m.reply), None)
            if not back:
                self.fail(f"reply '{m.reply}' is not defined")
            if back.src != m.dst or back.dst != m.src:
                self.fail(f"reply '{m.reply}' does not go back from receiver to sender")
            if any(r.reply == m.reply and r.line < m.line for r in self.messages):
                self.fail(f"reply '{m.reply}' answers two requests")

    def max_bytes(self, message):
        return sum(WIDTH.get(f.type, 1) + f.max for f in message.fields)

    def c_type(self, f):
        if f.type in self.enums:
            return f"enum {f.type}"
        return SCALARS.get(f.type) or SIZED.get(f.type) or "int"

    def hash(self):
        said = (self.enums, [(m.name, m.fields, m.src, m.dst, m.reply) for m in self.messages])
        return hashlib.sha256(repr(said).encode()).hexdigest()[:16]

    def handler(self, role, m):
        """The role or group a handler is named after: a group's messages have one handler for all its roles."""
        return m.group[1] if m.group[1] in self.groups else role


def header(p, out):
    out('#pragma once\n#include "common/ipc_types.h"\n')
    out(f"#define IPC_PROTOCOL_HASH UINT64_C(0x{p.hash()})\n")
    for name, values in p.enums.items():
        out(f"enum {name} {{")
        for v in values:
            out(f"\t{name.upper()}_{v.upper()},")
        out(f"\t{name.upper()}_COUNT\n}};\nextern const char *const {name}_names[];\n")
    out("enum ipc_id {")
    for m in p.messages:
        out(f"\tIPC_{m.name.upper()},")
    out("\tIPC_COUNT\n};\n")
    out("extern const struct ipc_message ipc_messages[IPC_COUNT];\n")
    out("void channel_send(struct channel *, enum ipc_id, const void *message);\n")
    for m in p.messages:
        out(f"/* {m.group[0]} -> {m.group[1]}{': ' + m.doc if m.doc else ''} */")
        out(f"struct ipc_{m.name} {{")
        for f in m.fields:
            out(f"\t{p.c_type(f)} {f.name};")
        if not m.fields:
            out("\tchar nothing;")
        out("};\n")
        args = "".join(f", {p.c_type(f)} {f.name}" for f in m.fields)
        init = ", ".join(f".{f.name} = {f.name}" for f in m.fields) or "0"
        out(f"static inline void ipc_send_{m.name}(struct channel *over{args})\n{{")
        out(f"\tchannel_send(over, IPC_{m.name.upper()}, &(struct ipc_{m.name}){{ {init} }});\n}}\n")
    out("/* Room for any decoded message. */\nunion ipc_any {")
    for m in p.messages:
        out(f"\tstruct ipc_{m.name} {m.name};")
    out("};\n")
    declared = set()
    for role in p.enums["role"]:
        mine = [m for m in p.messages if role in m.dst]
        for m in mine:
            name = p.handler(role, m)
            if (name, m.name) in declared:
                continue
            if not any(d[0] == name for d in declared):
                out(f"struct {name};")
            declared.add((name, m.name))
            out(f"void {name}_on_{m.name}(struct {name} *, struct channel *, const struct ipc_{m.name} *);")
        if mine:
            out(f"void {role}_dispatch(void *self, struct channel *, enum ipc_id, const void *message);\n")


def table(p, out):
    out('#include "common/protocol.h"\n')
    for name, values in p.enums.items():
        quoted = ", ".join(f'"{v}"' for v in values)
        out(f"const char *const {name}_names[] = {{ {quoted}, NULL }};")
    ids = {m.name: n for n, m in enumerate(p.messages)}
    for m in p.messages:
        if m.fields:
            out(f"\nstatic const struct ipc_field {m.name}_fields[] = {{")
            for f in m.fields:
                kind = "ENUM" if f.type in p.enums else f.type.upper()
                names = f"{f.type}_names" if f.type in p.enums else "NULL"
                limit = len(p.enums[f.type]) if f.type in p.enums else f.max
                out(f'\t{{ "{f.name}", IPC_{kind}, offsetof(struct ipc_{m.name}, {f.name}), {limit}, {names}, '
                    f'"{f.type}" }},')
            out("};")
    if not all(m.fields for m in p.messages):
        out("\n/* Loops over fields compare pointers, which NULL is not for. */\nstatic const struct ipc_field no_fields[1];")
    out("\nconst struct ipc_message ipc_messages[IPC_COUNT] = {")

    def mask(roles):
        return " | ".join(f"1 << ROLE_{r.upper()}" for r in roles)

    for m in p.messages:
        fields = f"{m.name}_fields" if m.fields else "no_fields"
        out(f'\t[IPC_{m.name.upper()}] = {{ "{m.name}", {mask(m.src)}, {mask(m.dst)}, {len(m.fields)}, '
            f"{ids[m.reply] if m.reply else -1}, sizeof(struct ipc_{m.name}), {p.max_bytes(m)}, {fields} }},")
    out("};")


def dispatch(p, out, role):
    out('#include "common/protocol.h"\n')
    out(f"void {role}_dispatch(void *self, struct channel *channel, enum ipc_id id, const void *message)\n{{\n\tswitch (id) {{")
    for m in p.messages:
        if role in m.dst:
            out(f"\tcase IPC_{m.name.upper()}:\n\t\t{p.handler(role, m)}_on_{m.name}(self, channel, message);\n\t\treturn;")
    out("\tdefault:\n\t\treturn; /* the codec has refused what is not addressed to us */\n\t}\n}")


def docs(p, out):
    out("# The protocol\n\nMade from `common/protocol.ipc`: change that file, not this one, then run `python3 common/ipcgen.py docs common/protocol.ipc docs/protocol.md`.\n")
    out("Each message has a header: `length` (u32, of the whole message), `type` (u16), a reserved u16 that is 0, `id` "
        "(u64: role in the top 4 bits, serial in the next 20, number in the last 40) and `cause` (u64: the id of what made the "
        "sender send it, 0 for nothing). The fields follow in their order, little endian, unpadded: numbers and enums as they are, strings and "
        "bytes behind a u32 length. A descriptor takes no bytes; its message ends the packet.\n")
    out("## Words\n")
    for name, values in p.enums.items():
        out(f"- `{name}`: {', '.join(f'`{v}`' for v in values)}" + (f". {p.docs[name]}" if p.docs[name] else ""))
    group = None
    for m in p.messages:
        if m.group != group:
            group = m.group
            out(f"\n## {group[0]} → {group[1]}\n\n| message | fields | reply | at most | meaning |\n|---|---|---|---|---|")
        fields = ", ".join(f"{f.type}{f'<{f.max}>' if f.max else ''} {f.name}" for f in m.fields)
        out(f"| `{m.name}` | {fields} | {f'`{m.reply}`' if m.reply else ''} | {p.max_bytes(m)} B | {m.doc} |")


def lua(p, out):
    """The tables that browser/traffic/output/dissector.lua walks; numbers are those on the wire."""
    out(f'local protocol = {{\n\thash = "{p.hash()}",\n\tenums = {{')
    for name, values in p.enums.items():
        words = ", ".join(f'[{i}] = "{v}"' for i, v in enumerate(values))
        out(f"\t\t{name} = {{ {words} }},")
    out("\t},\n\tmessages = {")
    for i, m in enumerate(p.messages):
        reply = f', reply = "{m.reply}"' if m.reply else ""
        out(f'\t\t[{i}] = {{ name = "{m.name}"{reply}, fields = {{')
        for f in m.fields:
            kind = f'"enum", enum = "{f.type}"' if f.type in p.enums else f'"{f.type}"'
            out(f'\t\t\t{{ name = "{f.name}", type = {kind} }},')
        out("\t\t} },")
    out("\t},\n}")


def main(what, source, target):
    protocol = Protocol(source)
    lines = []
    if what.startswith("dispatch:"):
        dispatch(protocol, lines.append, what.split(":")[1])
    else:
        {"header": header, "table": table, "docs": docs, "lua": lua}[what](protocol, lines.append)
    notice = f"Made by ipcgen.py from {protocol.path}: do not edit."
    notice = {"docs": "", "lua": f"-- {notice}\n"}.get(what, f"/* {notice} */\n")
    with open(target, "w", encoding="utf-8") as f:
        f.write(notice + "\n".join(lines) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
