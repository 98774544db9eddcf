/* Jobs: commands that run, one in the foreground and some in the background, each in a fiber.
 *
 *      free ──job_start──> running ──the command returns──> ended ──its starter has seen it──> free
 *
 * One whose programs stop while it has the foreground is in the background from then on, until `fg`
 * or `bg` lets it go on.
 *
 * What a job writes is collected into lines. A foreground job's go to the terminal at once. Those
 * of a background job go above the line that the user is editing; on a batch terminal, where nobody
 * may write between two answers, they wait until the next command runs. */
#ifndef SHELL_JOB_H
#define SHELL_JOB_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include "kernel/abi/outcome.h"
#include "servers/rt/pure/visible.h"
#include "servers/shell/keyboard.h"
#include "servers/shell/words.h"

enum { JOBS_BACKGROUND = 4, JOB_OUTPUT = 1024 };

/* What a command returns, beside its own numbers from 3 on. */
enum job_status {
        STATUS_OK = 0,
        STATUS_FAILED = 1,
        STATUS_USAGE = 2,
        STATUS_UNKNOWN = 127,
        STATUS_CANCELLED = 130,
        STATUS_STOPPED = 148, /* 128 and the number of SIGTSTP, as of one that was ended by it */
};

/* The programs that a job runs, for whoever controls the job. */
struct job_programs {
        void *context;
        /* Sends a signal to all of them; SIGCONT lets them go on. May wait. */
        void (*signal)(void *context, unsigned signal);
        /* Whether they have stopped. Waits for nothing. */
        bool (*stopped)(void *context);
};

struct job {
        bool used;
        int number; /* 0: in the foreground */
        int fiber;
        bool ended;
        int status;
        const char *name; /* of the command that runs */
        struct words words;
        char output[JOB_OUTPUT]; /* not yet shown */
        size_t output_length;
        struct visible visible; /* what was shown on a user's terminal may end within a character */
        struct keyboard *keyboard; /* programs have the user's keys; NULL: the shell has them */
        const struct job_programs *programs; /* NULL: it runs none */
        unsigned users; /* fibers that pass keys or signals on: both are there until they have */
};

/* ---- for commands: all wait for room where there is none ---- */

/* Formatted output; a line is shown when it ends. */
void job_print(struct job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Bytes as they are; on a user's terminal, where others' bytes could act, made visible
 * (servers/rt/pure/visible.h). */
void job_write(struct job *job, const void *bytes, size_t length);

/* Whether the job has a user's terminal, who can type: it is in the foreground of an interactive
 * shell. Then the terminal has so many rows and columns; 0: not known. */
bool job_has_user(const struct job *job, unsigned *rows, unsigned *columns);

/* The keys are the programs' from here on, or (NULL) the shell's again: then `keyboard` is not used
 * any more. */
void job_keyboard_give(struct job *job, struct keyboard *keyboard);

/* The job has programs from here on, or (NULL) none: then `programs` is not used any more. */
void job_programs_give(struct job *job, const struct job_programs *programs);

/* What programs show on a user's terminal: at once, and with its newlines made for it. raw: they
 * have asked to draw there themselves, and nothing is made visible that acts. */
void job_show(struct job *job, const char *bytes, size_t length, bool raw);

/* Says `NAME: subject: reason` and returns STATUS_FAILED, or STATUS_CANCELLED if the job was
 * cancelled. Of a subject that is not found and looks like a pattern it says that there are
 * none. */
int job_fail(struct job *job, const char *subject, outcome_t outcome);

/* Says `NAME: text` and returns STATUS_FAILED. */
int job_complain(struct job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- for the front ---- */

/* How background output reaches the terminal: set once. */
struct job_screen {
        bool batch;
        void (*hide)(void); /* before output above the line; NULL in batch */
        void (*show)(void); /* … and behind it */
        /* What the user's terminal has, and has now. */
        void (*size)(unsigned *rows, unsigned *columns);
        void (*resized)(unsigned rows, unsigned columns);
};
void jobs_init(const struct job_screen *screen);

/* Runs a command line to its end in the foreground; Ctrl-C cancels it. Returns its status. A line
 * with `&` is started in the background, and STATUS_OK returned. */
int job_run(const struct words *words);

/* Whether `exit` was given since the last time. */
bool jobs_take_exit(void);

/* ---- for the commands wait, jobs, fg, bg, kill and exit ---- */

/* Waits for all background jobs but those that are stopped: the status of the last one that failed
 * since the last time, or STATUS_OK; STATUS_CANCELLED if this job was cancelled. */
int jobs_wait(void);
void jobs_exit(void);

/* Cancels the job of that number in the background: it fails, and says so. False: there is none. */
bool jobs_cancel(uint64_t number);

/* Sends a signal to the programs of that job. False: it has none, or there is no such job. */
bool jobs_signal(uint64_t number, unsigned signal);

/* Lets the job of that number (0: the one that was last put into the background) go on, in the
 * foreground when the command that asks for it has ended, or in the background. False: there is
 * none. */
bool jobs_resume(uint64_t number, bool foreground);

/* Prints those in the background to the job's output. */
void jobs_list(struct job *job);

#endif
