/* Who may open what. The one place where it is decided; browser/tab/ asks for links, fetch.c for redirects.
 */
#include "browser/net/fault_url.h"
#include "browser/net/url.h"
#include "browser/net/url_internal.h"

static enum url_origin origin_of(enum url_scheme scheme)
{
	if (scheme == URL_FILE)
		return URL_ORIGIN_FILE;
	return scheme == URL_BUILTIN ? URL_ORIGIN_BUILTIN : URL_ORIGIN_WEB;
}

#define BIT(scheme) (1u << (scheme))
static const unsigned may_link_to[URL_ORIGIN_COUNT] = {
	[URL_ORIGIN_WEB] = BIT(URL_HTTP) | BIT(URL_HTTPS),
	[URL_ORIGIN_FILE] = BIT(URL_HTTP) | BIT(URL_HTTPS) | BIT(URL_FILE),
	[URL_ORIGIN_BUILTIN] = BIT(URL_HTTP) | BIT(URL_HTTPS) | BIT(URL_BUILTIN),
};

static const char *const refusals[] = {
	[URL_HTTP] = "A page of this kind may not open web pages.",
	[URL_HTTPS] = "A page of this kind may not open web pages.",
	[URL_FILE] = "A page from elsewhere may not open files of this machine.",
	[URL_DATA] = "A page may not open a data: address in place of itself; you may type it.",
	[URL_BUILTIN] = "A page from elsewhere may not open the browser's own pages.",
	[URL_JAVASCRIPT] = "javascript: addresses are never opened.",
	[URL_OTHER] = "Only http: and https: can be opened from a page.",
};

bool url_may_open(const char *from, const char *to, enum url_who who, const char **why)
{
	struct url target, source;
	if (!url_parse(&target, to, why))
		return false;
	if (target.scheme == URL_JAVASCRIPT)
		return url_refuse(why, refusals[URL_JAVASCRIPT]);
	if (who == URL_BY_USER)
		return true;
	if (url_fault(target.text, NULL, 0))
		return url_refuse(why, "Debug addresses are obeyed only when you type them yourself.");
	if (!from || !url_parse(&source, from, why))
		return false;
	unsigned allowed = may_link_to[who == URL_BY_REDIRECT ? URL_ORIGIN_WEB : origin_of(source.scheme)];
	return allowed & BIT(target.scheme) || url_refuse(why, refusals[target.scheme]);
}

enum url_origin url_origin(const char *text)
{
	struct url url;
	return url_parse(&url, text, NULL) ? origin_of(url.scheme) : URL_ORIGIN_WEB;
}
