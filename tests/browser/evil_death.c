/* Lies about one's own death: see evil.h. */
#include "common/owner.h"
#include "tests/browser/evil.h"
#include <sys/syscall.h>
#include <unistd.h>

static void wake(struct evil *e)
{
	syscall(SYS_futex, &e->child.recorder.region->owner, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* As the kernel would, but alive. */
static void forge_its_death(struct evil *e)
{
	atomic_store(&e->child.recorder.region->owner, FUTEX_OWNER_DIED | FUTEX_WAITERS);
	wake(e);
}

static void forge_its_owner(struct evil *e)
{
	atomic_store(&e->child.recorder.region->owner, 4711 | FUTEX_WAITERS);
	wake(e);
}

/* And without a word. */
static void let_go_of_its_owner(struct evil *e)
{
	atomic_store(&e->child.recorder.region->owner, 0);
}

static void wake_for_nothing(struct evil *e)
{
	for (unsigned i = 0; i < 20000; i++)
		wake(e);
}

static void speak_and_die(struct evil *e)
{
	for (unsigned i = 0; i < 9; i++) {
		ipc_send_did_make_progress(e->child.browser, e->page, e->navigation, i);
		channel_flush(e->child.browser);
	}
	ipc_send_did_change_title(e->child.browser, e->page, e->navigation, ipc_text("last words"));
	channel_flush(e->child.browser);
	_exit(3);
}

const struct misdeed evil_death_ways[] = { { "forge its death", forge_its_death },
					   { "forge its owner", forge_its_owner },
					   { "let go of its owner", let_go_of_its_owner },
					   { "wake for nothing", wake_for_nothing },
					   { "speak and die", speak_and_die },
					   { 0 } };
