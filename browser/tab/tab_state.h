/* The states of a tab, and the table of what each event makes of them. */
#pragma once

enum tab_state {
	TAB_BLANK,   /* nothing was ever shown */
	TAB_LOADING, /* a navigation is on its way; what was shown before still is */
	TAB_READY,   /* a document is shown; its body may still arrive */
	TAB_DYING,   /* its renderer is dying, of what is not known yet; shown as a sad tab */
	TAB_SAD,     /* its renderer died */
	TAB_STATE_COUNT
};

enum tab_event {
	TAB_EVENT_NAVIGATE, /* a navigation began */
	TAB_EVENT_COMMIT,   /* the renderer shows the new document */
	TAB_EVENT_STOP,	    /* the navigation was given up, with a document still shown */
	TAB_EVENT_DYING,    /* its renderer is dying */
	TAB_EVENT_DEATH,    /* it is dead */
	TAB_EVENT_COUNT
};

extern const char *const tab_state_names[TAB_STATE_COUNT];

enum tab_state tab_state_next(enum tab_state, enum tab_event, int has_document);
