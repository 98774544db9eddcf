/* The two ways to use the shell: each is the function of a fiber that never ends.
 *
 * Interactive: a prompt, a line editor, lines above it from jobs in the background. `exit`, Ctrl-D
 * at an empty prompt, or Ctrl-C there twice, leave it: it says FRONT_LEAVE and begins anew for the
 * next user.
 *
 * Batch: reads `COMMAND\n` and answers with the output, then 0x1e, the status in decimal and a
 * newline. A byte 0x1e of the output comes doubled. An empty line is answered with status 0. A byte
 * 0x03 cancels the command that runs, and drops a line that has only begun. At its start the shell
 * says FRONT_ANEW: whatever an earlier one had been told is lost. */
#ifndef SHELL_FRONT_H
#define SHELL_FRONT_H

/* What the terminal's other end is told when the user has left: tools/ptl/terminal.h. */
#define FRONT_LEAVE                                                                                \
        "\x1e"                                                                                     \
        "exit\n"

/* The batch shell has just started: tools/ptl/batch.h. */
#define FRONT_ANEW "\x1e\n"

void front_interactive(void *unused);
void front_batch(void *unused);

#endif
