/*
 * The news of processes, carried from browser/process/ to everyone concerned: traffic, tabs, the hosts that
 * keep processes alive, the listener. The one place that knows the order.
 */
#pragma once
#include "browser/process/host.h"

struct browser;

struct process_events news_events(struct browser *);
