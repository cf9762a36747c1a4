/*
 * Writes what the list shows into a file, in any form that `bulkhead log` knows. A hundred thousand messages
 * take their time, so they are written a few milliseconds a turn. See traffic.h.
 */
#include "browser/traffic/log/secrets.h"
#include "browser/traffic/output/sink.h"
#include "browser/ui/screen.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SLICE_NS   UINT64_C(3000000)
#define LOOK_EVERY 32 /* events between two looks at the clock */

struct traffic_export {
	struct ui *ui;
	char path[512];
	FILE *file;
	const struct sink_type *type;
	void *sink;
	uint64_t *sequences; /* what was shown when it began */
	int count, at, gone;
	struct task more;
};

/* Which form a file's name asks for. */
static const struct sink_type *type_of(const char *path)
{
	static const char *const endings[][2] = {
		{ ".jsonl", "json" },	 { ".txt", "text" },   { ".log", "text" },    { ".csv", "csv" },
		{ ".pcapng", "pcapng" }, { ".json", "trace" }, { ".mmd", "mermaid" }, { ".md", "mermaid" },
	};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < sizeof(endings) / sizeof(endings[0]); i++)
		if (strcasecmp(dot, endings[i][0]) == 0)
			return sink_find(endings[i][1], true);
	return NULL;
}

static void finish(struct traffic_export *x)
{
	if (x->sink)
		x->type->end(x->sink);
	if (x->file)
		fclose(x->file);
	free(x->sequences);
	task_finish(&x->more);
	free(x);
}

void traffic_export_finish(struct traffic_panel *t)
{
	if (t->export)
		finish(t->export);
	t->export = NULL;
}

static void end(struct traffic_export *x)
{
	struct ui *ui = x->ui;
	char count[24], lacks[64] = "";

	x->type->end(x->sink);
	x->sink = NULL;
	bool failed = fflush(x->file) == EOF || ferror(x->file);

	if (x->gone)
		snprintf(lacks, sizeof(lacks), "; %d were no longer in memory", x->gone);
	if (failed)
		ui_say(ui, "%s: %s", x->path, strerror(errno));
	else
		ui_say(ui, "%s messages are in %s (%s)%s",
		       words_count((uint64_t)(x->count - x->gone), count, sizeof(count)), x->path,
		       x->type->name, lacks);
	traffic_export_finish(&ui->traffic);
}

static void work(void *arg)
{
	struct traffic_export *x = arg;
	uint64_t until_ns = recorder_now() + SLICE_NS;

	for (int n = 1; x->at < x->count; n++) {
		const struct traffic_event *e =
			collector_event(x->ui->browser->collector, x->sequences[x->at++]);
		struct traffic_event masked;
		bool written = e && secrets_copy(e, &masked);

		if (written) {
			x->type->event(x->sink, &masked);
			secrets_copy_free(&masked);
		}
		x->gone += !written;
		if (n % LOOK_EVERY == 0 && recorder_now() > until_ns) {
			task_schedule(&x->more, 0);
			return;
		}
	}
	end(x);
}

static bool open_file(struct traffic_export *x)
{
	/* What is there already is not written over: nobody was asked. */
	int fd = open(x->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	x->file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!x->file)
		ui_say(x->ui, "%s: %s", x->path, strerror(errno));
	if (fd >= 0 && !x->file)
		close(fd);
	return x->file;
}

static bool begin_sink(struct traffic_export *x)
{
	char session[160];
	uint64_t start_us = collector_start_us(x->ui->browser->collector);

	snprintf(session, sizeof(session), "{\"type\":\"session\",\"ts_us\":%llu,\"protocol\":\"%016llx\"}",
		 (unsigned long long)start_us, (unsigned long long)IPC_PROTOCOL_HASH);
	x->sink = x->type->begin(&(struct sink_options){
		.out = x->file, .start_us = start_us, .protocol = IPC_PROTOCOL_HASH, .session = session });
	return x->sink;
}

static bool copy_list(struct traffic_export *x)
{
	x->count = traffic_count(x->ui);
	x->sequences = malloc(((size_t)x->count + 1) * sizeof(*x->sequences));
	for (int i = 0; x->sequences && i < x->count; i++)
		x->sequences[i] = traffic_shown(x->ui, i);
	return x->sequences;
}

void traffic_export(struct ui *ui, const char *path)
{
	const struct sink_type *type = type_of(path);
	struct traffic_export *x;

	if (!type) {
		ui_say(ui, "the name says how: .jsonl .txt .csv .pcapng .json (trace) .mmd (Mermaid)");
		return;
	}
	if (ui->traffic.export) {
		ui_say(ui, "%s is still being written", ui->traffic.export->path);
		return;
	}
	x = calloc(1, sizeof(*x));
	if (!x)
		return;
	x->ui = ui;
	x->type = type;
	snprintf(x->path, sizeof(x->path), "%s", path);
	task_init(&x->more, work, x);
	if (!open_file(x) || !copy_list(x) || !begin_sink(x)) {
		finish(x);
		return;
	}
	ui->traffic.export = x;
	work(x);
}
