/* The programs of one line of `run`: run.c makes and starts them, programs.c is about them while
 * they run. Context: the job's fiber, but for what programs.c says. */
#ifndef SHELL_PIPELINE_H
#define SHELL_PIPELINE_H

#include "servers/shell/job.h"

enum { STAGES = 4 };

/* One program of the line. */
struct stage {
        const char *node; /* NULL: this one */
        char **words;     /* the program and its arguments */
        int count;
        const char *input, *output, *errors; /* files; NULL: a pipe, or nothing */
        bool append;
        uint64_t memory;  /* bytes; 0: the process server's default */
        handle_t process; /* 0: not made */
        uint64_t id;      /* its number */
};

struct pipeline {
        struct stage stages[STAGES];
        int count;
        handle_t output;          /* what all have to say: a pipe, or the terminal's screen */
        bool terminal;            /* it is a terminal, with … */
        struct keyboard keyboard; /* … its keys */

        struct job_programs programs;
        handle_t watch; /* call object: tells when the last program stops or ends; 0: not made */
        bool watches;   /* it is under way */
        bool stopped;   /* what it has told … */
        bool over;
        uint64_t status; /* … with this outcome and status */
        outcome_t outcome;
};

/* Follows programs that were started to their end: what they say, signals for them, stops. Returns
 * the status of the last one. */
int pipeline_follow(struct job *job, struct pipeline *line);

/* Drops the rights to them. */
void pipeline_drop(struct pipeline *line);

#endif
