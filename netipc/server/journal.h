/* The transport's log lines. They are written one at a time by asynchronous one-way messages,
 * because the transport waits for nobody, and at most JOURNAL_PER_SECOND of them a second, because
 * strangers on the wire cause many. Lines beyond that are counted, and the count is logged next.
 * While the log server restarts, up to JOURNAL_LINES lines wait for it. */
#ifndef NETIPC_SERVER_JOURNAL_H
#define NETIPC_SERVER_JOURNAL_H

#include "kernel/abi/outcome.h"
#include "kernel/abi/rights.h"

enum { JOURNAL_LINES = 64, JOURNAL_LINE = 160, JOURNAL_PER_SECOND = 32 };

/* Makes the call object, which completes with `key` at the port. Until then journal() waits for the
 * log. */
outcome_t journal_init(handle_t port, uint64_t key);

/* Formats of printf; a newline is added, a longer line is cut. */
void journal(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Writes what can be written now. To be called before each wait. */
void journal_work(void);

/* The line being written was taken, or not. */
void journal_done(void);

#endif
