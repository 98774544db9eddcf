/* Lines out of a stream of bytes that comes in pieces, and the last of them to show. Whatever comes
 * from a guest is hostile: a line has a bounded length, and what is shown of it is printable. */
#ifndef PTL_LINES_H
#define PTL_LINES_H

#include <stddef.h>

enum {
        LINE_MAX_BYTES = 1024, /* a longer line comes cut, once */
        TAIL_LINES = 12,
        TAIL_WIDTH = 160,
};

struct line_reader {
        size_t used;
        char buffer[LINE_MAX_BYTES];
};

/* Called with each whole line, without its end (\n or \r\n). The line may be changed in place. */
typedef void line_function(void *context, char *line);

/* Takes the next piece of the stream and calls the function for each line that it completes. The
 * function must not feed the same reader. */
void line_feed(struct line_reader *reader, const char *bytes, size_t count, line_function *function,
               void *context);

struct tail {
        unsigned count; /* lines seen; the last TAIL_LINES are kept */
        char line[TAIL_LINES][TAIL_WIDTH];
};

/* Keeps the line, cut to TAIL_WIDTH, with what acts on a terminal made visible. */
void tail_add(struct tail *tail, const char *line);

/* How many lines are kept, and the i-th oldest of them. */
unsigned tail_count(const struct tail *tail);
const char *tail_line(const struct tail *tail, unsigned i);

#endif
