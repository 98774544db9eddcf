/* Shows the line that is edited; see row.h. */
#include "servers/shell/row.h"

#include <stdio.h>
#include <string.h>
#include "servers/rt/pure/utf8.h"
#include "servers/rt/pure/visible.h"

enum { ROOM_MIN = 8 }; /* columns for the line; a prompt that leaves less is not shown */

void row_put(struct editor *editor, const char *text)
{
        editor->write(editor->context, text, strlen(text));
}

void row_put_line(struct editor *editor, size_t from, size_t to)
{
        size_t run = from;
        for (size_t at = from; at < to;) {
                uint32_t code;
                size_t bytes = utf8_next(editor->line + at, to - at, &code);
                if (!visible_code(code)) {
                        editor->write(editor->context, editor->line + run, at - run);
                        row_put(editor, code == '\t' ? " " : REPLACEMENT);
                        run = at + bytes;
                }
                at += bytes;
        }
        editor->write(editor->context, editor->line + run, to - run);
}

size_t row_columns(const struct editor *editor, size_t from, size_t to)
{
        return utf8_columns(editor->line + from, to - from);
}

const char *row_prompt(const struct editor *editor)
{
        const char *text = editor->search.active ? editor->search.prompt : editor->prompt;
        size_t columns = utf8_columns(text, strlen(text));
        return columns + ROOM_MIN < editor->columns ? text : "";
}

static size_t prompt_columns(const struct editor *editor)
{
        return utf8_columns(row_prompt(editor), strlen(row_prompt(editor)));
}

/* Columns that the line may take; the last column stays free, as terminals wrap there. */
size_t row_room(const struct editor *editor)
{
        return editor->columns - prompt_columns(editor) - 1;
}

/* The end of what is shown: the last character that fits the row. */
static size_t shown_to(const struct editor *editor)
{
        size_t at = editor->shown_from, left = row_room(editor);
        while (at < editor->length) {
                size_t bytes = utf8_after(editor->line, editor->length, at);
                size_t columns = utf8_columns(editor->line + at, bytes);
                if (columns > left)
                        break;
                left -= columns;
                at += bytes;
        }
        return at;
}

size_t row_columns_back(const struct editor *editor, size_t at, size_t columns)
{
        while (at > 0) {
                size_t bytes = utf8_before(editor->line, at);
                size_t width = row_columns(editor, at - bytes, at);
                if (width > columns)
                        break;
                columns -= width;
                at -= bytes;
        }
        return at;
}

void row_scroll(struct editor *editor)
{
        size_t columns = row_room(editor), cursor = editor->cursor;
        size_t first = row_columns_back(editor, cursor, columns);
        size_t last = row_columns_back(editor, cursor, columns / 4);
        if (editor->shown_from < first)
                editor->shown_from = row_columns_back(editor, cursor, columns / 2);
        else if (editor->shown_from > last)
                editor->shown_from = row_columns_back(editor, cursor, columns * 3 / 4);
}

void row_draw(struct editor *editor)
{
        char move[32];
        row_scroll(editor);
        size_t end = shown_to(editor);
        size_t column =
            prompt_columns(editor) + row_columns(editor, editor->shown_from, editor->cursor);
        row_put(editor, "\r");
        row_put(editor, row_prompt(editor));
        row_put_line(editor, editor->shown_from, end);
        row_put(editor, "\x1b[K");
        if (editor->cursor == end)
                return;
        snprintf(move, sizeof move, column > 0 ? "\r\x1b[%zuC" : "\r", column);
        row_put(editor, move);
}
