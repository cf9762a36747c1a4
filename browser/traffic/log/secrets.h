/*
 * What must not be written in clear: passwords in addresses (scheme://user:password@host, and a user without
 * one, scheme://token@host), values of parameters whose names speak of a password, key, token, secret,
 * session or cookie (name=value, "name":"value"), and cookies and credentials in header lines (Cookie:,
 * Set-Cookie:, Authorization:, X-Api-Key:). An encoded message
 * within a message is masked like one. Each of their bytes becomes a '*', so that nothing moves. The names
 * may be in any case, and all of it may be percent-encoded once. In doubt too much is masked. log_writer.c
 * does it to all that it writes, browser/fault/crash/ to its reports, and so do exports of what is in memory.
 */
#pragma once
#include "browser/traffic/message.h"

/* Of plain text; not 0-terminated. */
void secrets_mask_text(char *text, size_t length);

/* Of the strings within JSON, which stays JSON. */
void secrets_mask_json(char *json, size_t length);

/* Of an event that tells of itself (one not read from a log); `payload` is its payload, to be changed. */
void secrets_mask_event(const struct traffic_event *, uint8_t *payload);

/* The same event with a masked payload of its own, for who may not change it. false: no memory. */
bool secrets_copy(const struct traffic_event *, struct traffic_event *copy);
void secrets_copy_free(struct traffic_event *copy);
