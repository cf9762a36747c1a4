/* See tab_state.h. */
#include "browser/tab/tab_state.h"

const char *const tab_state_names[TAB_STATE_COUNT] = { "blank", "loading", "ready", "dying", "sad" };

/* A navigation given up leaves what was there: a document, or nothing. */
static const enum tab_state transitions[TAB_STATE_COUNT][TAB_EVENT_COUNT] = {
	/*               NAVIGATE     COMMIT     STOP       DYING      DEATH */
	[TAB_BLANK] = { TAB_LOADING, TAB_READY, TAB_BLANK, TAB_DYING, TAB_SAD },
	[TAB_LOADING] = { TAB_LOADING, TAB_READY, TAB_READY, TAB_DYING, TAB_SAD },
	[TAB_READY] = { TAB_LOADING, TAB_READY, TAB_READY, TAB_DYING, TAB_SAD },
	[TAB_DYING] = { TAB_LOADING, TAB_READY, TAB_DYING, TAB_DYING, TAB_SAD },
	[TAB_SAD] = { TAB_LOADING, TAB_READY, TAB_SAD, TAB_SAD, TAB_SAD },
};

enum tab_state tab_state_next(enum tab_state state, enum tab_event event, int has_document)
{
	enum tab_state next = transitions[state][event];

	return event == TAB_EVENT_STOP && state == TAB_LOADING && !has_document ? TAB_BLANK : next;
}
