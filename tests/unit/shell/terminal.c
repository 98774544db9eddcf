/* A small terminal; see terminal.h. */
#include "tests/unit/shell/terminal.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "servers/rt/pure/utf8.h"

struct terminal terminal;

const char *terminal_row(void)
{
        static char text[COLUMNS_MOST * 8];
        size_t last = 0;
        text[0] = 0;
        for (size_t i = 0; i < terminal.columns; i++)
                last = terminal.cells[i][0] ? i + 1 : last;
        for (size_t i = 0; i < last; i++)
                strcat(text, terminal.cells[i][0] ? terminal.cells[i] : " ");
        while (text[0] && text[strlen(text) - 1] == ' ')
                text[strlen(text) - 1] = 0;
        return text;
}

static void row_end(void)
{
        strcat(strcat(terminal.log, terminal_row()), "\n");
        memset(terminal.cells, 0, sizeof terminal.cells);
}

static void sequence_done(char final)
{
        int number = atoi(terminal.sequence + 1);
        if (final == 'K')
                memset(terminal.cells[terminal.column], 0,
                       sizeof terminal.cells[0] * (terminal.columns - terminal.column));
        else if (final == 'C')
                terminal.column += (size_t)number;
        else if (strcmp(terminal.sequence, "[6n") == 0)
                terminal.asked = true;
        else if (strncmp(terminal.sequence, "[?2004", 6) == 0)
                terminal.marks_pastes = final == 'h';
        else if (final == 'H')
                terminal.column = 0;
        else if (final == 'J')
                memset(terminal.cells, 0, sizeof terminal.cells);
        else
                ck_abort_msg("the terminal does not know ESC %s", terminal.sequence);
        if (terminal.column >= terminal.columns)
                terminal.column = terminal.columns - 1;
}

static void character_draw(void)
{
        uint32_t code;
        utf8_next(terminal.character, terminal.character_length, &code);
        int width = utf8_width(code);
        if (width == 0) {
                ck_assert_uint_gt(terminal.column, 0);
                char *cell = terminal.cells[terminal.column - 1];
                size_t used = strlen(cell);
                snprintf(cell + used, sizeof terminal.cells[0] - used, "%s", terminal.character);
                return;
        }
        /* Beyond the last column a terminal would wrap: the editor must never get there. */
        ck_assert_uint_lt(terminal.column, terminal.columns - 1);
        strcpy(terminal.cells[terminal.column++], terminal.character);
        if (width == 2)
                strcpy(terminal.cells[terminal.column++], "\x01");
}

static void terminal_take(char byte)
{
        if (terminal.in_sequence) {
                terminal.sequence[terminal.sequence_length++] = byte;
                terminal.sequence[terminal.sequence_length] = 0;
                if (byte >= 0x40 && byte != '[') {
                        terminal.in_sequence = false;
                        sequence_done(byte);
                }
                return;
        }
        if (byte == 0x1b) {
                terminal.in_sequence = true;
                terminal.sequence_length = 0;
        } else if (byte == '\r') {
                terminal.column = 0;
        } else if (byte == '\n') {
                row_end();
        } else if (byte == '\b') {
                ck_assert_uint_gt(terminal.column, 0);
                terminal.column--;
        } else if (byte != '\a') {
                if (terminal.character_wanted == 0)
                        terminal.character_wanted = utf8_announced((unsigned char)byte);
                terminal.character[terminal.character_length++] = byte;
                if (terminal.character_length < terminal.character_wanted)
                        return;
                terminal.character[terminal.character_length] = 0;
                character_draw();
                terminal.character_length = terminal.character_wanted = 0;
        }
}

void terminal_write(void *context, const char *bytes, size_t length)
{
        (void)context;
        for (size_t i = 0; i < length; i++)
                terminal_take(bytes[i]);
}
