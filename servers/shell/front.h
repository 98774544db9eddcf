/* The two ways to use the shell: each is the function of a fiber that never ends. The words that
 * are spoken with the terminal's other end are those of servers/proto/shell.h.
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
 * way. */
#ifndef SHELL_FRONT_H
#define SHELL_FRONT_H

void front_interactive(void *unused);
void front_batch(void *unused);

#endif
