/* The line editor; see editor.h for the model. */
#include "servers/shell/editor.h"

#include <stdio.h>
#include <string.h>
#include "servers/rt/pure/utf8.h"
#include "servers/rt/pure/visible.h"
#include "servers/shell/words.h"

enum {
        ROOM_MIN = 8,      /* columns for the line; a prompt that leaves less is not shown */
        COLUMNS_MIN = 4,   /* of a terminal that is taken at its word */
        POSITION_MIN = 10, /* less is xterm's F3 with Shift and the like, which look the same */
};

/* Terminals mark what is pasted. */
#define PASTE_ON  "\x1b[?2004h"
#define PASTE_OFF "\x1b[?2004l"
/* Where is the cursor, if it goes as far to the right as it can? */
#define ASK_WIDTH   "\x1b[999C\x1b[6n\r"
#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static void put(struct editor *editor, const char *text)
{
        editor->write(editor->context, text, strlen(text));
}

/* Shows line[from, to) without letting it act on the terminal; each character keeps its columns. */
static void put_line(struct editor *editor, size_t from, size_t to)
{
        size_t run = from;
        for (size_t at = from; at < to;) {
                uint32_t code;
                size_t bytes = utf8_next(editor->line + at, to - at, &code);
                if (!visible_code(code)) {
                        editor->write(editor->context, editor->line + run, at - run);
                        put(editor, code == '\t' ? " " : REPLACEMENT);
                        run = at + bytes;
                }
                at += bytes;
        }
        editor->write(editor->context, editor->line + run, to - run);
}

static size_t line_columns(const struct editor *editor, size_t from, size_t to)
{
        return utf8_columns(editor->line + from, to - from);
}

/* The prompt, as far as the row has room for it. */
static const char *prompt(const struct editor *editor)
{
        size_t columns = utf8_columns(editor->prompt, strlen(editor->prompt));
        return columns + ROOM_MIN < editor->columns ? editor->prompt : "";
}

static size_t prompt_columns(const struct editor *editor)
{
        return utf8_columns(prompt(editor), strlen(prompt(editor)));
}

/* Columns that the line may take; the last column stays free, as terminals wrap there. */
static size_t room(const struct editor *editor)
{
        return editor->columns - prompt_columns(editor) - 1;
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

/* Where the characters before line[at] begin that together take at most so many columns. */
static size_t columns_back(const struct editor *editor, size_t at, size_t columns)
{
        while (at > 0) {
                size_t bytes = utf8_before(editor->line, at);
                size_t width = line_columns(editor, at - bytes, at);
                if (width > columns)
                        break;
                columns -= width;
                at -= bytes;
        }
        return at;
}

/* Scrolls if the cursor is not in the row, or too little of what stands before it; then so far that
 * the next keys need not scroll again. */
static void scroll(struct editor *editor)
{
        size_t columns = room(editor), cursor = editor->cursor;
        size_t first = columns_back(editor, cursor, columns);
        size_t last = columns_back(editor, cursor, columns / 4);
        if (editor->shown_from < first)
                editor->shown_from = columns_back(editor, cursor, columns / 2);
        else if (editor->shown_from > last)
                editor->shown_from = columns_back(editor, cursor, columns * 3 / 4);
}

/* Draws the whole row again. */
static void draw(struct editor *editor)
{
        char move[32];
        scroll(editor);
        size_t end = shown_to(editor);
        size_t column =
            prompt_columns(editor) + line_columns(editor, editor->shown_from, editor->cursor);
        put(editor, "\r");
        put(editor, prompt(editor));
        put_line(editor, editor->shown_from, end);
        put(editor, "\x1b[K");
        if (editor->cursor == end)
                return;
        snprintf(move, sizeof move, column > 0 ? "\r\x1b[%zuC" : "\r", column);
        put(editor, move);
}

static void set_line(struct editor *editor, const char *line, size_t length, bool cut)
{
        memcpy(editor->line, line, length);
        editor->length = editor->cursor = length;
        editor->cut = cut;
        editor->shown_from = columns_back(editor, length, room(editor));
        draw(editor);
}

static void ask(struct editor *editor)
{
        put(editor, PASTE_ON);
        if (!editor->told)
                put(editor, ASK_WIDTH);
}

void editor_start(struct editor *editor)
{
        editor->length = editor->cursor = editor->shown_from = 0;
        editor->cut = false;
        editor->back = 0;
        ask(editor);
        put(editor, prompt(editor));
}

/* The terminal is so wide. */
static void columns_set(struct editor *editor, size_t columns)
{
        editor->columns = columns < COLUMNS_MIN ? COLUMNS_MIN : columns;
        editor->shown_from = columns_back(editor, editor->cursor, room(editor));
        draw(editor);
}

/* The terminal's other end says how large it is, and it may be another terminal than before. */
void editor_resized(struct editor *editor, unsigned rows, unsigned columns)
{
        editor->told = columns > 0;
        editor->rows = rows;
        if (editor->told)
                editor->columns = columns < COLUMNS_MIN ? COLUMNS_MIN : columns;
}

static void size_take(struct editor *editor)
{
        editor_resized(editor, editor->keys.numbers[1], editor->keys.numbers[2]);
        put(editor, "\r");
        ask(editor);
        columns_set(editor, editor->columns);
}

/* The answer to ASK_WIDTH. */
static void position_take(struct editor *editor)
{
        size_t columns = editor->keys.numbers[1];
        if (!editor->told && columns >= POSITION_MIN && columns != editor->columns)
                columns_set(editor, columns);
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
                put(editor, prompt(editor));
}

static void insert(struct editor *editor, const char *text, size_t length)
{
        if (editor->cut || length > sizeof editor->line - editor->length) {
                if (!editor->cut)
                        put(editor, "\a");
                editor->cut = true;
                return;
        }
        bool at_end = editor->cursor == editor->length;
        size_t shown_from = editor->shown_from;
        memmove(editor->line + editor->cursor + length, editor->line + editor->cursor,
                editor->length - editor->cursor);
        memcpy(editor->line + editor->cursor, text, length);
        editor->length += length;
        editor->cursor += length;
        scroll(editor);
        if (at_end && editor->shown_from == shown_from)
                put_line(editor, editor->cursor - length, editor->cursor);
        else
                draw(editor);
}

void editor_insert(struct editor *editor, const char *text, size_t length)
{
        if (length > 0)
                insert(editor, text, length);
        else
                put(editor, "\a");
}

/* Removes line[from, to) and leaves the cursor there. A line that is empty is as it was meant. */
static void remove_bytes(struct editor *editor, size_t from, size_t to)
{
        memmove(editor->line + from, editor->line + to, editor->length - to);
        editor->length -= to - from;
        editor->cursor = from;
        editor->cut = editor->cut && editor->length > 0;
}

static void erase(struct editor *editor, size_t from, size_t to)
{
        remove_bytes(editor, from, to);
        draw(editor);
}

static void erase_backward(struct editor *editor)
{
        size_t bytes = utf8_before(editor->line, editor->cursor);
        size_t shown_from = editor->shown_from;
        if (bytes == 0)
                return;
        bool simple = editor->cursor == editor->length &&
                      line_columns(editor, editor->cursor - bytes, editor->cursor) == 1;
        remove_bytes(editor, editor->cursor - bytes, editor->cursor);
        scroll(editor);
        if (simple && editor->shown_from == shown_from)
                put(editor, "\b \b");
        else
                draw(editor);
}

/* Where the word before and behind the cursor begins and ends. */
static size_t word_left(const struct editor *editor)
{
        size_t at = editor->cursor;
        while (at > 0 && editor->line[at - 1] == ' ')
                at--;
        while (at > 0 && editor->line[at - 1] != ' ')
                at--;
        return at;
}

static size_t word_right(const struct editor *editor)
{
        size_t at = editor->cursor;
        while (at < editor->length && editor->line[at] == ' ')
                at++;
        while (at < editor->length && editor->line[at] != ' ')
                at++;
        return at;
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
                editor->draft_cut = editor->cut;
        }
        editor->back = back;
        if (line)
                set_line(editor, line, strlen(line), false);
        else
                set_line(editor, editor->draft, editor->draft_length, editor->draft_cut);
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
        case KEY_WORD_LEFT:
                move(editor, word_left(editor));
                break;
        case KEY_WORD_RIGHT:
                move(editor, word_right(editor));
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
                erase(editor, word_left(editor), cursor);
                break;
        case KEY_CLEAR:
                put(editor, "\x1b[H\x1b[2J");
                draw(editor);
                break;
        case KEY_SIZE:
                size_take(editor);
                break;
        case KEY_POSITION:
                position_take(editor);
                break;
        default:
                break;
        }
}

/* The line is over: what is pasted now is nobody's. */
static enum editor_result end(struct editor *editor, const char *shown, enum editor_result result)
{
        put(editor, PASTE_OFF);
        put(editor, shown);
        return result;
}

static void insert_loss(struct editor *editor)
{
        editor->keys.lost = false;
        insert(editor, "", 1);
}

enum editor_result editor_take(struct editor *editor, char byte)
{
        enum key key = keys_take(&editor->keys, byte);
        if (editor->keys.lost)
                insert_loss(editor);
        switch (key) {
        case KEY_ENTER:
                if (!editor_refusal(editor))
                        history_add(editor->history, editor->line, editor->length);
                return end(editor, "\r\n", EDITOR_LINE);
        case KEY_CANCEL:
                return end(editor, "^C\r\n", EDITOR_CANCELLED);
        case KEY_CLOSE:
                if (editor->length > 0)
                        break;
                return end(editor, "\r\n", EDITOR_CLOSED);
        case KEY_TAB:
                return EDITOR_TAB;
        default:
                break;
        }
        edit(editor, key);
        return EDITOR_MORE;
}

void editor_lost(struct editor *editor)
{
        keys_lost(&editor->keys);
        insert_loss(editor);
}

const char *editor_refusal(const struct editor *editor)
{
        if (editor->cut)
                return LINE_TOO_LONG;
        if (memchr(editor->line, 0, editor->length))
                return "where " REPLACEMENT " stands something was lost, or is no text: a control "
                       "character, or broken UTF-8; the line was not run";
        return NULL;
}
