/* Line number n since the start stands at n modulo JOURNAL_MAX. */
#include "tools/switch/journal.h"

#include <stdlib.h>
#include <string.h>

void journal_add(struct journal *journal, const char *line)
{
        char *copy = strdup(line);
        if (!copy)
                return;
        char **slot = &journal->lines[journal->total++ % JOURNAL_MAX];
        free(*slot);
        *slot = copy;
}

size_t journal_count(const struct journal *journal)
{
        return journal->total < JOURNAL_MAX ? (size_t)journal->total : JOURNAL_MAX;
}

const char *journal_line(const struct journal *journal, size_t index)
{
        uint64_t oldest = journal->total - journal_count(journal);
        return journal->lines[(oldest + index) % JOURNAL_MAX];
}

void journal_destroy(struct journal *journal)
{
        for (size_t i = 0; i < JOURNAL_MAX; i++)
                free(journal->lines[i]);
}
