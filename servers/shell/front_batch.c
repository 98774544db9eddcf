/* The batch loop; see front.h for the protocol. */
#include "servers/shell/front.h"

#include <stdio.h>
#include <string.h>

#include "servers/proto/shell.h"
#include "servers/shell/job.h"
#include "servers/shell/terminal.h"

static void answer(int status)
{
        char text[16];
        snprintf(text, sizeof text, "%c%d\n", SHELL_MARK, status);
        terminal_write(text, strlen(text));
}

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

static void line_run(void)
{
        static struct words words;
        const char *wrong = line.lost ? "bytes of the line were lost on the way; it was not run"
                                      : words_split(line.text, line.length, &words);
        int status = STATUS_OK;
        if (wrong) {
                terminal_write(wrong, strlen(wrong));
                terminal_write("\n", 1);
                status = STATUS_USAGE;
        } else if (words.count > 0) {
                status = job_run(&words);
        }
        (void)jobs_take_exit(); /* the next line is the next session */
        answer(status);
}

static void take(char byte)
{
        if (byte == '\n') {
                line_run();
                line_drop();
        } else if (byte == SHELL_CANCEL) {
                if (terminal_interrupt_read())
                        line_drop();
        } else if (line.length < sizeof line.text) {
                line.text[line.length++] = byte;
        }
}

void front_batch(void *unused)
{
        (void)unused;
        static const struct job_screen screen = {.batch = true};
        jobs_init(&screen);
        terminal_write(SHELL_ANEW, sizeof SHELL_ANEW - 1);
        for (;;) {
                char bytes[512];
                size_t count = terminal_read(bytes, sizeof bytes);
                line.lost = line.lost || count == 0;
                for (size_t i = 0; i < count; i++)
                        take(bytes[i]);
        }
}
