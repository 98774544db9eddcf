/* Tells a batch shell's output from the end of its answer, and puts a command into a line for
 * another node; see batch.h. Bytes that may begin the end are held until they are known to be
 * either. */
#include "tools/ptl/batch.h"

#include <stdio.h>
#include <string.h>

#include "tools/ptl/names.h"

enum { STATUS_DIGITS = 3 };

/* What was held turns out to be output, and so is the byte, if it cannot begin an answer's end. */
static void release(struct batch_parser *parser, char byte, char output[BATCH_HELD], size_t *count)
{
        memcpy(output, parser->hold, parser->held);
        *count = parser->held;
        parser->held = 0;
        if (byte == SHELL_MARK)
                parser->hold[parser->held++] = byte;
        else
                output[(*count)++] = byte;
}

int batch_parse(struct batch_parser *parser, char byte, char output[BATCH_HELD], size_t *count)
{
        *count = 0;
        if (parser->held == 1 && byte == SHELL_MARK) {
                output[(*count)++] = byte;
                parser->held = 0;
                return BATCH_MORE;
        }
        if (parser->held && byte >= '0' && byte <= '9' && parser->held <= STATUS_DIGITS) {
                parser->hold[parser->held++] = byte;
                return BATCH_MORE;
        }
        if (parser->held == 1 && byte == '\n') {
                parser->held = 0;
                return BATCH_ANEW;
        }
        if (parser->held > 1 && byte == '\n') {
                int status = 0;
                for (unsigned i = 1; i < parser->held; i++)
                        status = status * 10 + parser->hold[i] - '0';
                parser->held = 0;
                return status;
        }
        release(parser, byte, output, count);
        return BATCH_MORE;
}

/* In one pair of quotes, but for each quote that is part of it. */
bool batch_line_through(unsigned node, const char *command, char line[BATCH_LINE_MAX + 1])
{
        static const char quote[] = "'\\''";
        char name[NODE_NAME];
        node_name(node, name);
        size_t used = (size_t)snprintf(line, BATCH_LINE_MAX + 1, "on %s '", name);
        for (; *command && used + sizeof quote <= BATCH_LINE_MAX; command++) {
                size_t length = *command == '\'' ? sizeof quote - 1 : 1;
                memcpy(line + used, length > 1 ? quote : command, length);
                used += length;
        }
        memcpy(line + used, "'", 2);
        return !*command;
}
