/* Child processes. Every child dies with ptl, whatever ends ptl (PR_SET_PDEATHSIG), and is in no
 * process group of the terminal, so that Ctrl-C reaches only ptl, which then ends them in order. */
#ifndef PTL_CHILD_H
#define PTL_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Starts argv[0], looked up in PATH, with input from /dev/null and output and errors appended to
 * the file log. Returns its process id, or -1 with errno set, also if it cannot be executed. */
pid_t child_start(char *const argv[], const char *log);

/* Ends a child, and whatever it has started without a session of its own. Does not wait. */
void child_kill(pid_t child);

/* Runs argv[0] to its end, errors to our own, and gives what it printed, at most size - 1 bytes.
 * Returns true if it ended with status 0 before the deadline (see clock.h); the child itself says
 * what was wrong, except where it could not be started or did not end: then this complains. A
 * blocked signal that comes meanwhile ends the child, and stays to be read. */
bool child_output(char *const argv[], char *output, size_t size, int64_t deadline);

/* True if a program of that name can be executed: a path, or a name to look up in PATH. */
bool program_exists(const char *name);

#endif
