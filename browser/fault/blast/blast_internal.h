/* What the files behind blast.h share: blasts.c brings news, blast_recovery.c watches what comes back. */
#pragma once
#include "browser/fault/blast/blast.h"

/* What stands in the dead one's place is there: sad tab, placeholder, picture. */
void blast_stands(struct blasts *, struct blast *, uint64_t at_ns);
/* A plugin's placeholder is in the picture that its page's renderer submitted when it was told; look for it.
 * Is there one to come? */
void blast_look_for_placeholder(struct blasts *, struct blast *);
bool blast_awaits_placeholder(const struct blasts *, const struct blast *);
/* What it did for that tab (NULL: for all) is done again; into the log. */
void blast_recovered(struct blasts *, struct blast *, struct blast_tab *, uint64_t now_ns);
