/* The commands: what each is called, how it is used, what it does. */
#ifndef SHELL_COMMAND_H
#define SHELL_COMMAND_H

#include "servers/shell/commands/job.h"

struct command {
        const char *name;
        const char *usage; /* its arguments, as in "FILE..." */
        const char *help;  /* one or more lines, without a newline at the end; NULL: hidden */
        int least, most;   /* number of arguments; most -1: any */
        /* arguments[0] is the name. Returns its status. */
        int (*run)(struct job *job, int count, char **arguments);
};

/* Lists of commands, each in its file below commands/, ended by one without a name. */
extern const struct command shell_commands[], file_commands[], folder_commands[],
    cluster_commands[], component_commands[], call_commands[], program_commands[], name_commands[],
    remote_commands[];

/* Runs the command that the first of `count` words (at least one) names. Reports if there is no
 * such command, or not with that number of arguments. Returns the status. */
int command_run(struct job *job, int count, char **words);

/* Runs a program by its name, as `run` does without options (commands/run.c). Says nothing and
 * returns STATUS_UNKNOWN if there is none of that name. */
int program_run(struct job *job, int count, char **words);

/* Prints `usage: NAME ARGUMENTS`. */
void command_usage(struct job *job, const struct command *command);

/* The command of that name, or NULL. */
const struct command *command_find(const char *name);

/* Calls function for each command that is not hidden, in the order of the lists. */
void commands_each(void (*function)(void *context, const struct command *command), void *context);

#endif
