/* What goes over a line that log, screen and commands share, in the form of servers/proto/line.h.
 * Pure.
 *
 *      tty0 ──share_screen──┐                       ┌──> tty0
 *      log  ──share_log─────┼──> line    share_input┤
 *      tty1 ──share_batch───┘                       └──> tty1
 *
 * A line of the log never stands within a row of the screen: the row that the cursor is in is
 * cleared, the line is shown, and the row is drawn again below it, from what was written to it
 * since its beginning. A row of which so much was written that it is not known any more, as of a
 * program that draws on the whole screen, stays where it is. */
#ifndef SERIAL_SHARE_H
#define SERIAL_SHARE_H

#include <stdbool.h>
#include <stddef.h>

enum share_tty { SHARE_SCREEN, SHARE_BATCH, SHARE_TTYS };

enum {
        SHARE_ROW = 1024, /* bytes of a row that can be drawn again */
        SHARE_LINE = 512, /* of a line of the log; a longer one is shown in parts */
        /* What one piece takes at most: of `count` bytes, and of one line of the log. */
        SHARE_AROUND = 2,
        SHARE_LOG_MOST = 6 + SHARE_LINE + 2 + SHARE_ROW + SHARE_AROUND,
};

/* put and context are set, the rest is zero. */
struct share {
        void (*put)(void *context, const char *bytes, size_t count);
        void *context;
        char row[SHARE_ROW];
        size_t row_length;
        bool row_unknown; /* more was written to it */
        bool escaping;    /* an escape sequence begins at row[escape], and is not at its end */
        size_t escape;
        char line[SHARE_LINE];
        size_t line_length;
        bool commanding; /* what comes in is for the batch terminal */
};

/* Bytes for the screen, as they are; LINE_SCREEN … around them. count is not 0. */
void share_screen(struct share *share, const char *bytes, size_t count);

/* Bytes of the batch terminal: they take twice their number at most. */
void share_batch(struct share *share, const char *bytes, size_t count);

/* Text of the log, in any pieces: a line is shown when it is whole. Takes up to the end of one
 * line, and returns how many bytes that were. */
size_t share_log(struct share *share, const char *text, size_t count);

/* A byte that came in: true, and for which terminal it is; false: it is for none. */
bool share_input(struct share *share, char byte, enum share_tty *tty);

#endif
