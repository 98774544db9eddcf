/* The line editor; see editor.h for the model. */
#include "servers/shell/editor.h"

#include <string.h>
#include "servers/rt/pure/utf8.h"
#include "servers/shell/row.h"
#include "servers/shell/words.h"

enum {
        COLUMNS_MIN = 4,   /* of a terminal that is taken at its word */
        POSITION_MIN = 10, /* less is xterm's F3 with Shift and the like, which look the same */
};

/* Terminals mark what is pasted. */
#define PASTE_ON  "\x1b[?2004h"
#define PASTE_OFF "\x1b[?2004l"
/* Where is the cursor, if it goes as far to the right as it can? */
#define ASK_WIDTH "\x1b[999C\x1b[6n\r"

static void set_line(struct editor *editor, const char *line, size_t length, bool cut)
{
        memcpy(editor->line, line, length);
        editor->length = editor->cursor = length;
        editor->cut = cut;
        editor->shown_from = row_columns_back(editor, length, row_room(editor));
        row_draw(editor);
}

static void ask(struct editor *editor)
{
        row_put(editor, PASTE_ON);
        if (!editor->told)
                row_put(editor, ASK_WIDTH);
}

void editor_start(struct editor *editor)
{
        editor->length = editor->cursor = editor->shown_from = 0;
        editor->cut = false;
        editor->back = 0;
        editor->search.active = false;
        ask(editor);
        row_put(editor, row_prompt(editor));
}

/* The terminal is so wide. */
static void columns_set(struct editor *editor, size_t columns)
{
        editor->columns = columns < COLUMNS_MIN ? COLUMNS_MIN : columns;
        editor->shown_from = row_columns_back(editor, editor->cursor, row_room(editor));
        row_draw(editor);
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
        row_put(editor, "\r");
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
        row_put(editor, "\r\x1b[K");
}

void editor_show(struct editor *editor)
{
        if (editor->length > 0)
                row_draw(editor);
        else
                row_put(editor, row_prompt(editor));
}

static void insert(struct editor *editor, const char *text, size_t length)
{
        if (editor->cut || length > sizeof editor->line - editor->length) {
                if (!editor->cut)
                        row_put(editor, "\a");
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
        row_scroll(editor);
        if (at_end && editor->shown_from == shown_from)
                row_put_line(editor, editor->cursor - length, editor->cursor);
        else
                row_draw(editor);
}

void editor_insert(struct editor *editor, const char *text, size_t length)
{
        if (length > 0)
                insert(editor, text, length);
        else
                row_put(editor, "\a");
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
        row_draw(editor);
}

static void erase_backward(struct editor *editor)
{
        size_t bytes = utf8_before(editor->line, editor->cursor);
        size_t shown_from = editor->shown_from;
        if (bytes == 0)
                return;
        bool simple = editor->cursor == editor->length &&
                      row_columns(editor, editor->cursor - bytes, editor->cursor) == 1;
        remove_bytes(editor, editor->cursor - bytes, editor->cursor);
        row_scroll(editor);
        if (simple && editor->shown_from == shown_from)
                row_put(editor, "\b \b");
        else
                row_draw(editor);
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
        row_draw(editor);
}

/* The line that is being written is kept while another one is shown. */
static void draft_keep(struct editor *editor)
{
        if (editor->back > 0)
                return;
        memcpy(editor->draft, editor->line, editor->length);
        editor->draft_length = editor->length;
        editor->draft_cut = editor->cut;
}

/* Shows the line that is so far back in the history; 0: the draft. */
static void recall(struct editor *editor, size_t back)
{
        const char *line = history_line(editor->history, back);
        editor->back = back;
        if (line)
                set_line(editor, line, strlen(line), false);
        else
                set_line(editor, editor->draft, editor->draft_length, editor->draft_cut);
}

/* Goes `step` (1: older, -1: newer) in the history; the line being written is where it ends. */
static void browse(struct editor *editor, int step)
{
        size_t back = editor->back + (size_t)step;
        if (editor->back == 0 && step < 0)
                return;
        if (back > 0 && !history_line(editor->history, back))
                return;
        draft_keep(editor);
        recall(editor, back);
}

/* ---- searching the history ---- */

static void search_show(struct editor *editor)
{
        const struct search *search = &editor->search;
        if (search->none)
                set_line(editor, "", 0, false);
        else
                recall(editor, search->found > 0 ? search->found : search->began);
}

static void search_open(struct editor *editor)
{
        draft_keep(editor);
        search_begin(&editor->search, editor->back);
        search_show(editor);
}

/* The line is that which is so far back. */
static void search_close(struct editor *editor, size_t back)
{
        editor->search.active = false;
        recall(editor, back);
}

/* The line is what was found, or else the one that was there. */
static void search_accept(struct editor *editor)
{
        size_t found = editor->search.found;
        search_close(editor, found > 0 ? found : editor->search.began);
}

/* A key during a search: whether that is all that it does. */
static bool search_take(struct editor *editor, enum key key)
{
        struct search *search = &editor->search;
        bool well = true;
        switch (key) {
        case KEY_NONE:
        case KEY_SIZE:
        case KEY_POSITION:
                return false;
        case KEY_TEXT:
                well = search_add(search, editor->history, editor->keys.text, editor->keys.length);
                break;
        case KEY_BACKSPACE:
                well = search_erase(search, editor->history);
                break;
        case KEY_SEARCH:
                well = search_older(search, editor->history);
                break;
        case KEY_ABANDON:
        case KEY_CANCEL:
                search_close(editor, search->began);
                return true;
        default:
                well = key != KEY_ENTER || !search->none;
                search_accept(editor);
                if (!well)
                        row_put(editor, "\a");
                return !well;
        }
        if (!well)
                row_put(editor, "\a");
        search_show(editor);
        return true;
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
                row_put(editor, "\x1b[H\x1b[2J");
                row_draw(editor);
                break;
        case KEY_SEARCH:
                search_open(editor);
                break;
        case KEY_ABANDON:
                row_put(editor, "\a");
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
        row_put(editor, PASTE_OFF);
        row_put(editor, shown);
        return result;
}

static void insert_loss(struct editor *editor)
{
        editor->keys.lost = false;
        if (editor->search.active)
                search_accept(editor);
        insert(editor, "", 1);
}

enum editor_result editor_take(struct editor *editor, char byte)
{
        enum key key = keys_take(&editor->keys, byte);
        if (editor->keys.lost)
                insert_loss(editor);
        if (editor->search.active && search_take(editor, key))
                return EDITOR_MORE;
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
