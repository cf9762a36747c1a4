/*
 * Sites: who shares a renderer under --process-model=per-site. A site is a scheme and a registrable domain,
 * as far as that can be told without the public suffix list: see url.h for what is taken instead.
 */
#include "browser/net/url.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Second-level names under which countries register: example.co.uk, example.com.au, example.ac.jp. */
static const char *const second_levels[] = { "ac",   "co",  "com", "edu", "go",	 "gob", "gov", "gouv",
					     "govt", "gv",  "id",  "ltd", "me",	 "mil", "ne",  "net",
					     "nhs",  "nom", "nic", "or",  "org", "plc", "sch" };

/* An address has no domain: it is a site as it stands. So is a name with an empty label. */
static bool is_domain(const char *host)
{
	const char *last = strrchr(host, '.');

	return last && host[0] != '[' && host[0] != '.' && !strstr(host, "..") && last[1] &&
	       !isdigit((unsigned char)last[1]);
}

/* The label before that one, or NULL. */
static const char *label_before(const char *host, const char *label)
{
	if (label == host)
		return NULL;
	for (label--; label > host && label[-1] != '.'; label--)
		;
	return label;
}

static bool is_second_level(const char *label)
{
	size_t length = strcspn(label, ".");

	for (size_t i = 0; i < sizeof second_levels / sizeof *second_levels; i++)
		if (strlen(second_levels[i]) == length && !strncmp(second_levels[i], label, length))
			return true;
	return false;
}

static const char *registrable(const char *host)
{
	const char *top, *second, *third;

	if (!is_domain(host))
		return host;
	top = strrchr(host, '.') + 1;
	second = label_before(host, top);
	third = second ? label_before(host, second) : NULL;
	return third && strlen(top) == 2 && is_second_level(second) ? third : second;
}

bool url_site(const char *text, char site[URL_SITE_MAX])
{
	struct url url;

	if (!url_parse(&url, text, NULL))
		return false;
	switch (url.scheme) {
	case URL_HTTP:
	case URL_HTTPS:
		snprintf(site, URL_SITE_MAX, "%s://%s", url.scheme == URL_HTTP ? "http" : "https",
			 registrable(url.host));
		return url.host[0];
	case URL_FILE:
		snprintf(site, URL_SITE_MAX, "file:");
		return true;
	case URL_BUILTIN:
		snprintf(site, URL_SITE_MAX, "bulkhead:");
		return true;
	default:
		return false;
	}
}
