/* Jobs: command lines that run, one in the foreground and some in the background, each as a task of
 * its own (program `command`, commands/main.c), with an account of its own.
 *
 *      free ──start──> running ──it says `ended`, its task dies, it is cancelled──> ended ──> free
 *
 * What a job may have is its right to this shell's port, badge its number among all jobs ever: by
 * interface job it asks for its line and shows what it has to say, by interface name it looks up
 * what its command is for (asks.h). Cancelling it destroys the account, and with it the task, its
 * calls, and the rights by which programs live that it has started. So whatever a command does, the
 * shell goes on.
 *
 * What a job writes of a foreground job goes to the terminal at once. That of a background job goes
 * above the line that the user is editing; on a batch terminal, where nobody may write between two
 * answers, it waits until the next command runs. A job waits for its answer as long as there is no
 * room: so much of it is kept here, and no more.
 *
 *      jobs          the table, starting, ending
 *      job_output    what jobs write
 *      job_serve     what jobs ask: interfaces job, name and log
 *      own           commands that change the shell itself: no job is made for them
 *
 * Context: the shell's one thread. */
#ifndef SHELL_JOBS_H
#define SHELL_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include "servers/proto/job.h"
#include "servers/proto/jobs.h"
#include "servers/rt/pure/cpio.h"
#include "servers/rt/pure/visible.h"
#include "servers/rt/serve/serve.h"
#include "servers/rt/start/spawn.h"
#include "servers/shell/completion.h"
#include "servers/shell/keyboard.h"
#include "servers/shell/words.h"

enum { JOBS_BACKGROUND = 4 };

struct job {
        bool used;
        int number; /* 0: in the foreground */
        bool ended; /* … but its last line is not shown yet */
        int status;
        uint64_t badge;
        struct spawned spawned; /* account 0: it has ended */
        struct words words;
        struct completion *completion; /* its output are names for that; NULL: it is to be seen */

        /* What it has written and is not shown yet. */
        enum job_shown how;
        char text[JOB_CHUNK + 64];
        size_t length;
        handle_t writer;        /* its call that waits for that; 0: none */
        struct visible visible; /* what was shown on a user's terminal may end within a character */

        bool is_tight; /* it has come near to its limit of memory, which was told */

        bool follows;      /* it follows programs, which … */
        bool stopped;      /* … have stopped */
        uint64_t signals;  /* orders for it that it does not know yet: bit N for number N … */
        bool foregrounded; /* … and that it has the foreground again */
        handle_t orderer;  /* its call that waits for orders; 0: none */

        bool has_keys;
        handle_t reader; /* its call that waits for keys; 0: none */
        struct keyboard_filter filter;
        uint64_t held_until;
        bool resized;      /* it has not been told */
        uint64_t hangs_at; /* it has not seen to a Ctrl-C by then: it is ended; 0: there was none */
};

/* What jobs need of the front: set once. */
struct job_screen {
        bool batch;
        void (*write)(const char *bytes, size_t length); /* in batch: output of the foreground */
        bool (*has_room)(void);                          /* for a job's chunk of it */
        bool (*has_keys)(void);                          /* Ctrl-C at the terminal is for it */
        void (*hide)(void); /* before output above the line; NULL in batch */
        void (*show)(void); /* … and behind it */
        /* What the user's terminal has, and has now. */
        void (*size)(unsigned *rows, unsigned *columns);
        void (*resized)(unsigned rows, unsigned columns);
        /* Whether what comes was pasted: of who has the keys. Returns what was so before. */
        bool (*set_pasting)(bool pasting);
};
outcome_t jobs_begin(struct server *server, const struct job_screen *screen, uint64_t bit);

/* ---- for the front ---- */

/* Begins a command line in the foreground; with `&`, in the background. */
void jobs_run(const struct words *words);

/* Begins to ask for the names that the completion wants, in the foreground. */
void jobs_complete(struct completion *completion);

/* Whether the foreground's command runs still; if not, its status. */
bool jobs_foreground(int *status);

/* Cancels what runs in the foreground. */
void jobs_interrupt(void);

/* Whether `exit` was given since the last time. */
bool jobs_take_exit(void);

/* ---- for the program's loop ---- */

/* Passes on keys, shows what there is room for, looks after interrupts. Returns when to be called
 * again, at the latest. */
uint64_t jobs_work(uint64_t now);

/* Some task may have died. */
void jobs_look(void);

/* ---- among the parts ---- */

extern struct jobs {
        struct server *server;
        handle_t event;
        uint64_t bit; /* of the event: a task has died */
        struct job_screen screen;
        struct cpio_entry program; /* that runs them */
        struct job list[1 + JOBS_BACKGROUND];
        struct job *foreground; /* NULL: none, or what runs there is the shell's own */
        uint64_t latest;        /* number of the job that was set aside last */
        bool foreground_runs;   /* a command is under way in the foreground */
        bool waiting;           /* it is `wait` */
        int status;             /* of the foreground's last */
        int background_status;  /* of the last background job that failed */
        uint64_t badges;        /* given so far */
        bool exit;
} jobs;

/* The job whose right that is; NULL: it has ended. */
struct job *job_of(uint64_t badge);

/* Ends a job that has not ended: its task is gone then. */
void job_end(struct job *job, int status);

/* Ends one that has faulted, or whose task is gone without a word. */
void job_crashed(struct job *job);

/* The foreground's command has ended that was no job. */
void jobs_foreground_end(int status);

/* Formatted text in the name of a job, of a command of the shell's own if it is NULL: of what does
 * not fit, the rest is left out. */
void jobs_print(struct job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A line about a job, with its words. */
void job_say(struct job *to, const struct job *job, const char *state);

/* Shows what there is, if it may be shown now, and answers who waits for that. True: nothing is
 * left. */
bool job_output(struct job *job);

/* Nothing more comes of it. */
void job_output_end(struct job *job);

/* Serves interfaces job and name. */
outcome_t job_serve_begin(void);

/* The job does not wait any more for keys or for orders. */
void job_serve_end(struct job *job);

/* The job of that number in the background; NULL: there is none. */
struct job *jobs_numbered(uint64_t number);

/* It fails, and says so. */
void job_cancel(struct job *job);

/* Its programs get the signal (1 to 63). */
void job_signal(struct job *job, unsigned signal);

/* Its programs go on if they have stopped; in the foreground, which the command `fg` has. */
void job_resume(struct job *job, bool foreground);

/* Its programs have stopped: it is put into the background. False: there is no room. */
bool job_set_aside(struct job *job);

/* Tells it what was ordered. */
void job_orders_work(struct job *job);

/* Passes keys on to the foreground. Returns until when they may be held, at most. */
uint64_t job_keys_pass(struct job *job, uint64_t now);

/* Whether a job that has the keys has had a Ctrl-C for too long: it asks for no more keys. *until
 * is brought forward to when that is to be looked at again. */
bool job_hangs(struct job *job, uint64_t now, uint64_t *until);

/* The call for names has its outcome; those that failed for a moment are made again. */
void job_lookup_completed(uint64_t key);
uint64_t job_lookups_work(uint64_t now);

/* Keys of its calls: from here on. */
enum { JOB_KEY_LOOKUP = 16 };

#endif
