/* The batch front; see front.h for the protocol. */
#include "servers/shell/front.h"

#include <stdio.h>
#include <string.h>

#include "servers/proto/shell.h"
#include "servers/shell/jobs.h"
#include "servers/shell/terminal.h"

static void answer(int status)
{
        char text[16];
        snprintf(text, sizeof text, "%c%d\n", SHELL_MARK, status);
        terminal_write(text, strlen(text));
}

static struct front batch;

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

static void line_ended(int status)
{
        (void)jobs_take_exit(); /* the next line is the next session */
        answer(status);
        line_drop();
}

static void line_run(void)
{
        static struct words words;
        const char *wrong = line.lost ? "bytes of the line were lost on the way; it was not run"
                                      : words_split(line.text, line.length, &words);
        if (wrong) {
                terminal_write(wrong, strlen(wrong));
                terminal_write("\n", 1);
                line_ended(STATUS_USAGE);
        } else if (words.count == 0) {
                line_ended(STATUS_OK);
        } else {
                batch.running = true;
                jobs_run(&words);
        }
}

static void take(char byte)
{
        if (byte == '\n') {
                line_run();
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
        batch.screen.batch = true;
        batch.take = take;
        batch.lost = gap;
        batch.ended = line_ended;
        terminal_write(SHELL_ANEW, sizeof SHELL_ANEW - 1);
        return &batch;
}
