/* The interactive front; see front.h. */
#include "servers/shell/front.h"

#include <stdio.h>
#include <string.h>

#include "servers/proto/shell.h"
#include "servers/rt/pure/visible.h"
#include "servers/rt/start/startup.h"
#include "servers/shell/editor.h"
#include "servers/shell/jobs.h"
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
        bool asking;  /* the command that runs is that for the names of: */
        struct completion completion;
} front;

static struct front interactive;

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

static bool set_pasting(bool pasting)
{
        const bool before = front.editor.keys.pasting;
        front.editor.keys.pasting = pasting;
        return before;
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

static void line_ended(void)
{
        if (jobs_take_exit())
                leave();
        editor_start(&front.editor);
}

static void line_run(void)
{
        static struct words words;
        const char *wrong = editor_refusal(&front.editor);
        front.leaving = false;
        if (!wrong)
                wrong = words_split(front.editor.line, front.editor.length, &words);
        if (wrong) {
                say(wrong);
                say("\n");
        }
        if (wrong || words.count == 0) {
                line_ended();
                return;
        }
        interactive.running = true;
        jobs_run(&words);
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

/* The word before the cursor is to be completed. */
static void names_ask(void)
{
        struct editor *editor = &front.editor;
        if (!completion_begin(&front.completion, editor->line, editor->cursor)) {
                editor_insert(editor, NULL, 0);
                return;
        }
        interactive.running = front.asking = true;
        jobs_complete(&front.completion);
}

/* Types what the word before the cursor becomes; if that is not known, shows what it can be. */
static void names_use(void)
{
        const struct completion *completion = &front.completion;
        char text[2 * FS_NAME_MAX];
        size_t length = completion_text(completion, text, sizeof text);
        front.asking = false;
        if (length == 0 && completion->count > 0)
                names_show(completion);
        else
                editor_insert(&front.editor, text, length);
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
                names_ask();
                return;
        case EDITOR_LINE:
                line_run();
                return;
        case EDITOR_CANCELLED:
                cancelled(empty);
                break;
        case EDITOR_CLOSED:
                leave();
                break;
        }
        editor_start(&front.editor);
}

static void gap(void)
{
        editor_lost(&front.editor);
}

static void ended(int status)
{
        (void)status; /* its command tells it */
        if (front.asking)
                names_use();
        else
                line_ended();
}

static bool has_keys(void)
{
        return true;
}

struct front *front_interactive(void)
{
        interactive.screen = (struct job_screen){.has_room = terminal_has_room,
                                                 .has_keys = has_keys,
                                                 .hide = hide,
                                                 .show = show,
                                                 .size = size,
                                                 .resized = resized,
                                                 .set_pasting = set_pasting};
        interactive.take = take;
        interactive.lost = gap;
        interactive.ended = ended;
        snprintf(front.prompt, sizeof front.prompt, "%s> ", rt_node());
        front.editor = (struct editor){
            .prompt = front.prompt,
            .columns = COLUMNS,
            .write = editor_write,
            .history = &front.history,
        };
        editor_start(&front.editor);
        return &interactive;
}
