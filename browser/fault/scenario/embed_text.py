#!/usr/bin/env python3
"""Write a text file as a C string:  embed_text.py OUT HEADER NAME FILE"""
import json
import sys

out, header, name, path = sys.argv[1:]
with open(path, encoding="utf-8") as f:
    lines = f.read().splitlines(keepends=True)
with open(out, "w", encoding="utf-8") as f:
    f.write(f'/* Made by embed_text.py: do not edit. */\n#include "{header}"\n\nconst char {name}[] =\n')
    f.write("\n".join("\t" + json.dumps(line, ensure_ascii=False) for line in lines) + ";\n")
