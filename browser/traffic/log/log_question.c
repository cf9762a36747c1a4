/* See log_question.h. */
#include "browser/traffic/log/log_question.h"
#include "browser/traffic/log/json.h"
#include "browser/traffic/log/log_session.h"
#include "common/utf8.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The text, and below it a caret at each column that is wrong. */
static void show_place(const char *text, const struct query_error *error)
{
	size_t length = strlen(text), end = (size_t)error->column + (error->length ? error->length : 1);
	char shown[QUERY_TEXT * 6 + 64], marks[QUERY_TEXT * 6 + 64];
	struct format out = format_into(shown, sizeof shown), below = format_into(marks, sizeof marks);

	for (size_t i = 0, n; i < length; i += n) {
		size_t before = out.length;
		uint32_t c;

		n = utf8_decode(text + i, length - i, &c);
		json_write_clean(&out, text + i, n);
		int width = utf8_width(c);

		for (int columns = width < 0 ? (int)(out.length - before) : width; columns > 0; columns--)
			format_char(&below, i >= error->column && i < end ? '^' : ' ');
	}
	if (error->column >= length)
		format_char(&below, '^');
	while (below.length && marks[below.length - 1] == ' ')
		marks[--below.length] = '\0';
	fprintf(stderr, "  %s\n  %s\n", shown, marks);
}

static int bad_query(const char *text, const struct query_error *error)
{
	log_complain("filter", error->why);
	show_place(text, error);
	fputs("Try 'bulkhead log --help'.\n", stderr);
	return 2;
}

/* Was the log written by another version, whose words are others? */
static bool is_foreign(const char *path)
{
	struct log_session session = { 0 };
	struct stat st;
	int fd = -1;

	/* A pipe can be opened once. */
	if (path && stat(path, &st) == 0 && S_ISREG(st.st_mode))
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return false;
	if (!log_session_read(fd, &session))
		session.protocol = 0;
	close(fd);
	return session.protocol && session.protocol != IPC_PROTOCOL_HASH;
}

int log_question_make(struct log_request *r, const char *words, const char *clauses)
{
	struct format text = format_into(r->text, sizeof r->text);
	struct query *(*parse)(const char *, struct query_error *) =
		is_foreign(r->path) ? query_parse_foreign : query_parse;
	struct query_error error;

	/* First alone: what is wrong with it is shown as it was typed. */
	r->query = parse(words, &error);
	if (!r->query)
		return bad_query(words, &error);
	if (!clauses[0]) {
		format_text(&text, words);
		return -1;
	}
	query_free(r->query);
	if (words[strspn(words, " \t")])
		format_printf(&text, "(%s) and %s", words, clauses);
	else
		format_text(&text, clauses);
	r->query = text.full ? NULL : parse(r->text, &error);
	if (text.full)
		return log_bad_usage("filter", "is too long");
	return r->query ? -1 : bad_query(r->text, &error);
}
