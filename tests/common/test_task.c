/* Work that is put off: it runs by the cause it was asked for with, once or again, and may end itself. */
#include "common/loop.h"
#include "common/recorder.h"
#include "common/task.h"
#include "tests/common/unit.h"

#define PATIENCE_NS UINT64_C(5000000000)

struct work {
	struct task task;
	unsigned runs;
	uint64_t cause; /* when it ran last */
	void (*then)(struct work *);
};

static void run(void *arg)
{
	struct work *work = arg;

	work->runs++;
	work->cause = cause_current();
	if (work->then)
		work->then(work);
}

static void turn_until(const unsigned *count, unsigned wanted)
{
	uint64_t end = recorder_now() + PATIENCE_NS;

	while (*count < wanted && recorder_now() < end)
		loop_turn(50);
	assert_int_equal(*count, wanted);
}

static int setup(void **state)
{
	(void)state;
	cause_set(0);
	return loop_init() ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	loop_finish();
	return 0;
}

static void the_cause_is_kept(void **state)
{
	struct work work = { 0 };

	(void)state;
	task_init(&work.task, run, &work);
	assert_false(work.task.pending);
	cause_set(42);
	task_schedule(&work.task, 0);
	assert_true(work.task.pending);
	cause_set(7);
	turn_until(&work.runs, 1);
	assert_int_equal(work.cause, 42);
	/* What ran put back what was there. */
	assert_int_equal(cause_current(), 7);
	assert_false(work.task.pending);
	loop_turn(0);
	assert_int_equal(work.runs, 1);
	task_finish(&work.task);
}

static void scheduling_again_moves_it(void **state)
{
	struct work work = { 0 };

	(void)state;
	task_init(&work.task, run, &work);
	cause_set(1);
	task_schedule(&work.task, 3600 * 1000);
	cause_set(2);
	task_schedule(&work.task, 0);
	cause_set(0);
	turn_until(&work.runs, 1);
	assert_int_equal(work.cause, 2);
	loop_turn(0);
	assert_int_equal(work.runs, 1);
	task_finish(&work.task);
}

static void time_is_in_milliseconds(void **state)
{
	struct work work = { 0 };
	uint64_t from;

	(void)state;
	task_init(&work.task, run, &work);
	from = recorder_now();
	task_schedule(&work.task, 1040);
	turn_until(&work.runs, 1);
	/* The loop's clock is coarse: a few milliseconds too early are none. */
	assert_true(recorder_now() - from >= UINT64_C(1020000000));
	task_finish(&work.task);
}

static void a_cancelled_task_does_not_run(void **state)
{
	struct work work = { 0 };

	(void)state;
	task_init(&work.task, run, &work);
	task_cancel(&work.task);
	task_schedule(&work.task, 0);
	task_cancel(&work.task);
	assert_false(work.task.pending);
	for (unsigned i = 0; i < 3; i++)
		loop_turn(1);
	assert_int_equal(work.runs, 0);
	task_schedule(&work.task, 0);
	turn_until(&work.runs, 1);
	task_finish(&work.task);
	task_finish(&work.task);
}

static void repeating_has_no_cause(void **state)
{
	struct work work = { 0 };

	(void)state;
	task_init(&work.task, run, &work);
	cause_set(42);
	task_repeat(&work.task, 1);
	turn_until(&work.runs, 3);
	assert_int_equal(work.cause, 0);
	assert_int_equal(cause_current(), 42);
	assert_true(work.task.pending);
	/* Once more, and not again. */
	task_schedule(&work.task, 0);
	turn_until(&work.runs, 4);
	assert_int_equal(work.cause, 42);
	assert_false(work.task.pending);
	for (unsigned i = 0; i < 3; i++)
		loop_turn(1);
	assert_int_equal(work.runs, 4);
	task_finish(&work.task);
}

static void a_descriptor_is_watched(void **state)
{
	struct work work = { 0 };
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	task_init(&work.task, run, &work);
	cause_set(9);
	task_watch(&work.task, fds[0], EV_READ);
	cause_set(0);
	loop_turn(0);
	assert_int_equal(work.runs, 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	/* As long as there is something to read. */
	turn_until(&work.runs, 2);
	assert_int_equal(work.cause, 9);
	assert_true(work.task.pending);
	task_cancel(&work.task);
	loop_turn(1);
	assert_int_equal(work.runs, 2);
	/* The same task may watch another descriptor, for another thing. */
	task_watch(&work.task, fds[1], EV_WRITE);
	turn_until(&work.runs, 3);
	assert_int_equal(work.cause, 0);
	task_finish(&work.task);
	close(fds[0]);
	close(fds[1]);
}

static void cancel_itself(struct work *work)
{
	task_cancel(&work->task);
}

static void schedule_itself(struct work *work)
{
	if (work->runs < 3)
		task_schedule(&work->task, 0);
}

static void repeat_becomes_once(struct work *work)
{
	if (work->runs == 1)
		task_schedule(&work->task, 0);
}

static unsigned freed;

static void free_itself(struct work *work)
{
	task_finish(&work->task);
	free(work);
	freed++;
}

static void a_task_may_cancel_itself(void **state)
{
	struct work work = { .then = cancel_itself };
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	task_init(&work.task, run, &work);
	task_repeat(&work.task, 1);
	turn_until(&work.runs, 1);
	loop_turn(3);
	assert_int_equal(work.runs, 1);
	task_watch(&work.task, fds[1], EV_WRITE);
	turn_until(&work.runs, 2);
	loop_turn(1);
	assert_int_equal(work.runs, 2);
	assert_false(work.task.pending);
	task_finish(&work.task);
	close(fds[0]);
	close(fds[1]);
}

static void a_task_may_schedule_itself(void **state)
{
	struct work work = { .then = schedule_itself };

	(void)state;
	task_init(&work.task, run, &work);
	cause_set(5);
	task_schedule(&work.task, 0);
	cause_set(0);
	turn_until(&work.runs, 3);
	/* The cause is handed on from run to run. */
	assert_int_equal(work.cause, 5);
	assert_false(work.task.pending);
	task_finish(&work.task);

	work = (struct work){ .then = repeat_becomes_once };
	task_init(&work.task, run, &work);
	task_repeat(&work.task, 1);
	turn_until(&work.runs, 2);
	assert_false(work.task.pending);
	loop_turn(3);
	assert_int_equal(work.runs, 2);
	task_finish(&work.task);
}

/* Once, repeating and watching: each frees the memory it lies in while it runs. */
static void a_task_may_free_itself(void **state)
{
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	freed = 0;
	for (unsigned how = 0; how < 3; how++) {
		struct work *work = calloc(1, sizeof *work);

		assert_non_null(work);
		work->then = free_itself;
		task_init(&work->task, run, work);
		if (how == 0)
			task_schedule(&work->task, 0);
		else if (how == 1)
			task_repeat(&work->task, 1);
		else
			task_watch(&work->task, fds[1], EV_WRITE);
		turn_until(&freed, how + 1);
	}
	close(fds[0]);
	close(fds[1]);
}

static void a_zeroed_task_may_be_finished(void **state)
{
	struct task task = { 0 };

	(void)state;
	task_cancel(&task);
	task_finish(&task);
}

static unsigned order[20], nordered;
static struct task ordered[20];

static void note_order(void *arg)
{
	order[nordered++] = (unsigned)((struct task *)arg - ordered);
}

/* From within a turn, where all ask at the same time. */
static void ask_for_many(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < COUNT(ordered); i++) {
		task_init(&ordered[i], note_order, &ordered[i]);
		task_schedule(&ordered[i], 0);
	}
}

static void the_order_of_asking_is_kept(void **state)
{
	struct task first;

	(void)state;
	nordered = 0;
	task_init(&first, ask_for_many, NULL);
	task_schedule(&first, 0);
	turn_until(&nordered, COUNT(ordered));
	for (unsigned i = 0; i < COUNT(ordered); i++) {
		assert_int_equal(order[i], i);
		task_finish(&ordered[i]);
	}
	task_finish(&first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_cause_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(scheduling_again_moves_it, setup, teardown),
		cmocka_unit_test_setup_teardown(time_is_in_milliseconds, setup, teardown),
		cmocka_unit_test_setup_teardown(a_cancelled_task_does_not_run, setup, teardown),
		cmocka_unit_test_setup_teardown(repeating_has_no_cause, setup, teardown),
		cmocka_unit_test_setup_teardown(a_descriptor_is_watched, setup, teardown),
		cmocka_unit_test_setup_teardown(the_order_of_asking_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(a_task_may_cancel_itself, setup, teardown),
		cmocka_unit_test_setup_teardown(a_task_may_schedule_itself, setup, teardown),
		cmocka_unit_test_setup_teardown(a_task_may_free_itself, setup, teardown),
		cmocka_unit_test_setup_teardown(a_zeroed_task_may_be_finished, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
