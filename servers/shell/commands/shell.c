/* Commands about commands: help, time; and what is said of those that the shell does itself. */
#include <stdio.h>
#include <string.h>

#include "servers/rt/task/time.h"
#include "servers/shell/commands/command.h"

static void help_line(void *context, const struct command *command)
{
        const char *end = strchr(command->help, '\n');
        int length = end ? (int)(end - command->help) : (int)strlen(command->help);
        char name[64];
        snprintf(name, sizeof name, "%s %s", command->name, command->usage);
        job_print(context, "  %-28s %.*s\n", name, length, command->help);
}

/* No commands of their own, but asked for like one: help '&', help Ctrl-R. */
static const struct command background = {
    .name = "COMMAND",
    .usage = "&",
    .help = "runs in the background\n"
            "`&` is the last word of the line, unquoted. `wait` waits for all background jobs.",
};
static const struct command search = {
    .name = "Ctrl-R",
    .usage = "TEXT",
    .help = "finds the latest line with that text in it, at an interactive prompt\n"
            "Ctrl-R again: one before it. Enter runs what was found, Ctrl-G goes back to what was "
            "there,\n"
            "and other keys go on with what was found.",
};

static const struct command *topic_find(const char *name)
{
        if (strcmp(name, "&") == 0)
                return &background;
        return strcmp(name, search.name) == 0 ? &search : command_find(name);
}

static int help(struct job *job, int count, char **arguments)
{
        if (count == 1) {
                commands_each(help_line, job);
                help_line(job, &background);
                help_line(job, &search);
                return STATUS_OK;
        }
        const struct command *command = topic_find(arguments[1]);
        if (!command)
                return job_complain(job, "%s: no such command; `help` lists them", arguments[1]);
        command_usage(job, command);
        job_print(job, "%s\n", command->help);
        return STATUS_OK;
}

static int time_command(struct job *job, int count, char **arguments)
{
        uint64_t begin = rt_now();
        int status = command_run(job, count - 1, arguments + 1);
        uint64_t taken = (rt_now() - begin) / RT_MICROSECOND;
        job_print(job, "%llu.%06llu s\n", (unsigned long long)(taken / 1000000),
                  (unsigned long long)(taken % 1000000));
        return status;
}

/* The shell does those that change it, where they stand at the beginning of the line. */
static int own(struct job *job, int count, char **arguments)
{
        (void)count;
        (void)arguments;
        return job_complain(job, "it stands at the beginning of a line, alone");
}

#define OWN(name, usage, least, most, help) {#name, usage, help, 0, -1, own},

const struct command shell_commands[] = {
    {"help", "[COMMAND]", "lists the commands, or says how one is used", 0, 1, help},
    {"time", "COMMAND...", "runs a command and says how long it took", 1, -1, time_command},
#include "servers/shell/own.def"
    {0},
};
