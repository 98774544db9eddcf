/* The transport's log lines: written one at a time by an asynchronous one-way message, because the
 * transport waits for nobody, and so many in a second at most, because it is often a stranger on
 * the wire who causes them. Lines beyond are counted, and the count is the next line.
 * Lines wait for a log server that begins anew, JOURNAL_LINES at most. */
#ifndef NETIPC_SERVER_JOURNAL_H
#define NETIPC_SERVER_JOURNAL_H

#include "kernel/abi/outcome.h"
#include "kernel/abi/rights.h"

enum { JOURNAL_LINES = 64, JOURNAL_LINE = 160, JOURNAL_PER_SECOND = 32 };

/* Makes the call object, which signals `bit`. Before that, journal() waits for the log. */
outcome_t journal_init(handle_t event, uint64_t bit);

/* Formats of printf; a newline is added, a longer line is cut. */
void journal(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Sends what can be sent now. To be called before each wait. */
void journal_work(void);

/* The line under way has been taken, or not. */
void journal_done(void);

#endif
