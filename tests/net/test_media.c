/* Types of content, and the escaping of HTML: browser/net/media.c, text.c, page.c. */
#include "browser/net/media.h"
#include "browser/net/page.h"
#include "tests/net/client.h"
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void content_types_are_read(void **state)
{
	static const struct {
		const char *input, *mime, *charset;
	} table[] = {
		{ "text/html", "text/html", "" },
		{ "Text/HTML; Charset=UTF-8", "text/html", "utf-8" },
		{ "text/html;charset=\"euc-kr\"; x=y", "text/html", "euc-kr" },
		{ "text/html; boundary=a; charset=Shift_JIS", "text/html", "shift_jis" },
		{ "application/xhtml+xml", "application/xhtml+xml", "" },
		{ "html", "", "" },
		{ "", "", "" },
		{ NULL, "", "" },
		{ "text/<b>; charset=<b>", "text/", "" },
		{ "text/plain; charset=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		  "text/plain", "" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct media media;
		media_parse(&media, table[i].input);
		assert_string_equal(media.mime, table[i].mime);
		assert_string_equal(media.charset, table[i].charset);
	}
}

static void first_bytes_decide(void **state)
{
#define BYTES(literal) literal, sizeof(literal) - 1
	static const struct {
		const char *declared, *bytes;
		size_t length;
		enum media_verdict verdict;
		const char *mime;
	} table[] = {
		{ "text/html", BYTES("a\0b"), MEDIA_SHOWN, "text/html" },
		{ "application/xhtml+xml", BYTES("<html>"), MEDIA_SHOWN, "text/html" },
		{ "text/plain", BYTES("<html>"), MEDIA_SHOWN, "text/plain" },
		{ "text/plain", BYTES("a\0b"), MEDIA_BINARY, "text/plain" },
		{ "text/plain", BYTES("\x1b$B"), MEDIA_SHOWN, "text/plain" },
		{ "text/plain;charset=utf-16le", BYTES("a\0b\0"), MEDIA_SHOWN, "text/plain" },
		{ "text/plain",
		  BYTES("\xff\xfe"
			"a\0"),
		  MEDIA_SHOWN, "text/plain" },
		{ "application/json", BYTES("{}"), MEDIA_SHOWN, "text/plain" },
		{ "image/svg+xml", BYTES("<svg>"), MEDIA_SHOWN, "text/plain" },
		{ "image/png", BYTES("text"), MEDIA_OTHER, "image/png" },
		{ "application/octet-stream", BYTES("text"), MEDIA_OTHER, "application/octet-stream" },
		{ "", BYTES("\n\t<!DOCTYPE HTML>"), MEDIA_SHOWN, "text/html" },
		{ "", BYTES("\xef\xbb\xbf<HTML>"), MEDIA_SHOWN, "text/html" },
		{ "", BYTES("<!-- x -->"), MEDIA_SHOWN, "text/html" },
		{ "", BYTES("<p class=x>"), MEDIA_SHOWN, "text/html" },
		{ "", BYTES("<pirate>"), MEDIA_SHOWN, "text/plain" },
		{ "", BYTES("#include <html>"), MEDIA_SHOWN, "text/plain" },
		{ "", BYTES("\x89PNG\r\n\x1a\n"), MEDIA_OTHER, "image/png" },
		{ "", BYTES("%PDF-1.7"), MEDIA_OTHER, "application/pdf" },
		{ "", BYTES("a\x01"), MEDIA_BINARY, "" },
		{ "", BYTES(""), MEDIA_SHOWN, "text/plain" },
		{ "", BYTES("\xff\xfe\xfd high bytes are some charset's text"), MEDIA_SHOWN, "text/plain" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct media media;
		media_parse(&media, table[i].declared);
		enum media_verdict verdict = media_judge(&media, table[i].bytes, table[i].length);
		if (verdict != table[i].verdict || strcmp(media.mime, table[i].mime))
			fail_msg("row %zu: verdict %d, %s", i, verdict, media.mime);
	}
	assert_string_equal(media_of_name("/a.b/c.HTML"), "text/html");
	assert_string_equal(media_of_name("/a.html/c"), "");
	assert_string_equal(media_of_name("/x.png"), "image/png");
}

static void markup_is_made_harmless(void **state)
{
	struct text text = { 0 };
	(void)state;
	html_add(&text, "<script>\"&'\x1b[31m\x7f</script>\n한");
	assert_string_equal(text.data,
			    "&lt;script&gt;&quot;&amp;&#39;\xef\xbf\xbd[31m\xef\xbf\xbd&lt;/script&gt;\n한");
	text_finish(&text);
	error_page(&text, "<b>", "\"words\" & <i>", "http://me:secret@a/<script>");
	assert_null(strstr(text.data, "<b></h1>"));
	assert_null(strstr(text.data, "<i>"));
	assert_null(strstr(text.data, "<script>"));
	assert_null(strstr(text.data, "secret"));
	assert_non_null(strstr(text.data, "http://a/&lt;script&gt;"));
	text_finish(&text);
	text_add_number(&text, 1234567);
	text_add(&text, " ");
	text_add_number(&text, 999);
	text_add(&text, " ");
	text_add_path(&text, "/a b\"<é");
	assert_string_equal(text.data, "1,234,567 999 /a%20b%22%3C%C3%A9");
	text_finish(&text);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content_types_are_read),
		cmocka_unit_test(first_bytes_decide),
		cmocka_unit_test(markup_is_made_harmless),
	};
	return net_test_main(argc, argv, "media", tests, COUNT(tests), NULL, NULL);
}
