/* The two ways to use the shell. The words that are spoken with the terminal's other end are those
 * of servers/proto/shell.h.
 *
 * Interactive: a prompt, a line editor, lines above it from jobs in the background. `exit`, Ctrl-D
 * at an empty prompt, or Ctrl-C there twice, leave it: it says SHELL_LEAVE and begins anew for the
 * next user.
 *
 * Batch: reads `COMMAND\n` and answers with the output, then SHELL_MARK, the status in decimal and
 * a newline. An empty line is answered with status 0. SHELL_CANCEL ends the command that runs, and
 * drops a line that has only begun. At its start the shell says SHELL_ANEW.
 *
 * Both refuse a line whole, and say so, if any of it was lost: because it is too long, or on its
 * way. Both take input only while the terminal has room for what it may lead to. */
#ifndef SHELL_FRONT_H
#define SHELL_FRONT_H

#include "servers/shell/jobs.h"

struct front {
        struct job_screen screen; /* what jobs need to know of it */
        bool running;             /* a command that it began, in the foreground */
        void (*take)(char byte);  /* that was typed */
        void (*lost)(void);       /* what was typed here */
        void (*ended)(int status);
};

/* Each begins, and is the shell's only one. */
struct front *front_interactive(void);
struct front *front_batch(void);

/* For lines that come another way than by the batch terminal (remote.h): one that is free runs such
 * a line, in the foreground. */
bool front_batch_is_free(void);
void front_batch_run(const char *text, size_t length);

/* Takes what was typed, until a command runs, which is then jobs_work()'s. True: one was begun and
 * has not ended. */
bool front_work(struct front *front);

#endif
