/* See trace_out.h. */
#include "browser/traffic/output/trace_out.h"
#include <inttypes.h>

static void put_string(FILE *out, const char *text)
{
	putc('"', out);
	for (const char *s = text; *s; s++) {
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			fprintf(out, "\\u%04x", (unsigned char)*s);
		else {
			if (*s == '"' || *s == '\\')
				putc('\\', out);
			putc(*s, out);
		}
	}
	putc('"', out);
}

static void put_time(FILE *out, uint64_t ns)
{
	fprintf(out, "%" PRIu64 ".%03u", ns / 1000, (unsigned)(ns % 1000));
}

void trace_out_begin(struct trace_out *t, FILE *out, uint64_t protocol)
{
	*t = (struct trace_out){ .out = out };
	fputs("{\"displayTimeUnit\":\"ns\",\"otherData\":{\"source\":\"bulkhead log\"", out);
	if (protocol)
		fprintf(out, ",\"protocol\":\"%016" PRIx64 "\"", protocol);
	fputs("},\"traceEvents\":[", out);
}

void trace_out_end(struct trace_out *t, uint64_t left_out)
{
	fputs("\n]", t->out);
	if (left_out)
		fprintf(t->out, ",\"leftOut\":%" PRIu64, left_out);
	fputs("}\n", t->out);
}

/* The comma between members: the first one of `args` has none before it. */
static void put_member(struct trace_out *t, const char *member)
{
	if (t->inside)
		t->inside = false;
	else
		putc(',', t->out);
	fprintf(t->out, "\"%s\":", member);
}

void trace_out_open(struct trace_out *t, char ph, uint32_t pid, uint64_t ns, const char *name,
		    const char *cat)
{
	fprintf(t->out,
		"%s\n{\"ph\":\"%c\",\"pid\":%" PRIu32 ",\"tid\":%" PRIu32 ",\"ts\":", t->any ? "," : "", ph,
		pid, pid);
	put_time(t->out, ns);
	if (name) {
		fputs(",\"name\":", t->out);
		put_string(t->out, name[0] ? name : "?");
	}
	if (cat)
		fprintf(t->out, ",\"cat\":\"%s\"", cat);
	t->any = true;
}

void trace_out_close(struct trace_out *t)
{
	putc('}', t->out);
}

void trace_out_time(struct trace_out *t, const char *member, uint64_t ns)
{
	put_member(t, member);
	put_time(t->out, ns);
}

void trace_out_text(struct trace_out *t, const char *member, const char *text)
{
	if (!text[0])
		return;
	put_member(t, member);
	put_string(t->out, text);
}

void trace_out_json(struct trace_out *t, const char *member, const char *json)
{
	if (!json[0])
		return;
	put_member(t, member);
	fputs(json, t->out);
}

void trace_out_number(struct trace_out *t, const char *member, uint64_t number)
{
	put_member(t, member);
	fprintf(t->out, "%" PRIu64, number);
}

void trace_out_id(struct trace_out *t, uint64_t id)
{
	put_member(t, "id");
	fprintf(t->out, "\"0x%" PRIx64 "\"", id);
}

void trace_out_open_args(struct trace_out *t)
{
	put_member(t, "args");
	putc('{', t->out);
	t->inside = true;
}

void trace_out_close_args(struct trace_out *t)
{
	putc('}', t->out);
	t->inside = false;
}
