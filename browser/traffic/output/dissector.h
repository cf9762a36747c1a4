/* The dissector that teaches Wireshark to read the captures of export_pcapng.c. It is part of the executable.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* protocol.ipc as Lua, and dissector.lua, which walks it; the file is the one behind the other. */
extern const char dissector_protocol[], dissector_script[];

/*
 * Write it to the user's folder of Lua plugins for Wireshark, from where Wireshark and tshark load it. path
 * becomes the file's, also on failure as far as it got. false with errno.
 */
bool dissector_install(char *path, size_t capacity);
