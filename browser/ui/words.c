/* What things are called and how they look, the same word and hue wherever they appear. Declared in screen.h.
 */
#include "browser/fault/blast/blast.h"
#include "browser/traffic/collect/collector.h"
#include "browser/traffic/message.h"
#include "browser/ui/screen.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECOVERED_NS UINT64_C(5000000000)

const char *words_state(const struct process_host *p)
{
	if (p->state == PROCESS_DEAD)
		return termination_status_names[p->death.status];
	if (process_is_up(p) && p->usage.stopped)
		return "stopped";
	return p->on_hold && p->state < PROCESS_UNRESPONSIVE ? "held" : process_state_names[p->state];
}

/* A process in the place of one that died, for the first seconds. */
static bool has_recovered(const struct process_host *p)
{
	bool takes_over = p->name.role != ROLE_RENDERER && p->name.serial > 1;

	return takes_over && p->state == PROCESS_READY && p->ready_ns &&
	       recorder_now() - p->ready_ns < RECOVERED_NS;
}

struct style words_state_style(const struct process_host *p)
{
	if (p->state >= PROCESS_DYING)
		return STYLE_DEATH;
	if (p->state == PROCESS_UNRESPONSIVE || p->usage.stopped)
		return STYLE_HANG;
	return has_recovered(p) ? STYLE_GREEN : p->state == PROCESS_STARTING ? STYLE_IDLE : STYLE_PLAIN;
}

const char *words_sign(const struct process_host *p)
{
	if (p->state >= PROCESS_DYING)
		return "†";
	if (p->state == PROCESS_UNRESPONSIVE || p->usage.stopped)
		return "▲";
	if (has_recovered(p))
		return "✓";
	if (p->state == PROCESS_STARTING)
		return "○";
	return p->name.role == ROLE_RENDERER ? "●" : "◆";
}

const char *words_tab_sign(const struct tab *t, struct style *s)
{
	*s = t->renderer ? STYLE_HUE(t->renderer->hue % PROCESS_HUES) : STYLE_IDLE;
	if (tab_is_sad(t)) {
		*s = STYLE_DEATH;
		return "†";
	}
	if (tab_is_unresponsive(t, NULL)) {
		*s = STYLE_HANG;
		return "▲";
	}
	if (t->state == TAB_LOADING || t->loading)
		return "⟳";
	return t->state == TAB_READY ? "●" : "○";
}

struct style words_process_style(const struct process_host *p)
{
	if (p->state >= PROCESS_DYING)
		return STYLE_DEATH;
	if (p->state == PROCESS_UNRESPONSIVE || p->usage.stopped)
		return STYLE_HANG;
	return has_recovered(p) ? STYLE_GREEN : STYLE_HUE(p->hue % PROCESS_HUES);
}

struct process_host *words_process(struct ui *ui, struct endpoint e)
{
	struct process_host *p = ui->browser->processes->first;

	while (p && (p->name.role != e.role || p->name.serial != e.serial))
		p = p->next;
	return p;
}

struct style words_endpoint_style(struct ui *ui, struct endpoint e)
{
	const struct process_host *p = words_process(ui, e);

	if (e.role == ROLE_BROWSER)
		return STYLE_PLAIN;
	/* Its hue even when it is dead: one looks for who spoke. */
	return p ? STYLE_HUE(p->hue % PROCESS_HUES) : STYLE_IDLE;
}

const char *words_endpoint(struct endpoint e, char *buf, size_t capacity)
{
	if (e.role == ROLE_BROWSER)
		snprintf(buf, capacity, "browser");
	else
		snprintf(buf, capacity, "%s:%u", e.role < ROLE_COUNT ? role_names[e.role] : "?",
			 (unsigned)e.serial);
	return buf;
}

const char *words_endpoint_short(struct endpoint e, char *buf, size_t capacity)
{
	if (e.role == ROLE_BROWSER)
		snprintf(buf, capacity, "b");
	else
		snprintf(buf, capacity, "%c%u", e.role < ROLE_COUNT ? role_names[e.role][0] : '?',
			 (unsigned)e.serial);
	return buf;
}

const char *words_duration(uint64_t ns, char *buf, size_t capacity)
{
	if (ns < UINT64_C(1000000))
		snprintf(buf, capacity, "%u.%u µs", (unsigned)(ns / 1000), (unsigned)(ns % 1000 / 100));
	else if (ns < UINT64_C(1000000000))
		snprintf(buf, capacity, "%.2f ms", (double)ns / 1e6);
	else
		snprintf(buf, capacity, "%.*f s", ns < UINT64_C(1000000000000) ? 2 : 0, (double)ns / 1e9);
	return buf;
}

const char *words_bytes(uint64_t bytes, char *buf, size_t capacity)
{
	if (bytes < 1000)
		snprintf(buf, capacity, "%uB", (unsigned)bytes);
	else if (bytes < UINT64_C(10) << 10)
		snprintf(buf, capacity, "%.1fK", (double)bytes / 1024);
	else if (bytes < UINT64_C(1) << 20)
		snprintf(buf, capacity, "%.0fK", (double)bytes / 1024);
	else if (bytes < UINT64_C(100) << 20)
		snprintf(buf, capacity, "%.1fM", (double)bytes / (1 << 20));
	else
		snprintf(buf, capacity, "%.0fM", (double)bytes / (1 << 20));
	return buf;
}

const char *words_age(uint64_t ns, char *buf, size_t capacity)
{
	double seconds = (double)ns / 1e9;

	if (seconds < 10)
		snprintf(buf, capacity, "%.1f s", seconds);
	else if (seconds < 120)
		snprintf(buf, capacity, "%.0f s", seconds);
	else if (seconds < 7200)
		snprintf(buf, capacity, "%.0f min", seconds / 60);
	else
		snprintf(buf, capacity, "%.1f h", seconds / 3600);
	return buf;
}

const char *words_count(uint64_t n, char *buf, size_t capacity)
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n), out = 0;

	for (int i = 0; i < length && out + 2 < (int)capacity; i++) {
		if (i && (length - i) % 3 == 0)
			buf[out++] = ',';
		buf[out++] = digits[i];
	}
	buf[out] = '\0';
	return buf;
}

/* The scale is one of doublings and more, so that a message is seen beside a thousand. */
const char *words_beat(struct ui *ui, struct endpoint e, char buf[BEAT_TEXT])
{
	static const char *const steps[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	unsigned beats[COLLECTOR_BEATS];

	buf[0] = '\0';
	collector_beat(ui->browser->collector, e, beats);
	for (int i = 0; i < COLLECTOR_BEATS; i++) {
		unsigned step = 0;
		for (unsigned n = beats[i]; n > 0 && step < 7; n /= 3)
			step++;
		strcat(buf, steps[step]);
	}
	return buf;
}

/* Who outlived a death, or that what died is made up for. */
static void words_blast(const struct traffic_event *e, const char *json, char *buf, size_t capacity)
{
	char who[ENDPOINT_TEXT], asked[16], answered[16], ms[24];

	if (e->type == TRAFFIC_BLAST_RECOVERED) {
		snprintf(buf, capacity, "✓ %s made up for in %s ms", traffic_from(e, who),
			 lines_member(json, "ms", ms, sizeof(ms)));
		return;
	}
	lines_member(json, "asked", asked, sizeof(asked));
	lines_member(json, "answered", answered, sizeof(answered));
	snprintf(buf, capacity, "%s answered: %s of %s in %.1f ms",
		 strcmp(asked, answered) == 0 ? "all others" : "NOT ALL others", answered, asked,
		 strtod(lines_member(json, "answered_ms", ms, sizeof(ms)), NULL));
}

/* What the user did is told by its value; a death by its status and signal, in the words of the tree. */
const char *words_event(const struct traffic_event *e, char *buf, size_t capacity)
{
	char json[BLAST_JSON_BYTES], status[40], signal[40], who[ENDPOINT_TEXT], name[TRAFFIC_NAME_TEXT];
	struct format args = format_into(json, sizeof(json));
	bool known = traffic_args_json(e, &args);

	if (e->kind == TRAFFIC_INPUT) {
		char value[300];
		snprintf(buf, capacity, "%s %s", traffic_name(e, name),
			 known ? lines_member(json, "value", value, sizeof(value)) : "");
	} else if (e->kind == TRAFFIC_PROCESS && e->type == TRAFFIC_PROCESS_EXIT) {
		snprintf(status, sizeof(status), "exit");
		if (known)
			lines_member(json, "status", status, sizeof(status));
		/* One that was told to end, and did, is no casualty. */
		bool normal = strcmp(status, termination_status_names[TERMINATION_STATUS_NORMAL]) == 0;
		snprintf(buf, capacity, "%s%s %s %s", normal ? "" : "† ", traffic_from(e, who),
			 normal ? "ended" : status,
			 known ? lines_member(json, "signal", signal, sizeof(signal)) : "");
	} else if (e->kind == TRAFFIC_BLAST) {
		words_blast(e, known ? json : "{}", buf, capacity);
	} else if (e->kind == TRAFFIC_PROCESS) {
		snprintf(buf, capacity, "%s %s", traffic_from(e, who), traffic_name(e, name));
	} else {
		struct format text = format_into(buf, capacity);
		traffic_format_line(e, 0, &text);
	}
	return buf;
}
