/* The first line of a log, and of each of its parts: whose it is. log_writer.c writes it. */
#pragma once
#include "browser/traffic/message.h"

/* What it does not say, or says wrong, is 0 or "". */
struct log_session {
	uint64_t ts_us;		  /* since the epoch: when it began; the same in all parts */
	uint64_t protocol;	  /* its hash */
	int pid;		  /* of the browser process */
	unsigned part;		  /* of a log in several files, from 1 */
	enum log_payload payload; /* LOG_PAYLOAD_COUNT: not said */
	char version[32];
};

/* From its line, in the shape of json_scan.h. false: it is none. */
bool log_session_parse(const char *line, struct log_session *);

/* From the start of a file. false: there is none, or the file cannot be read twice. */
bool log_session_read(int fd, struct log_session *);
