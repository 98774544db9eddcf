/* The line editor; see editor.h for the model. */
#include "servers/shell/editor.h"

#include <stdio.h>
#include <string.h>
#include "servers/shell/utf8.h"

static void put(struct editor *editor, const char *text)
{
        editor->write(editor->context, text, strlen(text));
}

/* Columns that the line may take; the last column stays free, as terminals wrap there. */
static size_t room(const struct editor *editor)
{
        size_t prompt = utf8_columns(editor->prompt, strlen(editor->prompt));
        enum { ROOM_MIN = 8 };
        return editor->columns > prompt + 1 + ROOM_MIN ? editor->columns - prompt - 1 : ROOM_MIN;
}

/* The end of what is shown: the last character that fits the row. */
static size_t shown_to(const struct editor *editor)
{
        size_t at = editor->shown_from, left = room(editor);
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

/* Scrolls so that the cursor is in the row. */
static void scroll(struct editor *editor)
{
        if (editor->cursor < editor->shown_from)
                editor->shown_from = editor->cursor;
        while (utf8_columns(editor->line + editor->shown_from,
                            editor->cursor - editor->shown_from) > room(editor))
                editor->shown_from += utf8_after(editor->line, editor->length, editor->shown_from);
}

/* Draws the whole row again. */
static void draw(struct editor *editor)
{
        char move[32];
        scroll(editor);
        size_t end = shown_to(editor);
        size_t column =
            utf8_columns(editor->prompt, strlen(editor->prompt)) +
            utf8_columns(editor->line + editor->shown_from, editor->cursor - editor->shown_from);
        put(editor, "\r");
        put(editor, editor->prompt);
        editor->write(editor->context, editor->line + editor->shown_from, end - editor->shown_from);
        put(editor, "\x1b[K");
        if (editor->cursor < end) {
                snprintf(move, sizeof move, "\r\x1b[%zuC", column);
                put(editor, move);
        }
}

static void set_line(struct editor *editor, const char *line, size_t length)
{
        memcpy(editor->line, line, length);
        editor->length = editor->cursor = length;
        editor->shown_from = 0;
        draw(editor);
}

void editor_start(struct editor *editor)
{
        editor->length = editor->cursor = editor->shown_from = 0;
        editor->back = 0;
        put(editor, editor->prompt);
}

void editor_hide(struct editor *editor)
{
        put(editor, "\r\x1b[K");
}

void editor_show(struct editor *editor)
{
        if (editor->length > 0)
                draw(editor);
        else
                put(editor, editor->prompt);
}

static void insert(struct editor *editor, const char *text, size_t length)
{
        if (length > sizeof editor->line - editor->length) {
                put(editor, "\a");
                return;
        }
        bool at_end = editor->cursor == editor->length;
        memmove(editor->line + editor->cursor + length, editor->line + editor->cursor,
                editor->length - editor->cursor);
        memcpy(editor->line + editor->cursor, text, length);
        editor->length += length;
        editor->cursor += length;
        size_t columns =
            utf8_columns(editor->line + editor->shown_from, editor->cursor - editor->shown_from);
        if (at_end && columns <= room(editor))
                editor->write(editor->context, text, length);
        else
                draw(editor);
}

/* Removes line[from, to) and leaves the cursor there. */
static void erase(struct editor *editor, size_t from, size_t to)
{
        memmove(editor->line + from, editor->line + to, editor->length - to);
        editor->length -= to - from;
        editor->cursor = from;
        draw(editor);
}

static void erase_backward(struct editor *editor)
{
        size_t bytes = utf8_before(editor->line, editor->cursor);
        size_t columns = utf8_columns(editor->line + editor->cursor - bytes, bytes);
        if (bytes == 0)
                return;
        if (editor->cursor == editor->length && columns == 1 && editor->shown_from == 0) {
                editor->length = editor->cursor -= bytes;
                put(editor, "\b \b");
                return;
        }
        erase(editor, editor->cursor - bytes, editor->cursor);
}

static void erase_word(struct editor *editor)
{
        size_t from = editor->cursor;
        while (from > 0 && editor->line[from - 1] == ' ')
                from--;
        while (from > 0 && editor->line[from - 1] != ' ')
                from--;
        erase(editor, from, editor->cursor);
}

static void move(struct editor *editor, size_t to)
{
        editor->cursor = to;
        draw(editor);
}

/* Goes `step` (1: older, -1: newer) in the history; the line being written is where it ends. */
static void browse(struct editor *editor, int step)
{
        size_t back = editor->back + (size_t)step;
        if (editor->back == 0 && step < 0)
                return;
        const char *line = history_line(editor->history, back);
        if (back > 0 && !line)
                return;
        if (editor->back == 0) {
                memcpy(editor->draft, editor->line, editor->length);
                editor->draft_length = editor->length;
        }
        editor->back = back;
        if (line)
                set_line(editor, line, strlen(line));
        else
                set_line(editor, editor->draft, editor->draft_length);
}

static void edit(struct editor *editor, enum key key)
{
        const size_t cursor = editor->cursor, length = editor->length;
        switch (key) {
        case KEY_TEXT:
                insert(editor, editor->keys.text, editor->keys.length);
                break;
        case KEY_BACKSPACE:
                erase_backward(editor);
                break;
        case KEY_CLOSE:
        case KEY_DELETE:
                erase(editor, cursor, cursor + utf8_after(editor->line, length, cursor));
                break;
        case KEY_LEFT:
                move(editor, cursor - utf8_before(editor->line, cursor));
                break;
        case KEY_RIGHT:
                move(editor, cursor + utf8_after(editor->line, length, cursor));
                break;
        case KEY_HOME:
                move(editor, 0);
                break;
        case KEY_END:
                move(editor, length);
                break;
        case KEY_UP:
                browse(editor, 1);
                break;
        case KEY_DOWN:
                browse(editor, -1);
                break;
        case KEY_ERASE_LINE:
                erase(editor, 0, cursor);
                break;
        case KEY_ERASE_REST:
                erase(editor, cursor, length);
                break;
        case KEY_ERASE_WORD:
                erase_word(editor);
                break;
        case KEY_CLEAR:
                put(editor, "\x1b[H\x1b[2J");
                draw(editor);
                break;
        default:
                break;
        }
}

enum editor_result editor_take(struct editor *editor, char byte)
{
        enum key key = keys_take(&editor->keys, byte);
        switch (key) {
        case KEY_ENTER:
                put(editor, "\r\n");
                history_add(editor->history, editor->line, editor->length);
                return EDITOR_LINE;
        case KEY_CANCEL:
                put(editor, "^C\r\n");
                return EDITOR_CANCELLED;
        case KEY_CLOSE:
                if (editor->length > 0)
                        break;
                put(editor, "\r\n");
                return EDITOR_CLOSED;
        default:
                break;
        }
        edit(editor, key);
        return EDITOR_MORE;
}
