/* A terminal of one row for the editor's tests: what its cells hold after each key is what the user
 * sees. It knows the sequences that the editor may write, and fails the test at any other, and at a
 * character where a real one would wrap. */
#ifndef TEST_SHELL_TERMINAL_H
#define TEST_SHELL_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

enum { COLUMNS_MOST = 200, ROWS_LOG = 16384 };

/* A newline moves what is in the cells to `log`. The second cell of a wide character holds 1. */
struct terminal {
        size_t columns;
        char cells[COLUMNS_MOST][8];
        size_t column;
        bool asked, marks_pastes;
        char log[ROWS_LOG];
        char sequence[16]; /* after ESC, until its final byte */
        size_t sequence_length;
        bool in_sequence;
        char character[5];
        size_t character_length, character_wanted;
};

extern struct terminal terminal;

/* What the row shows, without the spaces at its end; until the next call. */
const char *terminal_row(void);

/* What the editor writes. */
void terminal_write(void *context, const char *bytes, size_t length);

#endif
