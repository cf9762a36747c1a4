/* Misdeeds of a renderer, done once it has committed a page as if nothing were wrong. See evil.h. */
#include "common/cell.h"
#include "common/crash.h"
#include "common/display_list.h"
#include "common/region.h"
#include "tests/browser/evil.h"
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Messages that are none. */

static void unknown_type(struct evil *e)
{
	evil_message(e, 60000, "", 0, NULL);
}

static void not_addressed(struct evil *e)
{
	uint8_t fields[24] = { 0 };

	evil_message(e, IPC_SUBMIT_FRAME, fields, 19, NULL);
}

static void browsers_own(struct evil *e)
{
	evil_message(e, IPC_OBEY_FAULT, "\1", 1, NULL);
}

static void too_short(struct evil *e)
{
	evil_message(e, IPC_DID_COMMIT, "abc", 3, NULL);
}

static void too_long(struct evil *e)
{
	uint8_t fields[100] = { 0 };

	evil_message(e, IPC_DID_COMMIT, fields, sizeof fields, NULL);
}

static void half_a_header(struct evil *e)
{
	evil_packet(e, "0123456789", 10);
}

static void one_byte(struct evil *e)
{
	evil_packet(e, "", 1);
}

static void lie_upward(struct evil *e, struct ipc_header *h)
{
	(void)e;
	h->length += 1000;
}

static void length_too_large(struct evil *e)
{
	evil_message(e, IPC_DID_COMMIT, "12345678", 8, lie_upward);
}

static void lie_downward(struct evil *e, struct ipc_header *h)
{
	(void)e;
	h->length = 3;
}

static void length_too_small(struct evil *e)
{
	evil_message(e, IPC_DID_COMMIT, "12345678", 8, lie_downward);
}

static void wrap_around(struct evil *e, struct ipc_header *h)
{
	(void)e;
	h->length = UINT32_MAX;
}

static void length_that_overflows(struct evil *e)
{
	evil_message(e, IPC_DID_COMMIT, "12345678", 8, wrap_around);
}

static void huge_packet(struct evil *e)
{
	static uint8_t packet[100000];
	struct ipc_header h = { .length = sizeof packet,
				.type = IPC_DID_COMMIT,
				.id = channel_make_id(e->child.us) };

	memcpy(packet, &h, sizeof h);
	evil_packet(e, packet, sizeof packet);
}

static void empty_packet(struct evil *e)
{
	evil_packet(e, "", 0);
}

static void send_descriptor(struct evil *e)
{
	uint8_t packet[sizeof(struct ipc_header) + 8] = { 0 };
	struct ipc_header h = { .length = sizeof packet,
				.type = IPC_DID_COMMIT,
				.id = channel_make_id(e->child.us) };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .header = { .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS,
				  .cmsg_len = CMSG_LEN(sizeof(int)) } };
	struct iovec iov = { packet, sizeof packet };
	struct msghdr message = { .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof control.space };

	memcpy(packet, &h, sizeof h);
	memset(CMSG_DATA(&control.header), 0, sizeof(int));
	channel_flush(e->child.browser);
	sendmsg(CHILD_CHANNEL_FD, &message, 0);
}

/* Ids. */

static void other_role(struct evil *e, struct ipc_header *h)
{
	h->id = ipc_make_id(ROLE_BROWSER, 0, ipc_id_number(h->id));
	(void)e;
}

static void others_id(struct evil *e)
{
	evil_message(e, IPC_DID_FILL_RECORDER, "", 0, other_role);
}

static void other_serial(struct evil *e, struct ipc_header *h)
{
	h->id = ipc_make_id(e->child.us.role, e->child.us.serial + 1, ipc_id_number(h->id));
}

static void neighbours_id(struct evil *e)
{
	evil_message(e, IPC_DID_FILL_RECORDER, "", 0, other_serial);
}

static void first_number(struct evil *e, struct ipc_header *h)
{
	h->id = ipc_make_id(e->child.us.role, e->child.us.serial, 1);
}

static void number_going_back(struct evil *e)
{
	evil_message(e, IPC_DID_FILL_RECORDER, "", 0, first_number);
}

static void last_number(struct evil *e, struct ipc_header *h)
{
	(void)e;
	h->id--;
}

static void number_again(struct evil *e)
{
	evil_message(e, IPC_DID_FILL_RECORDER, "", 0, NULL);
	evil_message(e, IPC_DID_FILL_RECORDER, "", 0, last_number);
}

static void use_reserved(struct evil *e, struct ipc_header *h)
{
	(void)e;
	h->reserved = 1;
}

static void reserved_bits(struct evil *e)
{
	evil_message(e, IPC_DID_FILL_RECORDER, "", 0, use_reserved);
}

/* Fields. */

/* Pages are numbered from 1; some of those before are others', the rest are gone. */

static void title_of_another(struct evil *e)
{
	for (uint32_t page = 1; page < e->page; page++)
		ipc_send_did_change_title(e->child.browser, page, 1, ipc_text("fooled"));
}

static void commit_for_another(struct evil *e)
{
	for (uint32_t page = 1; page < e->page; page++)
		ipc_send_did_commit(e->child.browser, page, 1);
}

static void link_of_another(struct evil *e)
{
	for (uint32_t page = 1; page < e->page; page++)
		ipc_send_open_link(e->child.browser, page, ipc_text("http://127.0.0.1/"));
}

static void page_of_nobody(struct evil *e)
{
	for (uint32_t page = e->page + 1; page < e->page + 2000; page++)
		ipc_send_did_change_title(e->child.browser, page, 1, ipc_text("nobody's"));
	ipc_send_did_change_title(e->child.browser, 0, 1, ipc_text("nobody's"));
	ipc_send_did_change_title(e->child.browser, UINT32_MAX, 1, ipc_text("nobody's"));
}

/* A did_change_title of so many bytes. */
static void title_of(struct evil *e, const char *text, uint32_t length)
{
	static uint8_t fields[CHANNEL_PACKET_BYTES - 64];

	memcpy(fields, &e->page, 4);
	memcpy(fields + 4, &e->navigation, 4);
	memcpy(fields + 8, &length, 4);
	memcpy(fields + 12, text, length);
	evil_message(e, IPC_DID_CHANGE_TITLE, fields, 12 + length, NULL);
}

static void title_too_long(struct evil *e)
{
	char text[257];

	memset(text, 't', sizeof text);
	title_of(e, text, sizeof text);
}

static void title_not_utf8(struct evil *e)
{
	title_of(e, "\xff\xfe", 2);
}

static void endless_titles_with_escapes(struct evil *e)
{
	char text[250];

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = "\x1b]0;evil\x07\x1b[2J\n\r\x7f"[i % 15];
	for (unsigned i = 0; i < 2000; i++) {
		title_of(e, text, sizeof text);
	}
}

static void enum_out_of_range(struct evil *e)
{
	uint8_t fields[16];

	memset(fields, 0xee, sizeof fields);
	evil_message(e, IPC_DID_RECEIVE_BAD_MESSAGE, fields, 8, NULL);
}

/* State. */

static void pong_unasked(struct evil *e)
{
	ipc_send_pong(e->child.browser, 4711);
	ipc_send_pong(e->child.browser, 4712);
}

static void describe_unasked(struct evil *e)
{
	ipc_send_did_describe_document(e->child.browser, e->page, 1, 2, 3, 4, ipc_text("fooled"));
}

static void region_too_small(struct evil *e)
{
	ipc_send_request_region(e->child.browser, e->page, 1);
}

static void region_too_large(struct evil *e)
{
	ipc_send_request_region(e->child.browser, e->page, UINT32_MAX);
}

static void regions_again_and_again(struct evil *e)
{
	for (unsigned i = 0; i < 300; i++)
		ipc_send_request_region(e->child.browser, e->page, STAGING_MAX_BYTES);
}

static void surface_of_no_size(struct evil *e)
{
	ipc_send_request_surface(e->child.browser, e->page, 1, 1, 0, 5);
}

static void surface_too_wide(struct evil *e)
{
	ipc_send_request_surface(e->child.browser, e->page, 1, 1, UINT16_MAX, UINT16_MAX);
}

static void surfaces_of_nobody(struct evil *e)
{
	for (uint32_t i = 0; i < 1000; i++) {
		ipc_send_request_surface(e->child.browser, e->page, i, i, 10, 10);
		ipc_send_release_surface(e->child.browser, e->page, i);
		ipc_send_end_plugin(e->child.browser, e->page, i);
	}
}

/* More embeds than a page may have, each as large as a surface may be; see the dispatcher below. */
static void greedy_embeds(struct evil *e)
{
	for (uint32_t i = 1; i <= 200; i++)
		ipc_send_request_plugin(e->child.browser, e->page, i, ipc_text("application/x-clock"));
}

static void end_a_healthy_plugin(struct evil *e)
{
	ipc_send_request_plugin(e->child.browser, e->page, 1, ipc_text("application/x-clock"));
}

/* A channel to the plugin process, again and again, the old ones kept open. */
static void hoard_channels(struct evil *e)
{
	ipc_send_request_plugin(e->child.browser, e->page, 1, ipc_text("application/x-clock"));
}

static void lie_about_peers(struct evil *e)
{
	for (unsigned i = 0; i < 50; i++) {
		ipc_send_did_receive_bad_message(e->child.browser, ROLE_GPU, i, 1, 0,
						 BAD_MESSAGE_INVALID_FRAME);
		ipc_send_did_receive_bad_message(e->child.browser, ROLE_RENDERER, i, 1, 0,
						 BAD_MESSAGE_INVALID_DISPLAY_LIST);
		ipc_send_did_receive_bad_message(e->child.browser, ROLE_PLUGIN, i, 1, 0,
						 BAD_MESSAGE_FOREIGN_SURFACE);
		ipc_send_did_lose_peer(e->child.browser, ROLE_GPU, i);
		ipc_send_did_lose_peer(e->child.browser, ROLE_BROWSER, 0);
	}
}

/* Conduct. */

static void flood(struct evil *e)
{
	for (uint64_t i = 0;; i++) {
		ipc_send_did_make_progress(e->child.browser, e->page, e->navigation, i);
		channel_flush(e->child.browser);
	}
}

static void never_read(struct evil *e)
{
	volatile bool forever = true;

	(void)e;
	while (forever)
		usleep(10000);
}

static void close_the_channel(struct evil *e)
{
	close(CHILD_CHANNEL_FD);
	never_read(e);
}

static void shut_half(struct evil *e)
{
	(void)e;
	shutdown(CHILD_CHANNEL_FD, SHUT_WR);
}

static void links_without_end(struct evil *e)
{
	for (unsigned i = 0; i < 300; i++) {
		ipc_send_open_link(e->child.browser, e->page, ipc_text("bulkhead://crash"));
		ipc_send_open_link(e->child.browser, e->page, ipc_text("file:///etc/passwd"));
		ipc_send_open_link(e->child.browser, e->page, ipc_text("\x1b[2J not a url"));
		ipc_send_request_scroll(e->child.browser, e->page, UINT32_MAX);
	}
}

static void commit_what_nobody_asked(struct evil *e)
{
	for (uint32_t i = 0; i < 1000; i++) {
		ipc_send_did_commit(e->child.browser, e->page, i);
		ipc_send_did_finish_load(e->child.browser, e->page, i, UINT32_MAX, UINT32_MAX);
		ipc_send_did_make_progress(e->child.browser, e->page, i, UINT64_MAX);
	}
}

/* The flight recorder; what is written on goes to memory of its own. */

static void write_elsewhere(struct evil *e)
{
	recorder_init(&e->child.recorder, crash_calloc(1, RECORDER_REGION_BYTES), RECORDER_REGION_BYTES, 64);
}

static void recorder_of_random_bytes(struct evil *e)
{
	struct recorder_region *r = e->child.recorder.region;

	evil_fill(r, RECORDER_REGION_BYTES);
	atomic_store(&r->committed, 4711); /* what no sound writer arrives at */
	write_elsewhere(e);
}

static void recorder_ahead_of_itself(struct evil *e)
{
	struct recorder_region *r = e->child.recorder.region;

	atomic_store(&r->committed, UINT64_MAX - 7);
	atomic_store(&r->reserved, 3);
	atomic_store(&r->records, UINT64_MAX);
	write_elsewhere(e);
}

static void recorder_of_lies(struct evil *e)
{
	struct recorder_region *r = e->child.recorder.region;
	struct record *record = (struct record *)r->ring;

	for (unsigned i = 0; i < 100; i++)
		record[i] =
			(struct record){ .bytes = UINT32_MAX - 7, .kind = RECORD_KIND_COUNT, .type = 60000 };
	atomic_store(&r->handling, ipc_make_id(ROLE_GPU, 1, 1));
	for (unsigned i = 0; i < RECORDER_PEERS; i++)
		r->peers[i] =
			(struct recorder_peer){ .role = 77, .serial = i, .open = 1, .sent = UINT64_MAX };
}

/* Handlers that return, without end, and faster than anybody can read. */
static void recorder_of_returns(struct evil *e)
{
	for (uint64_t i = 0;; i++)
		recorder_write(&e->child.recorder,
			       &(struct record){ .kind = RECORD_HANDLED,
						 .peer_role = ROLE_BROWSER,
						 .id = ipc_make_id(ROLE_BROWSER, 0, i) },
			       NULL);
}

/* Memory that it wrote, as much as a record holds, without end. */
static void recorder_of_memory(struct evil *e)
{
	static uint8_t bytes[RECORD_MEMORY_MAX];
	struct record_memory memory = { .kind = REGION_STAGING, .page = e->page, .bytes = sizeof bytes };

	evil_fill(bytes, sizeof bytes);
	for (;;)
		recorder_write_memory(&e->child.recorder, &memory, bytes);
}

static void crash_record_of_lies(struct evil *e)
{
	struct crash_record *c = &e->child.recorder.region->crash;

	c->kind = CRASH_KIND_OUT_OF_MEMORY;
	c->signal = 9;
	memset(c->what, 'w', sizeof c->what);
	_exit(3);
}

static void crash_record_of_garbage(struct evil *e)
{
	struct recorder_region *r = e->child.recorder.region;

	evil_fill(r->modules, sizeof r->modules);
	evil_fill(&r->crash, sizeof r->crash);
	atomic_store(&r->crash.kind, 77);
	atomic_store(&r->handling, UINT64_MAX);
	_exit(3);
}

/* Exits, and tells a tale with markup in it. */
static void crash_record_with_markup(struct evil *e)
{
	struct crash_record *c = &e->child.recorder.region->crash;

	snprintf(c->what, sizeof c->what, "<h1>a\033[31m</pre><script>\xff");
	c->nframes = 3;
	c->frames[0] = (uint64_t)(uintptr_t)crash_record_with_markup;
	c->frames[1] = 0xffffffffff600000;
	c->frames[2] = 1;
	c->kind = CRASH_KIND_START_FAILED;
	_exit(1);
}

static void create_what_is_no_clock(struct evil *e)
{
	ipc_send_request_plugin(e->child.browser, e->page, 1, ipc_text("application/x-clock"));
}

const struct misdeed evil_renderer_ways[] = {
	{ "unknown type", unknown_type },
	{ "message for another", not_addressed },
	{ "command to the browser", browsers_own },
	{ "too short", too_short },
	{ "too long", too_long },
	{ "half a header", half_a_header },
	{ "one byte", one_byte },
	{ "length too large", length_too_large },
	{ "length too small", length_too_small },
	{ "length that overflows", length_that_overflows },
	{ "huge packet", huge_packet },
	{ "empty packet", empty_packet },
	{ "send a descriptor", send_descriptor },
	{ "browser's id", others_id },
	{ "neighbour's id", neighbours_id },
	{ "number going back", number_going_back },
	{ "number again", number_again },
	{ "reserved bits", reserved_bits },
	{ "title of another", title_of_another },
	{ "commit for another", commit_for_another },
	{ "link of another", link_of_another },
	{ "page of nobody", page_of_nobody },
	{ "title too long", title_too_long },
	{ "title not utf-8", title_not_utf8 },
	{ "titles with escapes", endless_titles_with_escapes },
	{ "enum out of range", enum_out_of_range },
	{ "pong unasked", pong_unasked },
	{ "description unasked", describe_unasked },
	{ "region too small", region_too_small },
	{ "region too large", region_too_large },
	{ "regions again and again", regions_again_and_again },
	{ "surface of no size", surface_of_no_size },
	{ "surface too wide", surface_too_wide },
	{ "surfaces of nobody", surfaces_of_nobody },
	{ "greedy embeds", greedy_embeds },
	{ "end a healthy plugin", end_a_healthy_plugin },
	{ "hoard channels", hoard_channels },
	{ "create what is no clock", create_what_is_no_clock },
	{ "lie about peers", lie_about_peers },
	{ "flood", flood },
	{ "never read", never_read },
	{ "close the channel", close_the_channel },
	{ "shut half", shut_half },
	{ "links without end", links_without_end },
	{ "commit what nobody asked", commit_what_nobody_asked },
	{ "recorder of random bytes", recorder_of_random_bytes },
	{ "recorder ahead of itself", recorder_ahead_of_itself },
	{ "recorder of lies", recorder_of_lies },
	{ "recorder of returns", recorder_of_returns },
	{ "recorder of memory", recorder_of_memory },
	{ "crash record of lies", crash_record_of_lies },
	{ "crash record of garbage", crash_record_of_garbage },
	{ "crash record with markup", crash_record_with_markup },
	{ 0 },
};

/* What follows once a plugin process was granted. */
static void on_plugin(struct evil *e, const struct ipc_grant_plugin *m)
{
	struct channel *plugin = child_peer(&e->child, ROLE_PLUGIN, m->serial);

	if (!strcmp(e->way, "greedy embeds")) {
		ipc_send_request_surface(e->child.browser, e->page, m->embed, m->serial, GRID_MAX_COLUMNS,
					 33);
	} else if (!strcmp(e->way, "end a healthy plugin")) {
		ipc_send_end_plugin(e->child.browser, e->page, m->embed);
		ipc_send_did_receive_bad_message(e->child.browser, ROLE_PLUGIN, m->serial, 1, 0,
						 BAD_MESSAGE_FOREIGN_SURFACE);
	} else if (!strcmp(e->way, "hoard channels") && e->embed++ < 1500) {
		ipc_send_did_lose_peer(e->child.browser, ROLE_PLUGIN, m->serial);
		ipc_send_request_plugin(e->child.browser, e->page, 1, ipc_text("application/x-clock"));
	} else if (!strcmp(e->way, "create what is no clock")) {
		ipc_send_create_instance(plugin, e->page, m->embed, ipc_text("application/x-bomb"),
					 ipc_text(""));
	}
}

static void on_commit(struct evil *e, const struct ipc_commit_navigation *m)
{
	close(m->body);
	e->page = m->page;
	e->navigation = m->navigation;
	ipc_send_did_commit(e->child.browser, m->page, m->navigation);
	ipc_send_did_finish_load(e->child.browser, m->page, m->navigation, 1, 1);
	channel_flush(e->child.browser);
	if (!evil_run(e, evil_renderer_ways) && !evil_run(e, evil_death_ways))
		evil_run(e, evil_list_ways);
}

bool evil_renderer_dispatch(struct evil *e, enum ipc_id id, const union ipc_any *m)
{
	if (id == IPC_COMMIT_NAVIGATION) {
		on_commit(e, &m->commit_navigation);
	} else if (id == IPC_GRANT_STAGING) {
		evil_map(e, m->grant_staging.region, m->grant_staging.half_bytes);
		e->generation = m->grant_staging.generation;
	} else if (id == IPC_GRANT_PLUGIN) {
		on_plugin(e, &m->grant_plugin);
	} else if (id == IPC_DESCRIBE_DOCUMENT) {
		ipc_send_did_describe_document(e->child.browser, m->describe_document.page,
					       m->describe_document.nonce, 0, 0, 0, ipc_text(""));
	}
	return true;
}
