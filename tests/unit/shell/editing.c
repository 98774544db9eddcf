/* An editor on a terminal; see editing.h. */
#include "tests/unit/shell/editing.h"

#include <stdlib.h>

enum { COLUMNS = 24 };

struct editor editor;
struct history history;

void editing_start(void)
{
        memset(&terminal, 0, sizeof terminal);
        terminal.columns = COLUMNS;
        memset(&history, 0, sizeof history);
        editor = (struct editor){
            .prompt = "n1> ", .columns = COLUMNS, .write = terminal_write, .history = &history};
        editor_start(&editor);
}

void editing_end(void)
{
        while (history.count > 0)
                free(history.lines[--history.count]);
}

void type_bytes(const char *bytes, size_t count)
{
        for (size_t i = 0; i < count; i++)
                ck_assert_int_eq(editor_take(&editor, bytes[i]), EDITOR_MORE);
}

void type(const char *bytes)
{
        type_bytes(bytes, strlen(bytes));
}

void type_often(char byte, size_t times)
{
        for (size_t i = 0; i < times; i++)
                type_bytes(&byte, 1);
}

void enter(const char *line)
{
        type(line);
        ck_assert_int_eq(editor_take(&editor, '\r'), EDITOR_LINE);
        editor_start(&editor);
}

void see(const char *expected_row, const char *line, size_t column)
{
        char shown[256];
        size_t used = 0;
        for (const char *c = terminal_row(); *c; c++) {
                if (*c != 1)
                        shown[used++] = *c;
        }
        shown[used] = 0;
        ck_assert_str_eq(shown, expected_row);
        size_t length = 0;
        for (size_t i = 0; i < editor.length; i++)
                length += editor.line[i] != 0;
        ck_assert_uint_eq(length, strlen(line));
        ck_assert_mem_eq(editor.line, line, length);
        ck_assert_uint_eq(terminal.column, column);
}
