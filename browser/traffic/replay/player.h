/*
 * The player: starts one process in its sandbox, alone, and is the browser and all peers to it, packet by
 * packet. What the tape says that came to it is fed to it; what it says is held against the tape.
 *
 *     player.c    the order of it all, and the waiting
 *     process.c   starting, ending, and whether it does anything
 *     link.c      the player's ends of its channels
 *     feed.c      messages, bodies and regions for it; what is made anew
 *     answers.c   what it says
 *     contents.c  what it writes: display lists and pictures
 *     rest.c      where in the log it was at rest
 *     silence.c   where in the log it hung
 *     report.c    the differences
 */
#pragma once
#include "browser/process/compartment.h"
#include "browser/process/death.h"
#include "browser/traffic/replay/tape.h"

/* Between two messages of the log there is room for so many of the player's own, since ids must grow. */
#define PLAYER_ID_SCALE 64

struct replay_options {
	bool fast;    /* else with the log's timing */
	double speed; /* of that */
	bool json, no_sandbox;
	uint32_t without; /* layers that a test switches off */
};

/* The other end of one of its channels. */
struct link {
	struct link *next;
	struct endpoint peer;
	int fd;
	uint64_t last; /* number of the last message sent, scaled */
};

/* The writing end of a body's pipe, and what waits to be written there. */
struct pipe_end {
	struct pipe_end *next;
	struct traffic_body body;
	int fd; /* -1: the process was not told of it yet */
	uint8_t *bytes;
	size_t length, done;
};

struct contents;
struct region;
struct report;

struct player {
	const struct tape *tape;
	const struct replay_options *options;
	struct report *report;
	/* The process. */
	struct compartment_programs programs;
	struct compartment compartment;
	pid_t pid;
	int pidfd;
	struct recorder_region *region;
	bool ready, dead, asked_to_end;
	bool signalled; /* by the player */
	bool hung;	/* where it hung in the log */
	uint64_t probe; /* the player's ping there, until it is answered; 0: none */
	struct death death;
	char weakness[160]; /* the sandbox is not strong enough, and why; "" otherwise */
	/* Its channels, pipes and regions. */
	struct link *links; /* the browser's is the last */
	unsigned nlinks;
	struct pipe_end *pipes;
	struct region *regions;
	uint64_t region_bytes, last_generation;
	struct contents *contents;
	/* Which of the tape's answers have come. */
	enum answer_state { ANSWER_OPEN, ANSWER_CAME, ANSWER_MISSED } * states;
	bool *busy;	   /* at that event it still worked on something that came before */
	size_t last_look;  /* the event before which what it wrote is compared for the last time */
	bool last_is_rest; /* at which it had done all that it was asked for */
	size_t position;   /* the event that is played */
	size_t settled;	   /* all answers before this one came, or are waited for no more */
	size_t first_open; /* answers before this one have come */
	/* Submissions and pictures that wait for the peer's answer; answers of the log that wait for them. */
	struct owed {
		uint32_t page, number, half;
	} * owed;
	size_t nowed, credit;
	uint32_t wanted_half_bytes, wanted_page; /* a larger region that it asks for, 0: none */
	uint64_t began_ns;
	double skipped_ns; /* of waits that were too long */
	unsigned given_up; /* waits that were in vain */
};

/* Play it all. false: it could not be started, and *why says it (static or in the player). */
bool player_run(struct player *, const char **why);
/* Also after one that failed. */
void player_finish(struct player *);

/* player.c: wait for something to come, ms at most; take what came. */
void player_turn(struct player *, int ms);

/* process.c */
bool process_begin(struct player *, const char **why);
/* It sleeps, and nothing that it could read is unread. */
bool process_is_idle(const struct player *);
void process_reap(struct player *);
void process_finish(struct player *);
/* Did it come out of its start as it should? Sets `weakness`. */
void process_check_start(struct player *, const struct ipc_did_start *);

/* link.c */
struct link *link_add(struct player *, struct endpoint, int fd);
struct link *link_find(const struct player *, struct endpoint);
void link_close(struct player *, struct link *);
/* number and cause: as in the log, scaled here; 0: the next one. fd stays the caller's. false: nobody reads
 * it. */
bool link_send(struct player *, struct link *, uint16_t type, uint64_t number, uint64_t cause,
	       const void *fields, size_t bytes, int fd);
bool link_send_message(struct player *, struct link *, enum ipc_id, uint64_t number, uint64_t cause,
		       const void *message);
/* Take all that came. */
void link_read(struct player *, struct link *);
/* An id of the replay as the log has it, and the other way round. */
uint64_t link_log_id(uint64_t id);
uint64_t link_own_id(uint64_t id);

/* feed.c */
void feed_event(struct player *, const struct tape_event *);
/* Bytes that wait for a pipe's room, and how to write them. */
bool feed_has_waiting(const struct player *);
void feed_pipes(struct player *);
/* Give the answers of the log that came too early for what it submits. */
void feed_owed(struct player *);
/* It waits for nothing but answers of a peer's: give one. false: there is none to be given. */
bool feed_unstick(struct player *);
/* It says that it has submitted or presented: half is whose turn it is. */
void feed_note_submission(struct player *, uint32_t page, uint32_t number, uint32_t half);
void feed_finish(struct player *);
/* The half of that region, half_bytes long; NULL: there is none. */
const uint8_t *feed_region(const struct player *, enum region_kind, uint32_t page, uint32_t number,
			   uint32_t half, uint32_t *half_bytes);

/* rest.c: sets busy, last_look and last_is_rest. false: no memory. */
bool rest_find(struct player *);

/* silence.c */
void silence_probe(struct player *, const struct tape_event *);
/* Is that message the answer to it? */
bool silence_take(struct player *, const struct ipc_header *);

/* answers.c */
bool answers_begin(struct player *);
void answers_take(struct player *, struct link *, const struct ipc_header *, const uint8_t *fields);
/* Is it an answer that the replay must bring, whatever its pace? */
bool answer_is_due(const struct tape_event *);
/* Have all that are due before that event come, or been given up? */
bool answers_came(struct player *, size_t event);
void answers_give_up(struct player *, size_t event);

/* contents.c */
struct contents *contents_create(void);
void contents_destroy(struct contents *);
/* The tape's side. */
void contents_note(struct contents *, const struct tape_event *);
const uint8_t *contents_half(const struct contents *, enum region_kind, uint32_t page, uint32_t number,
			     uint32_t half, uint32_t *length);
void contents_say(struct contents *, const struct tape_event *answer, enum role role);
/* The replay's side. */
void contents_submitted(struct contents *, const struct ipc_submit_frame *, const uint8_t *half);
void contents_presented(struct contents *, const struct ipc_did_present *, const uint8_t *cells,
			uint32_t bytes);
/* Has the log something to compare? */
bool contents_are_there(const struct contents *);
/* Are both the same? What has been reported as other is not looked at until it is the same again. */
bool contents_agree(struct contents *);
void contents_report(struct contents *, struct report *, uint64_t before); /* id of what comes next, or 0 */
