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

static void line_run(const char *line, size_t length)
{
        static struct words words;
        const char *wrong = words_split(line, length, &words);
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

void front_batch(void *unused)
{
        (void)unused;
        static const struct job_screen screen = {.batch = true};
        /* One byte more than a line may have: such a line is complained about, not cut. */
        static char line[SHELL_LINE_MAX + 1];
        size_t length = 0;
        jobs_init(&screen);
        terminal_write(SHELL_ANEW, sizeof SHELL_ANEW - 1);
        for (;;) {
                char bytes[512];
                size_t count = terminal_read(bytes, sizeof bytes);
                for (size_t i = 0; i < count; i++) {
                        if (bytes[i] == '\n') {
                                line_run(line, length);
                                length = 0;
                        } else if (bytes[i] == SHELL_CANCEL) {
                                if (terminal_interrupt_read())
                                        length = 0;
                        } else if (length < sizeof line) {
                                line[length++] = bytes[i];
                        }
                }
        }
}
