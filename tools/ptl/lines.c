/* See lines.h. The kept lines are a ring: line i stands at i modulo TAIL_LINES. */
#include "tools/ptl/lines.h"

#include <string.h>

#include "servers/rt/pure/visible.h"

void line_feed(struct line_reader *reader, const char *bytes, size_t count, line_function *function,
               void *context)
{
        for (size_t i = 0; i < count; i++) {
                if (bytes[i] != '\n') {
                        if (reader->used < LINE_MAX_BYTES - 1)
                                reader->buffer[reader->used++] = bytes[i] ? bytes[i] : ' ';
                        continue;
                }
                if (reader->used && reader->buffer[reader->used - 1] == '\r')
                        reader->used--;
                reader->buffer[reader->used] = 0;
                reader->used = 0;
                function(context, reader->buffer);
        }
}

void tail_add(struct tail *tail, const char *line)
{
        char *kept = tail->line[tail->count % TAIL_LINES];
        size_t used = 0, more, length = strlen(line);
        while (length > 0 && used < TAIL_WIDTH - VISIBLE_MOST) {
                size_t taken = visible_next(line, length, kept + used, &more);
                used += more;
                line += taken;
                length -= taken;
        }
        kept[used] = 0;
        tail->count++;
}

unsigned tail_count(const struct tail *tail)
{
        return tail->count < TAIL_LINES ? tail->count : TAIL_LINES;
}

const char *tail_line(const struct tail *tail, unsigned i)
{
        unsigned first = tail->count - tail_count(tail);
        return tail->line[(first + i) % TAIL_LINES];
}
