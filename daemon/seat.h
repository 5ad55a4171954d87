/*
 * Who sits at a device that several people share: a person's session, which ends by itself.
 * Owns: when a session ends. Must not: open anything (the keeper does), or know commands.
 *
 * A session begins when somebody's passphrase opens their keys, and ends after a time without a command of theirs,
 * or by `lock` in their name. What ends is their right to write here; the machine stays open, keeps the plan and meets
 * others. On a home of one person nothing ends by itself.
 */
#ifndef CP_SEAT_H
#define CP_SEAT_H

#include "daemon/node.h"

#define CP_SEAT_SECONDS_DEFAULT 600U
#define CP_SEAT_SECONDS_MAX     86400U

/* The person did something: their session lasts from now. */
void cp_seat_touch(struct cp_node *node, size_t person);
/* May this command go on? Names the person when --as says one. LOCKED: whoever it is for has no open session, or nobody
 * has; else the errors of the person. Without --as and with several people, reading needs somebody's session. */
CP_MUST_USE enum cp_err cp_seat_check(struct cp_request *r, bool named);
/* Monotonic; UINT64_MAX: never. tick ends what is over. */
uint64_t cp_seat_deadline_ms(const struct cp_node *node);
void cp_seat_tick(struct cp_node *node, uint64_t now_ms);
/* Seconds until the person's session ends; 0 when it has, -1 when it does not end by itself. */
int64_t cp_seat_left(const struct cp_node *node, size_t person);
/* Seconds without a command; 0: never ends. Kept with the home. */
uint64_t cp_seat_seconds(const struct cp_node *node);
CP_MUST_USE enum cp_err cp_seat_set(struct cp_node *node, uint64_t seconds);

/* ---- The whole home: locks itself after a time without a command, also where one person has it to themselves ---- */
/* A command came. */
void cp_seat_used(struct cp_node *node);
/* Seconds without a command; 0: never. Kept with the home. BAD_VALUE, NO_PASSPHRASE (it could not be opened again by one). */
uint64_t cp_seat_lock_seconds(const struct cp_node *node);
CP_MUST_USE enum cp_err cp_seat_lock_set(struct cp_node *node, uint64_t seconds);

/* After unlock: reads the settings. */
void cp_seat_opened(struct cp_node *node);

#endif
