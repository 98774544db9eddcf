/* The batch front; see front.h for the protocol. */
#include "servers/shell/front.h"

#include <stdio.h>
#include <string.h>

#include "servers/proto/shell.h"
#include "servers/shell/jobs.h"
#include "servers/shell/remote.h"
#include "servers/shell/terminal.h"

static void answer(int status)
{
        char text[16];
        snprintf(text, sizeof text, "%c%d\n", SHELL_MARK, status);
        terminal_write(text, strlen(text));
}

static struct front batch;

/* ---- output ------------------------------------------------------------------------------------
 */

/* SHELL_MARK begins the end of an answer; in output it is doubled. */
static void terminal_show(const char *bytes, size_t length)
{
        while (length > 0) {
                const char *mark = memchr(bytes, SHELL_MARK, length);
                size_t part = mark ? (size_t)(mark - bytes) + 1 : length;
                terminal_write(bytes, part);
                if (mark)
                        terminal_write(mark, 1);
                bytes += part;
                length -= part;
        }
}

static void show(const char *bytes, size_t length)
{
        if (remote_runs())
                remote_show(bytes, length);
        else
                terminal_show(bytes, length);
}

static bool has_room(void)
{
        return remote_runs() ? remote_has_room() : terminal_has_room();
}

static bool has_keys(void)
{
        return !remote_runs();
}

/* ---- lines -------------------------------------------------------------------------------------
 */

/* The line that is being read. One byte more than a line may have is kept of it, so that it is
 * refused and not cut. */
static struct {
        size_t length;
        bool lost; /* not all of it came */
        char text[SHELL_LINE_MAX + 1];
} line;

static void line_drop(void)
{
        line.length = 0;
        line.lost = false;
}

/* What comes next is another session. */
static void ended(int status)
{
        (void)jobs_take_exit();
        if (remote_runs()) {
                remote_ended(status);
                return;
        }
        answer(status);
        line_drop();
}

/* lost: not all of it came. */
static void line_run(const char *text, size_t length, bool lost)
{
        static struct words words;
        const char *wrong = lost ? "bytes of the line were lost on the way; it was not run"
                                 : words_split(text, length, &words);
        if (wrong) {
                show(wrong, strlen(wrong));
                show("\n", 1);
                ended(STATUS_USAGE);
        } else if (words.count == 0) {
                ended(STATUS_OK);
        } else {
                batch.running = true;
                jobs_run(&words);
        }
}

bool front_batch_is_free(void)
{
        return !batch.running;
}

void front_batch_run(const char *text, size_t length)
{
        line_run(text, length, false);
}

static void take(char byte)
{
        if (byte == '\n') {
                line_run(line.text, line.length, line.lost);
        } else if (byte == SHELL_CANCEL) {
                if (terminal_interrupt_read())
                        line_drop();
        } else if (line.length < sizeof line.text) {
                line.text[line.length++] = byte;
        }
}

static void gap(void)
{
        line.lost = true;
}

struct front *front_batch(void)
{
        batch.screen = (struct job_screen){
            .batch = true, .write = show, .has_room = has_room, .has_keys = has_keys};
        batch.take = take;
        batch.lost = gap;
        batch.ended = ended;
        terminal_write(SHELL_ANEW, sizeof SHELL_ANEW - 1);
        return &batch;
}
