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

static bool running; /* a command, in the foreground */

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
                running = true;
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

const struct job_screen *front_batch(void)
{
        static const struct job_screen screen = {.batch = true};
        terminal_write(SHELL_ANEW, sizeof SHELL_ANEW - 1);
        return &screen;
}

/* The foreground's command has ended, if there was one. False: it runs. */
static bool command_over(void)
{
        int status;
        if (!running)
                return true;
        running = jobs_foreground(&status);
        if (running)
                return false;
        line_ended(status);
        return true;
}

bool front_batch_work(void)
{
        bool begun = false;
        char byte;
        while (command_over() && terminal_has_room()) {
                if (terminal_read(&byte, 1) == 1)
                        take(byte);
                else if (terminal_take_gap())
                        line.lost = true;
                else
                        return false;
                begun = running;
        }
        return begun;
}
