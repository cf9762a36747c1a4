/*
 * The clipboard of whoever shows the terminal, by OSC 52: the text travels in base64 through whatever lies
 * between, a network and tmux too. See terminal.h.
 */
#include "browser/ui/terminal.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define COPY_MAX 65536 /* bytes; terminals give up at different lengths beyond */
#define BEGIN	 "\033]52;c;"
#define END	 "\033\\"
/* What tmux hands on as it is: escapes are doubled. It is asked both ways, since either may be switched off.
 */
#define TMUX_BEGIN "\033Ptmux;\033" BEGIN
#define TMUX_END   "\033\033\\\033\\"

static size_t put_base64(char *out, const uint8_t *in, size_t length)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = 0;

	for (size_t at = 0; at < length; at += 3) {
		size_t left = length - at;
		uint32_t bits = (uint32_t)in[at] << 16 | (left > 1 ? (uint32_t)in[at + 1] << 8 : 0) |
				(left > 2 ? in[at + 2] : 0);
		out[n++] = letters[bits >> 18];
		out[n++] = letters[bits >> 12 & 63];
		out[n++] = left > 1 ? letters[bits >> 6 & 63] : '=';
		out[n++] = left > 2 ? letters[bits & 63] : '=';
	}
	return n;
}

bool terminal_copy(struct terminal *t, const char *text, size_t length)
{
	char *encoded = length <= COPY_MAX ? malloc(length / 3 * 4 + 4) : NULL;

	if (!encoded)
		return false;
	size_t n = put_base64(encoded, (const uint8_t *)text, length);

	terminal_send(t, BEGIN, strlen(BEGIN));
	terminal_send(t, encoded, n);
	terminal_send(t, END, strlen(END));
	if (getenv("TMUX")) {
		terminal_send(t, TMUX_BEGIN, strlen(TMUX_BEGIN));
		terminal_send(t, encoded, n);
		terminal_send(t, TMUX_END, strlen(TMUX_END));
	}
	terminal_flush(t);
	free(encoded);
	return true;
}
