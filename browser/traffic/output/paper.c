/* See paper.h. */
#include "browser/traffic/output/paper.h"
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define COLUMNS_USUAL 100
#define COLUMNS_MOST  1000

int paper_columns(FILE *out)
{
	const char *text = getenv("COLUMNS");
	int n = text ? atoi(text) : 0;
	struct winsize size;

	if (n > 0)
		return n < COLUMNS_MOST ? n : COLUMNS_MOST;
	if (fileno(out) != -1 && ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return COLUMNS_USUAL;
}

/* Asked of the environment, for the process itself may have put C.UTF-8 in the place of what is there. */
bool paper_is_ascii(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);

	if (!locale)
		return true;
	bool ascii = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") != 0;
	freelocale(locale);
	return ascii;
}
