/* What the files behind blast.h share: blasts.c brings news, blast_recovery.c watches what comes back. */
#pragma once
#include "browser/fault/blast.h"

/* What stands in the dead one's place is there: sad tab, placeholder, picture. */
void blast_stands(struct blasts *, struct blast *, uint64_t now_ns);
/* What it did for that tab (NULL: for all) is done again; into the log. */
void blast_recovered(struct blasts *, struct blast *, struct blast_tab *, uint64_t now_ns);
