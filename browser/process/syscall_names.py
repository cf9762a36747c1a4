#!/usr/bin/env python3
"""Make the table of system call names from the C library's own header:  syscall_names.py OUT CC..."""
import re
import subprocess
import sys

out, compiler = sys.argv[1], sys.argv[2:]
text = subprocess.run([*compiler, "-dM", "-E", "-include", "sys/syscall.h", "-x", "c", "/dev/null"],
                      check=True, capture_output=True, text=True).stdout
names = sorted(set(re.findall(r"#define __NR_(\w+) ", text)))
with open(out, "w", encoding="utf-8") as f:
    f.write('/* Made by syscall_names.py: do not edit. */\n#include "browser/process/syscall_names.h"\n'
            "#include <stddef.h>\n#include <sys/syscall.h>\n\nconst struct syscall_name syscall_names[] = {\n")
    f.writelines(f'\t{{ __NR_{name}, "{name}" }},\n' for name in names)
    f.write("\t{ 0, NULL },\n};\n")
