/*
 * What the measurements share: a row of the table, samples, and the list of measurements. main.c runs each
 * measurement in a process of its own and collects its rows; table.c prints them.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum goal_kind { GOAL_NONE, GOAL_RATIO_AT_MOST, GOAL_AT_MOST, GOAL_AT_LEAST };

/* One figure and what it is held against. A negative number stands for "there is none". */
struct row {
	char name[40]; /* for machines */
	char what[72]; /* for people */
	char unit[8];  /* of ours and baseline */
	double ours, ours_p99;
	double baseline, baseline_p99;
	double ratio; /* of ours to the baseline, from neighbouring batches where they can be had */
	enum goal_kind goal_kind;
	double goal; /* a ratio, or a value in `unit` */
	unsigned samples;
	char note[120]; /* why it could not be measured, or what is in it */
};

#define ROW_EMPTY                                                                                            \
	((struct row){ .ours = -1, .ours_p99 = -1, .baseline = -1, .baseline_p99 = -1, .ratio = -1 })

/* Is its goal met? Without one: true. */
bool row_meets_goal(const struct row *);

/* Values of one measurement, kept for their median. */
struct samples {
	double *values;
	size_t count, capacity;
};

void samples_add(struct samples *, double value);
/* The value below which that share (0 to 1) of the samples lies; -1 without samples. Sorts them. */
double samples_quantile(struct samples *, double share);
double samples_median(struct samples *);
double samples_p99(struct samples *);
void samples_reset(struct samples *);
void samples_finish(struct samples *);

struct bench_options {
	bool quick;	    /* few repetitions: does it work at all? */
	const char *folder; /* the measurement's own, removed after it whatever becomes of it */
};

/* How often something is measured: so many times, or as often as so many seconds allow on a busy machine. */
struct pace {
	unsigned done, wanted;
	uint64_t end_ns;
};

#define PACE_QUICK 3 /* also the least, however long it takes */

struct pace pace_of(const struct bench_options *, unsigned wanted, unsigned seconds);
/* Once more? Counts. */
bool pace_goes_on(struct pace *);

/* In a measurement: hand over a finished row. The name and the text for people are its first arguments. */
void bench_emit(const char *name, const char *what, struct row);
/* In a measurement: end the process, saying why on standard error. */
_Noreturn __attribute__((format(printf, 1, 2))) void bench_fail(const char *how, ...);

struct measurement {
	const char *name;
	void (*run)(const struct bench_options *);
	const char *about;
};

extern const struct measurement measurements[];
extern const unsigned measurement_count;

/* table.c */
void table_begin(void);
void table_row(const struct row *);
void table_end(const struct row *rows, unsigned count, double seconds);
void table_json(const struct row *rows, unsigned count, double seconds);

/* The measurements, each in a file of that name. */
void round_trip_run(const struct bench_options *);
void one_way_run(const struct bench_options *);
void query_run(const struct bench_options *);
void statistics_run(const struct bench_options *);
void spawn_run(const struct bench_options *);
void new_tab_run(const struct bench_options *);
void death_run(const struct bench_options *);
void dying_run(const struct bench_options *);
void faults_run(const struct bench_options *);
void hangs_run(const struct bench_options *); /* in faults.c */
void many_tabs_run(const struct bench_options *);
void models_run(const struct bench_options *);
void screen_run(const struct bench_options *);
void full_log_run(const struct bench_options *);
void log_reader_run(const struct bench_options *);
void log_writer_run(const struct bench_options *); /* in log.c */
void traffic_keys_run(const struct bench_options *);
