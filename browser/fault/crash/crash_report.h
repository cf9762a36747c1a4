/*
 * Crash reports: one for each child that came to no normal end. What is known goes in at once
 * (crash_facts.c), names for the backtrace a frame a turn (crash_trace.c); then it is written
 * (crash_store.c), and once more when its blast radius is known. crash_page.c shows them.
 */
#pragma once
#include "browser/fault/crash/crash_store.h"
#include "browser/process/host.h"

struct browser;
struct crash_reports;

/* NULL: no memory. Where there is no place for reports, that is said once, and none are written. */
struct crash_reports *crash_reports_create(struct browser *);
/* Writes what is not written yet. NULL is fine. */
void crash_reports_destroy(struct crash_reports *);

/* News: a process is ready; is dead, its recorder still readable, and its tabs as they were. */
void crash_reports_ready(struct crash_reports *, const struct process_host *);
void crash_reports_died(struct crash_reports *, const struct process_host *);

/* Has the browser seen for itself where that living process has its code? */
bool crash_reports_has_looked(const struct crash_reports *, struct endpoint);

/* The report on that process of this session; NULL: there is none. */
const char *crash_report_id(const struct crash_reports *, struct endpoint);
/* Where its file is or will be. Returns buf. */
const char *crash_report_path(const struct crash_reports *, const char *id, char *buf, size_t capacity);

/* Whatever is still to be done for reports, now: for whoever is about to read one. */
void crash_reports_settle(struct crash_reports *);
const struct crash_store *crash_reports_store(const struct crash_reports *);
/* How many could not be written. */
unsigned crash_reports_failed(const struct crash_reports *);
