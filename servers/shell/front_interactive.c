/* The interactive loop; see front.h. */
#include "servers/shell/front.h"

#include <stdio.h>
#include <string.h>

#include "servers/proto/shell.h"
#include "servers/rt/pure/visible.h"
#include "servers/rt/start/startup.h"
#include "servers/shell/complete.h"
#include "servers/shell/editor.h"
#include "servers/shell/job.h"
#include "servers/shell/terminal.h"

enum { COLUMNS = 80 }; /* of a terminal that does not say */

static void editor_write(void *context, const char *bytes, size_t length)
{
        (void)context;
        terminal_write(bytes, length);
}

static struct {
        struct history history;
        struct editor editor;
        char prompt[STARTUP_NAME + 4];
        bool leaving; /* Ctrl-C came at an empty prompt, and nothing since */
} front;

static void hide(void)
{
        editor_hide(&front.editor);
}

static void show(void)
{
        editor_show(&front.editor);
}

static void size(unsigned *rows, unsigned *columns)
{
        *rows = front.editor.rows;
        *columns = (unsigned)front.editor.columns;
}

static void resized(unsigned rows, unsigned columns)
{
        editor_resized(&front.editor, rows, columns);
}

static void lines_show(void *unused, const char *bytes, size_t length)
{
        (void)unused;
        terminal_write_lines(bytes, length);
}

static void say(const char *text)
{
        terminal_write_lines(text, strlen(text));
}

/* The next user may have another terminal. */
static void leave(void)
{
        front.leaving = false;
        front.editor.told = false;
        terminal_write(SHELL_LEAVE, strlen(SHELL_LEAVE));
}

static void line_run(void)
{
        static struct words words;
        const char *wrong = editor_refusal(&front.editor);
        if (!wrong)
                wrong = words_split(front.editor.line, front.editor.length, &words);
        if (wrong) {
                say(wrong);
                say("\n");
        } else if (words.count > 0) {
                (void)job_run(&words);
        }
        if (jobs_take_exit())
                leave();
}

static void cancelled(bool empty)
{
        if (empty && front.leaving) {
                leave();
                return;
        }
        front.leaving = empty;
        if (empty)
                say("Ctrl-C once more, or `exit`, leaves this shell\n");
}

/* The names to choose from, in rows, above the line. */
static void names_show(const struct completion *completion)
{
        struct visible visible = {0};
        hide();
        visible_write(&visible, completion->names, completion->names_length, lines_show, NULL);
        show();
}

/* Types what the word before the cursor becomes; if that is not known, shows what it can be. */
static void word_complete(void)
{
        static struct completion completion; /* large */
        char text[2 * FS_NAME_MAX];
        struct editor *editor = &front.editor;
        bool found = complete(&completion, editor->line, editor->cursor);
        size_t length = found ? completion_text(&completion, text, sizeof text) : 0;
        if (length == 0 && found)
                names_show(&completion);
        else
                editor_insert(editor, text, length);
}

static void take(char byte)
{
        if (byte == SHELL_CANCEL && !terminal_interrupt_read())
                return;
        bool empty = front.editor.length == 0;
        switch (editor_take(&front.editor, byte)) {
        case EDITOR_MORE:
                front.leaving = front.leaving && front.editor.length == 0;
                return;
        case EDITOR_TAB:
                word_complete();
                return;
        case EDITOR_LINE:
                front.leaving = false;
                line_run();
                break;
        case EDITOR_CANCELLED:
                cancelled(empty);
                break;
        case EDITOR_CLOSED:
                leave();
                break;
        }
        editor_start(&front.editor);
}

void front_interactive(void *unused)
{
        (void)unused;
        static const struct job_screen screen = {
            .hide = hide, .show = show, .size = size, .resized = resized};
        jobs_init(&screen);
        snprintf(front.prompt, sizeof front.prompt, "%s> ", rt_node());
        front.editor = (struct editor){
            .prompt = front.prompt,
            .columns = COLUMNS,
            .write = editor_write,
            .history = &front.history,
        };
        editor_start(&front.editor);
        for (;;) {
                char bytes[512];
                size_t count = terminal_read(bytes, sizeof bytes);
                if (count == 0)
                        editor_lost(&front.editor);
                for (size_t i = 0; i < count; i++)
                        take(bytes[i]);
        }
}
