#!/usr/bin/env python3
"""Write charset_tables.c: the labels of the Encoding Standard and the tables of every encoding that needs one.

The characters come from Python's own codecs, so that nothing is kept here by hand but the names. A renderer cannot
open files, and linking a conversion library costs it more time and memory than these tables, of which a page touches
one at most. renderer/charset.c decodes with them.
"""
import sys

# Encoding: kind in charset.c, Python's codec, its labels in the web's use.
ENCODINGS = [
    ("UTF_8", "utf-8", None, "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8"),
    ("WINDOWS_1252", "single", "cp1252", "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 "
     "iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252"),
    ("IBM866", "single", "cp866", "866 cp866 csibm866 ibm866"),
    ("ISO_8859_2", "single", "iso8859_2", "csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 "
     "iso_8859-2:1987 l2 latin2"),
    ("ISO_8859_3", "single", "iso8859_3", "csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 "
     "iso_8859-3:1988 l3 latin3"),
    ("ISO_8859_4", "single", "iso8859_4", "csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 "
     "iso_8859-4:1988 l4 latin4"),
    ("ISO_8859_5", "single", "iso8859_5", "csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 "
     "iso_8859-5 iso_8859-5:1988"),
    ("ISO_8859_6", "single", "iso8859_6", "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 "
     "iso-8859-6 iso-8859-6-e iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987"),
    ("ISO_8859_7", "single", "iso8859_7", "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 "
     "iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987 sun_eu_greek"),
    ("ISO_8859_8", "single", "iso8859_8", "csiso88598e csiso88598i csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e "
     "iso-8859-8-i iso-ir-138 iso8859-8 iso88598 iso_8859-8 iso_8859-8:1988 logical visual"),
    ("ISO_8859_10", "single", "iso8859_10", "csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6"),
    ("ISO_8859_13", "single", "iso8859_13", "iso-8859-13 iso8859-13 iso885913"),
    ("ISO_8859_14", "single", "iso8859_14", "iso-8859-14 iso8859-14 iso885914"),
    ("ISO_8859_15", "single", "iso8859_15", "csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9"),
    ("ISO_8859_16", "single", "iso8859_16", "iso-8859-16"),
    ("KOI8_R", "single", "koi8_r", "cskoi8r koi koi8 koi8-r koi8_r"),
    ("KOI8_U", "single", "koi8_u", "koi8-ru koi8-u"),
    ("MACINTOSH", "single", "mac_roman", "csmacintosh mac macintosh x-mac-roman"),
    ("X_MAC_CYRILLIC", "single", "mac_cyrillic", "x-mac-cyrillic x-mac-ukrainian"),
    ("WINDOWS_874", "single", "cp874", "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874"),
    ("WINDOWS_1250", "single", "cp1250", "cp1250 windows-1250 x-cp1250"),
    ("WINDOWS_1251", "single", "cp1251", "cp1251 windows-1251 x-cp1251"),
    ("WINDOWS_1253", "single", "cp1253", "cp1253 windows-1253 x-cp1253"),
    ("WINDOWS_1254", "single", "cp1254", "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 "
     "iso_8859-9:1989 l5 latin5 windows-1254 x-cp1254"),
    ("WINDOWS_1255", "single", "cp1255", "cp1255 windows-1255 x-cp1255"),
    ("WINDOWS_1256", "single", "cp1256", "cp1256 windows-1256 x-cp1256"),
    ("WINDOWS_1257", "single", "cp1257", "cp1257 windows-1257 x-cp1257"),
    ("WINDOWS_1258", "single", "cp1258", "cp1258 windows-1258 x-cp1258"),
    ("GB18030", "gb18030", None, "chinese csgb2312 csiso58gb231280 gb18030 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk"),
    ("BIG5", "big5", None, "big5 big5-hkscs cn-big5 csbig5 x-x-big5"),
    ("EUC_JP", "euc-jp", None, "cseucpkdfmtjapanese euc-jp x-euc-jp"),
    ("ISO_2022_JP", "iso-2022-jp", None, "csiso2022jp iso-2022-jp"),
    ("SHIFT_JIS", "shift_jis", None, "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis"),
    ("EUC_KR", "euc-kr", None, "cp949 cseuckr csksc56011987 euc-kr euc_kr iso-ir-149 korean ks_c_5601-1987 "
     "ks_c_5601-1989 ksc5601 ksc_5601 windows-949"),
    ("UTF_16LE", "utf-16", None, "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le"),
    ("UTF_16BE", "utf-16", None, "unicodefffe utf-16be"),
    ("REPLACEMENT", "replacement", None, "csiso2022kr hz-gb-2312 iso-2022-cn iso-2022-cn-ext iso-2022-kr replacement"),
]


def decode(raw, codec):
    """The one code point that these bytes stand for, or 0."""
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError:
        return 0
    return ord(text) if len(text) == 1 else 0


def single(codec):
    """Bytes 0x80 to 0xff. The web maps the unassigned C1 bytes of the windows code pages to themselves."""
    table = []
    for byte in range(0x80, 0x100):
        code_point = decode(bytes([byte]), codec)
        if not code_point and codec.startswith("cp12") and byte < 0xa0:
            code_point = byte
        table.append(code_point)
    return table


def double(codec, trails, offset, leads=range(0x81, 0xff)):
    """Lead bytes times trail bytes, `trails` of them from `offset` on; a trail of 0x7f is no character."""
    return [decode(bytes([lead, offset + trail]), codec) if offset + trail <= 0xff else 0
            for lead in leads for trail in range(trails)]


def jis0208():
    """The index that Shift_JIS, EUC-JP and ISO-2022-JP share, by Shift_JIS's way of writing it."""
    table = []
    for lead in list(range(0x81, 0xa0)) + list(range(0xe0, 0xfd)):
        for trail in range(188):
            raw = bytes([lead, trail + (0x40 if trail < 0x3f else 0x41)])
            code_point = decode(raw, "cp932")
            table.append(0 if 0xe000 <= code_point <= 0xf8ff else code_point)
    return table


def jis0212():
    return [decode(bytes([0x8f, 0xa1 + row, 0xa1 + cell]), "euc_jp") for row in range(94) for cell in range(94)]


def big5():
    """Microsoft's characters, and Hong Kong's where the web has theirs: before 0xa1 and from 0xc6a1 to 0xc8fe."""
    table = []
    for lead in range(0x81, 0xff):
        for trail in range(157):
            raw = bytes([lead, trail + (0x40 if trail < 0x3f else 0x62)])
            hong_kong = decode(raw, "big5hkscs")
            theirs = hong_kong and (lead < 0xa1 or b"\xc6\xa1" <= raw <= b"\xc8\xfe")
            table.append(hong_kong if theirs else decode(raw, "cp950") or hong_kong)
    return table


def gb18030_ranges():
    """Four-byte sequences of the basic plane: (index of the first, its code point) of each consecutive run."""
    runs, previous = [], None
    for index in range(39420):
        raw = bytes([0x81 + index // 12600, 0x30 + index // 1260 % 10, 0x81 + index // 10 % 126, 0x30 + index % 10])
        code_point = decode(raw, "gb18030")
        if previous is None or code_point != previous + 1:
            runs.append((index, code_point))
        previous = code_point
    return runs


def emit(out, name, table, kind="uint16_t"):
    print(f"const {kind} {name}[{len(table)}] = {{", file=out)
    for start in range(0, len(table), 16):
        print("\t" + "".join(f"{value}," for value in table[start:start + 16]), file=out)
    print("};\n", file=out)


def emit_tables(out):
    for name, kind, codec, _ in ENCODINGS:
        if kind == "single":
            emit(out, f"charset_{name.lower()}", single(codec))
    emit(out, "charset_euc_kr", double("cp949", 190, 0x41))
    emit(out, "charset_gbk", double("gb18030", 191, 0x40))
    emit(out, "charset_jis0208", jis0208())
    emit(out, "charset_jis0212", jis0212())
    table = big5()
    emit(out, "charset_big5", [value & 0xffff for value in table])
    emit(out, "charset_big5_plane2", [sum((table[start + bit] >> 16 == 2) << bit for bit in range(8)
                                           if start + bit < len(table)) for start in range(0, len(table), 8)], "uint8_t")
    runs = gb18030_ranges()
    print(f"const struct charset_range charset_gb18030_ranges[] = {{", file=out)
    for index, code_point in runs:
        print(f"\t{{ {index}, {code_point} }},", file=out)
    print(f"}};\nconst unsigned charset_gb18030_nranges = {len(runs)};\n", file=out)


def emit_labels(out):
    print("const struct charset_encoding charset_encodings[] = {", file=out)
    for name, kind, codec, labels in ENCODINGS:
        decoder = "CHARSET_" + kind.upper().replace("-", "_")
        table = f"charset_{name.lower()}" if kind == "single" else "NULL"
        shown = name.lower().replace("_", "-")
        print(f'\t{{ "{shown}", {decoder}, {table} }},', file=out)
    print("};\n\nconst struct charset_label charset_labels[] = {", file=out)
    labels = sorted((label, at) for at, entry in enumerate(ENCODINGS) for label in entry[3].split())
    for label, at in labels:
        print(f'\t{{ "{label}", {at} }},', file=out)
    print(f"}};\nconst unsigned charset_nlabels = {len(labels)};", file=out)


def main():
    with open(sys.argv[1], "w", encoding="ascii") as out:
        print("/* Made by charset_tables.py: do not edit. */", file=out)
        print('#include "renderer/charset_tables.h"\n#include <stddef.h>\n', file=out)
        emit_tables(out)
        emit_labels(out)


if __name__ == "__main__":
    main()
