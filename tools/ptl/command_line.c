/* Takes standard input apart into command lines; see commands.h. No line is ever cut: one that is
 * too long is read to its end and refused. */
#include "tools/ptl/commands.h"

static void line_begin(struct command_line *line)
{
        line->complete = line->broken = false;
        line->length = 0;
}

static enum command_take line_end(struct command_line *line)
{
        line->complete = true;
        line->number++;
        if (line->length > BATCH_LINE_MAX)
                return COMMAND_LONG;
        if (line->broken)
                return COMMAND_BYTE;
        line->text[line->length] = 0;
        return COMMAND_LINE;
}

enum command_take command_take(struct command_line *line, char byte)
{
        if (line->complete)
                line_begin(line);
        if (byte == '\n')
                return line_end(line);
        line->broken = line->broken || byte == 0 || byte == SHELL_CANCEL;
        if (line->length < BATCH_LINE_MAX)
                line->text[line->length++] = byte;
        else
                line->length = BATCH_LINE_MAX + 1;
        return COMMAND_MORE;
}
