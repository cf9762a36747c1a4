/* What is masked before it is written, and what is not. */
#include "browser/traffic/log/secrets.h"
#include "tests/traffic/fixture.h"

/* In `after` every byte is the one of `before`, or a '*'. */
static const struct {
	const char *before, *after;
} texts[] = {
	{ "", "" },
	{ "nothing to hide", "nothing to hide" },
	{ "http://example.org/a?b=c#d", "http://example.org/a?b=c#d" },
	{ "http://example.org:8080/a@b", "http://example.org:8080/a@b" },
	{ "http://[::1]:8080/@", "http://[::1]:8080/@" },
	{ "http://h/session/abc?author=a&design=b", "http://h/session/abc?author=a&design=b" },
	{ "?bypass=1&compass=n&authority=x&monkey=y", "?bypass=1&compass=n&authority=x&monkey=y" },
	{ "http://h/@user http://h?m=a@b", "http://h/@user http://h?m=a@b" },
	{ "<a href=\"http://h\">me@there</a>", "<a href=\"http://h\">me@there</a>" },
	{ "{\"title\":\"a token\",\"n\":1}", "{\"title\":\"a token\",\"n\":1}" },
	{ "a = b, 'c': 'd@e'", "a = b, 'c': 'd@e'" },
	{ "mailto:somebody@example.org", "mailto:somebody@example.org" },
	/* Addresses. */
	{ "http://user:secret@127.0.0.1:80/?q=1", "http://user:******@127.0.0.1:80/?q=1" },
	{ "https://me:se cret\"<@host/ x@y", "https://me:*********@host/ x@y" },
	{ "see ftp://u:p@h and http://v:q@i/", "see ftp://u:*@h and http://v:*@i/" },
	{ "http://user:1234@h/", "http://user:****@h/" },
	{ "http://user:p:q@r@h/x@y", "http://user:*****@h/x@y" },
	{ "http://user:p%40ss@h", "http://user:******@h" },
	{ "http://user:p/ss@h/", "http://user:****@h/" },
	{ "http://user:half", "http://user:****" },
	{ "http://u:pw@[::1]:80/", "http://u:**@[::1]:80/" },
	{ "user:secret@127.0.0.1/x", "user:******@127.0.0.1/x" },
	{ "?next=http%3A%2F%2Fuser%3Asecret%40h%2Fp", "?next=http%3A%2F%2Fuser%3A******%40h%2Fp" },
	/* Parameters. */
	{ "http://h/?password=x&q=1", "http://h/?password=*&q=1" },
	{ "/?a=1&PassWord=hun%26ter#top", "/?a=1&PassWord=*********#top" },
	{ "?passwd=1&pwd=2&pass=3&token=4&secret=5&session=6",
	  "?passwd=*&pwd=*&pass=*&token=*&secret=*&session=*" },
	{ "?access_token=abc&user[password]=d&sessionid=e",
	  "?access_token=***&user[password]=*&sessionid=*" },
	{ "?user%5Bpassword%5D=d&pass%77ord=x", "?user%5Bpassword%5D=*&pass%77ord=*" },
	{ "?u=%3Fpassword%3Dabc%26b%3Dc&d=e", "?u=%3Fpassword%3D***%26b%3Dc&d=e" },
	{ "?compass=n&bypassed=y&passenger=z", "?compass=n&bypassed=y&passenger=z" },
	{ "?api_key=1&apikey=2&api-key=3&X-Key=4&key=5&sid=6&PHPSESSID=7&jwt=8&auth=9",
	  "?api_key=*&apikey=*&api-key=*&X-Key=*&key=*&sid=*&PHPSESSID=*&jwt=*&auth=*" },
	{ "?author=x&keyboard=y&monkey=z&side=1&inside=2&authority=3&design=4&keywords=5",
	  "?author=x&keyboard=y&monkey=z&side=1&inside=2&authority=3&design=4&keywords=5" },
	{ "?monkey_key=1&sidekick-sid=2", "?monkey_key=*&sidekick-sid=*" },
	{ "my password=abc def", "my password=*** def" },
	{ "?password=", "?password=" },
	{ "?token=a=b=c&d", "?token=*****&d" },
	{ "?password=\xc3\xa9", "?password=**" },
	/* Header lines. */
	{ "Cookie: a=b; c=d\r\nHost: h", "Cookie: ********\r\nHost: h" },
	{ "SET-COOKIE:sid=1; Path=/", "SET-COOKIE:*************" },
	{ "x\nauthorization:  Basic dTpw\ny", "x\nauthorization:  **********\ny" },
	{ "X-API-Key: abc\r\nHost: h", "X-API-Key: ***\r\nHost: h" },
	{ "Proxy-Authorization: Bearer\tx", "Proxy-Authorization: ********" },
	/* A user alone is a token, mostly. */
	{ "https://ghp_t0k3n@h/x", "https://*********@h/x" },
	{ "https://a%2Fb%40c@h/x@y", "https://*********@h/x@y" },
	{ "https%3A%2F%2Ftoken%40h%2Fx", "https%3A%2F%2F*****%40h%2Fx" },
	/* More names, and blanks about the = of one. */
	{ "?PHPSESSID=a&JSESSIONID=b&sess=c&sid=d", "?PHPSESSID=*&JSESSIONID=*&sess=*&sid=*" },
	{ "?passphrase=a&passcode=b&passwort=c&userpass=d",
	  "?passphrase=*&passcode=*&passwort=*&userpass=*" },
	{ "?private_key=a&credential=b&signature=c&auth=d",
	  "?private_key=*&credential=*&signature=*&auth=*" },
	{ "?compass_pass=a&pass_compass=b", "?compass_pass=*&pass_compass=*" },
	{ "?password%20=abc&a=b", "?password%20=***&a=b" },
	{ "?password+=abc&a+=b", "?password+=***&a+=b" },
	{ "password = abc def", "password = *** def" },
	{ "Cookie : a=b", "Cookie : ***" },
	/* As JSON has it. */
	{ "{\"password\":\"x y\",\"n\":1}", "{\"password\":\"***\",\"n\":1}" },
	{ "{\"pin\":1,\"token\" : 123, \"n\":1}", "{\"pin\":1,\"token\" : ***, \"n\":1}" },
	{ "{\"secret\":\"a\\\"b\\\\\",\"n\":1}", "{\"secret\":\"******\",\"n\":1}" },
	{ "{'sid': 'x', 'n': 1}", "{'sid': '*', 'n': 1}" },
	{ "?q=%7B%22password%22:%22abc%22%7D", "?q=%7B%22password%22:%22***%22%7D" },
	{ "{\"password\":\"cut", "{\"password\":\"***" },
	/* Cut anywhere. */
	{ "http://", "http://" },
	{ "http:/", "http:/" },
	{ ":", ":" },
	{ "=", "=" },
	{ "password=%4", "password=**" },
	{ "password%3", "password%3" },
};

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		char *text = strdup(texts[i].before);

		secrets_mask_text(text, strlen(text));
		assert_string_equal(text, texts[i].after);
		/* What is masked stays so. */
		secrets_mask_text(text, strlen(text));
		assert_string_equal(text, texts[i].after);
		free(text);
	}
}

static void test_json(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "{\"value\":\"address http://u:p@h\",\"x\":\"y@z\"}",
		  "{\"value\":\"address http://u:*@h\",\"x\":\"y@z\"}" },
		/* Escapes are letters like others, and stay what they are or are masked whole. */
		{ "{\"value\":\"http://u:a\\\"b\\\\c@h\"}", "{\"value\":\"http://u:*******@h\"}" },
		{ "{\"value\":\"?p\\u0061ssword=\\u001b1&x=\\n\"}",
		  "{\"value\":\"?p\\u0061ssword=*******&x=\\n\"}" },
		/* What a person types may have blanks in it. */
		{ "{\"value\":\"go h/?password=my own\",\"pid\":7}",
		  "{\"value\":\"go h/?password=******\",\"pid\":7}" },
		{ "{\"value\":\"Cookie: a\\nb\"}", "{\"value\":\"Cookie: *\\nb\"}" },
		{ "{\"value\":\"{\\\"pwd\\\":\\\"a\\\\\\\"b\\\"}\"}",
		  "{\"value\":\"{\\\"pwd\\\":\\\"******\\\"}\"}" },
		/* Numbers and names between texts are no text. */
		{ "{\"password\":\"=x\",\"token\":1}", "{\"password\":\"=x\",\"token\":1}" },
		{ "{\"cut\":\"password=a\\", "{\"cut\":\"password=**" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *text = strdup(cases[i].before);

		secrets_mask_json(text, strlen(text));
		assert_string_equal(text, cases[i].after);
		free(text);
	}
}

/* Whatever the bytes: nothing beside them is touched, they become themselves or '*', and the time is that of
 * their number. */
static void test_any_bytes(void **state)
{
	static const char *const pieces[] = { "a:",	   "://", "@",	     "%40",	"%3A%2F%2F", "=",
					      "password=", "%3D", "&",	     "#",	" ",	     "/",
					      "[",	   "]",	  "cookie:", "'pwd\":", "\\",	     "\"",
					      "%",	   "x",	  "\n" };
	char *text = malloc((1 << 16) + 2), *before = malloc(1 << 16);

	(void)state;
	srandom(4);
	for (unsigned round = 0; round < 3000; round++) {
		size_t length = 0, room = round % 100 ? 200 : 60000;
		long kinds = 1 + random() % (long)(sizeof pieces / sizeof *pieces);

		while (length < room) {
			const char *piece = pieces[random() % kinds];

			memcpy(text + 1 + length, piece, strlen(piece));
			length += strlen(piece);
		}
		memcpy(before, text + 1, length);
		text[0] = text[length + 1] = '!';
		uint64_t began = recorder_now();

		(round % 2 ? secrets_mask_text : secrets_mask_json)(text + 1, length);
		/* Thousands of times what it takes, and a thousandth of what looking back each time would. */
		assert_true(recorder_now() - began < 500000000);
		assert_int_equal(text[0], '!');
		assert_int_equal(text[length + 1], '!');
		for (size_t i = 0; i < length; i++)
			assert_true(text[i + 1] == before[i] || text[i + 1] == '*');
	}
	free(text);
	free(before);
}

/* The worst that was found: each of so many colons could look for an @ to the end. */
static void test_many_colons(void **state)
{
	static const char *const patterns[] = { "a:",	   "a://b:c/", "a://b:c",   "token=", "a%3A",
						"@a:",	   "a:@ ",     "%3A%2F%2F", "[:",     "a://b",
						"'pwd':x", "token ",   "\"pwd\":\"" };
	char *text = malloc(1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
		size_t n = strlen(patterns[i]);

		for (size_t at = 0; at + n <= 1 << 20; at += n)
			memcpy(text + at, patterns[i], n);
		uint64_t began = recorder_now();

		secrets_mask_text(text, 1 << 20);
		assert_true(recorder_now() - began < 2000000000);
	}
	free(text);
}

static const struct endpoint browser = { ROLE_BROWSER, 0 }, renderer = { ROLE_RENDERER, 3 };

/* A message's strings are masked in its bytes, which stay a message; one that makes no sense as well. */
static void test_message(void **state)
{
	uint8_t payload[4096];
	union ipc_any decoded;
	char text[4096];
	struct format out = format_into(text, sizeof text);
	struct ipc_commit_navigation m = { .page = 1,
					   .navigation = 2,
					   .url = ipc_text("http://u:secret@h/?token=abc"),
					   .mime = ipc_text("text/html"),
					   .charset = ipc_text("utf-8") };
	int fd, n = ipc_encode(IPC_COMMIT_NAVIGATION, &m, payload, sizeof payload, &fd);
	struct traffic_event e = { .kind = TRAFFIC_MESSAGE,
				   .type = IPC_COMMIT_NAVIGATION,
				   .from = browser,
				   .to = renderer,
				   .payload = payload,
				   .bytes = (uint32_t)n,
				   .payload_bytes = (uint32_t)n };

	(void)state;
	secrets_mask_event(&e, payload);
	assert_true(traffic_decode(&e, &decoded));
	assert_memory_equal(decoded.commit_navigation.url.text, "http://u:******@h/?token=***", 28);
	assert_memory_equal(decoded.commit_navigation.mime.text, "text/html", 9);
	traffic_format_log(&e, LOG_PAYLOAD_FULL, &out);
	assert_null(strstr(text, "secret"));
	assert_null(strstr(text, "736563726574"));
	/* Cut by its sender's recorder. */
	n = ipc_encode(IPC_COMMIT_NAVIGATION, &m, payload, sizeof payload, &fd);
	e.payload_bytes = 30;
	secrets_mask_event(&e, payload);
	out = format_into(text, sizeof text);
	traffic_format_log(&e, LOG_PAYLOAD_FULL, &out);
	assert_says(text, "\"args\":null,\"payload\":\"");
	assert_null(strstr(text, "7365637265"));
}

/* A message that is sent by hand, or edited while it is held, lies within another. */
static void test_message_within(void **state)
{
	uint8_t inner[512], payload[1024];
	struct ipc_commit_navigation navigation = { .url = ipc_text("http://h/?api_key=topsecret"),
						    /* Its length is a letter. */
						    .mime = ipc_text(
							    "text/html; a=0123456789012345678901234567"),
						    .charset = ipc_text("utf-8") };
	union ipc_any decoded;
	int fd, n = ipc_encode(IPC_COMMIT_NAVIGATION, &navigation, inner, sizeof inner, &fd);
	struct ipc_bytes fields = { .data = inner, .length = (uint32_t)n };
	struct ipc_send_by_hand by_hand = { .role = ROLE_BROWSER,
					    .type = IPC_COMMIT_NAVIGATION,
					    .fields = fields };
	struct ipc_settle_held settle = { .role = ROLE_BROWSER, .edited = true, .fields = fields };
	struct traffic_event e = {
		.kind = TRAFFIC_MESSAGE, .from = browser, .to = renderer, .payload = payload
	};

	(void)state;
	n = ipc_encode(IPC_SEND_BY_HAND, &by_hand, payload, sizeof payload, &fd);
	e.type = IPC_SEND_BY_HAND;
	e.bytes = e.payload_bytes = (uint32_t)n;
	secrets_mask_event(&e, payload);
	assert_null(memmem(payload, (size_t)n, "topsecret", 9));
	assert_true(traffic_decode(&e, &decoded));
	/* What is masked is still that message. */
	e.type = IPC_COMMIT_NAVIGATION;
	e.payload = decoded.send_by_hand.fields.data;
	e.bytes = e.payload_bytes = decoded.send_by_hand.fields.length;
	assert_true(traffic_decode(&e, &decoded));
	assert_memory_equal(decoded.commit_navigation.url.text, "http://h/?api_key=*********", 27);
	assert_memory_equal(decoded.commit_navigation.mime.text, "text/html; a=0", 14);

	n = ipc_encode(IPC_SETTLE_HELD, &settle, payload, sizeof payload, &fd);
	e.type = IPC_SETTLE_HELD;
	e.payload = payload;
	e.bytes = e.payload_bytes = (uint32_t)n;
	secrets_mask_event(&e, payload);
	assert_null(memmem(payload, (size_t)n, "topsecret", 9));
	assert_true(traffic_decode(&e, &decoded));
	/* Cut: what is there is masked all the same. */
	ipc_encode(IPC_SEND_BY_HAND, &by_hand, payload, sizeof payload, &fd);
	e.type = IPC_SEND_BY_HAND;
	e.payload_bytes -= 40;
	secrets_mask_event(&e, payload);
	assert_null(memmem(payload, e.payload_bytes, "topsecret", 9));
}

/* A copy is masked, and what it was made of stays as it is. */
static void test_copy(void **state)
{
	static const char typed[] = "{\"value\":\"tab http://h/?pwd=12\"}";
	struct traffic_event e = { .kind = TRAFFIC_INPUT,
				   .payload = (const uint8_t *)typed,
				   .payload_bytes = sizeof typed - 1 };
	struct traffic_event copy;

	(void)state;
	assert_true(secrets_copy(&e, &copy));
	assert_memory_equal(copy.payload, "{\"value\":\"tab http://h/?pwd=**\"}", sizeof typed - 1);
	assert_string_equal(typed, "{\"value\":\"tab http://h/?pwd=12\"}");
	secrets_copy_free(&copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),	  cmocka_unit_test(test_json),
		cmocka_unit_test(test_any_bytes), cmocka_unit_test(test_many_colons),
		cmocka_unit_test(test_message),	  cmocka_unit_test(test_message_within),
		cmocka_unit_test(test_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
