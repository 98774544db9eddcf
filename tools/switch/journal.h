/* The events since the start, oldest first; of more than JOURNAL_MAX the oldest are forgotten. */
#ifndef SWITCH_JOURNAL_H
#define SWITCH_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

enum { JOURNAL_MAX = 1024 };

struct journal {
        char *lines[JOURNAL_MAX]; /* a ring */
        uint64_t total;           /* ever added */
};

/* Notes an event; copies the line, which has no newline. Without memory it is lost. */
void journal_add(struct journal *journal, const char *line);

/* How many are kept, and one of them: index 0 is the oldest. */
size_t journal_count(const struct journal *journal);
const char *journal_line(const struct journal *journal, size_t index);

void journal_destroy(struct journal *journal);

#endif
