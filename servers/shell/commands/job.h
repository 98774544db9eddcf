/* The job that this task is for: one command line of a shell, and what is said to the shell of it
 * (interface job). All functions wait for the shell where they must: it ends this task when the
 * user cancels. */
#ifndef COMMANDS_JOB_H
#define COMMANDS_JOB_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include "kernel/abi/outcome.h"
#include "servers/proto/jobs.h"
#include "servers/shell/words.h"

enum { JOB_OUTPUT = 1024 };

struct job {
        const char *name; /* of the command that runs */
        struct words words;
        char output[JOB_OUTPUT]; /* not yet shown: the beginning of a line */
        size_t output_length;
        bool user; /* it has a user's terminal, who can type, of so many … */
        unsigned rows, columns;
};

/* Asks the shell for the line. False: it does not say. */
bool job_begin(struct job *job);

/* Shows what is left, and says how it ended: the last thing that is done. */
void job_end(struct job *job, int status);

/* Formatted output; a line is shown when it ends. */
void job_print(struct job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Bytes as they are; on a user's terminal, where others' bytes could act, the shell makes them
 * visible (servers/rt/pure/visible.h). */
void job_write(struct job *job, const void *bytes, size_t length);

/* What programs show on a user's terminal, at once. raw: they have asked to draw there themselves,
 * and nothing is made visible that acts. */
void job_draw(struct job *job, const char *bytes, size_t length, bool raw);

/* Says `NAME: subject: reason` and returns STATUS_FAILED. Of a subject that is not found and looks
 * like a pattern it says that there are none. */
int job_fail(struct job *job, const char *subject, outcome_t outcome);

/* Says `NAME: text` and returns STATUS_FAILED. */
int job_complain(struct job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
