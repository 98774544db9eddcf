/* Any bytes at the keyboard, on a terminal of any width: the line stays within its bounds, what the
 * editor shows acts on the terminal only as the editor itself does, and a line that is not as it
 * was entered is refused. The first byte is the width. */
#include <stdlib.h>
#include <string.h>
#include "servers/rt/pure/utf8.h"
#include "servers/rt/pure/visible.h"
#include "servers/shell/editor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
        if (!holds)
                abort();
}

/* What the editor may send beside visible text. */
static size_t sequence_length(const char *bytes, size_t length)
{
        size_t at = 2;
        if (length < 3 || bytes[0] != 0x1b || bytes[1] != '[')
                return 0;
        while (at < length && (bytes[at] == '?' || (bytes[at] >= '0' && bytes[at] <= '9')))
                at++;
        return at < length && strchr("CHJKhln", bytes[at]) ? at + 1 : 0;
}

static void shown(void *unused, const char *bytes, size_t length)
{
        (void)unused;
        for (size_t at = 0; at < length;) {
                uint32_t code;
                size_t sequence = sequence_length(bytes + at, length - at);
                size_t next = utf8_next(bytes + at, length - at, &code);
                check(sequence > 0 || visible_code(code) ||
                      (code != 0 && code < 0x80 && strchr("\r\n\a\b", (int)code)));
                at += sequence > 0 ? sequence : next;
        }
}

static void invariants(const struct editor *editor)
{
        check(editor->length <= sizeof editor->line && editor->cursor <= editor->length);
        check(editor->shown_from <= editor->cursor);
        if (memchr(editor->line, 0, editor->length) || editor->cut)
                check(editor_refusal(editor));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct editor editor; /* large */
        struct history history = {.count = 0};
        if (size == 0)
                return 0;
        editor = (struct editor){
            .prompt = "n1> ", .columns = 4 + data[0], .write = shown, .history = &history};
        editor_start(&editor);
        for (size_t i = 1; i < size; i++) {
                enum editor_result result = editor_take(&editor, (char)data[i]);
                invariants(&editor);
                if (result == EDITOR_TAB)
                        editor_insert(&editor, (const char *)data, i % 3);
                else if (result != EDITOR_MORE)
                        editor_start(&editor);
        }
        editor_lost(&editor);
        invariants(&editor);
        while (history.count > 0)
                free(history.lines[--history.count]);
        return 0;
}
