/* The programs of one line of `run`: run.c makes and starts them, programs.c is about them while
 * they run. */
#ifndef COMMANDS_PIPELINE_H
#define COMMANDS_PIPELINE_H

#include "kernel/abi/rights.h"
#include "servers/shell/commands/job.h"

enum { STAGES = 4 };

/* One program of the line. */
struct stage {
        const char *node; /* NULL: this one */
        char **words;     /* the program and its arguments */
        int count;
        const char *input, *output, *errors; /* files; NULL: a pipe, or nothing */
        bool append, append_errors;
        uint64_t memory;  /* bytes; 0: the process server's default */
        handle_t process; /* 0: not made */
        uint64_t id;      /* its number */
};

struct pipeline {
        struct stage stages[STAGES];
        int count;
        handle_t output; /* what all have to say: a pipe, or the terminal's keys and screen */
        bool terminal;   /* it is a terminal */
};

/* Follows programs that were started to their end: what they say, the user's keys, signals for
 * them, stops. Returns the status of the last one. */
int pipeline_follow(struct job *job, struct pipeline *line);

/* Drops the rights to them. */
void pipeline_drop(struct pipeline *line);

#endif
