/* How a line of the log looks: `[seconds.milliseconds] component: text`. Pure. */
#ifndef LOG_LINES_H
#define LOG_LINES_H

#include <stddef.h>
#include <stdint.h>

enum { LOG_LINE_MAX = 512 }; /* bytes of a formatted line, its newline included; the rest is cut */

/* Takes the next line off *text (*length bytes) and formats it into `out`, a newline behind it.
 * What would act on a terminal becomes '?' (servers/rt/pure/visible.h), but for tabs: so no
 * component can control the console or forge a line of another one. Returns the bytes written, 0 at
 * the end of the text; empty lines are skipped. */
size_t line_format(const char **text, size_t *length, uint64_t now, const char *component,
                   char out[LOG_LINE_MAX]);

#endif
