/* Commands about the shell itself: help, time, wait, jobs, export, exit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "servers/rt/task/time.h"
#include "servers/shell/binding.h"
#include "servers/shell/command.h"
#include "servers/shell/environment.h"

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

/* Job control is foreground-only: a background job would wait for itself. */
static int refuse_background(struct job *job)
{
        return job_complain(job, "not in the background");
}

static int wait_command(struct job *job, int count, char **arguments)
{
        (void)count;
        (void)arguments;
        if (job->number > 0)
                return refuse_background(job);
        return jobs_wait();
}

static int jobs_command(struct job *job, int count, char **arguments)
{
        (void)count;
        (void)arguments;
        jobs_list(job);
        return STATUS_OK;
}

/* %N, or the job that was last put into the background. */
static int resume(struct job *job, int count, char **arguments, bool foreground)
{
        uint64_t number = 0;
        if (job->number > 0)
                return refuse_background(job);
        if (count > 1 &&
            (arguments[1][0] != '%' || !number_parse(arguments[1] + 1, 99, &number) || number == 0))
                return job_complain(job, "%s: not a %%JOB", arguments[1]);
        if (jobs_resume(number, foreground))
                return STATUS_OK;
        return job_complain(job, "%s: no such job; `jobs` lists them",
                            count > 1 ? arguments[1] : "the last one");
}

static int fg(struct job *job, int count, char **arguments)
{
        return resume(job, count, arguments, true);
}

static int bg(struct job *job, int count, char **arguments)
{
        return resume(job, count, arguments, false);
}

static int export_command(struct job *job, int count, char **arguments)
{
        size_t length;
        const char *wrong, *all = environment_all(&length);
        if (count == 1)
                for (const char *at = all; at < all + length; at += strlen(at) + 1)
                        job_print(job, "%s\n", at);
        for (int i = 1; i < count; i++)
                if (!environment_set(arguments[i], &wrong))
                        return job_complain(job, "%s: %s", arguments[i], wrong);
        return STATUS_OK;
}

static int exit_command(struct job *job, int count, char **arguments)
{
        uint64_t status = STATUS_OK;
        if (job->number > 0)
                return refuse_background(job);
        if (count > 1 && !number_parse(arguments[1], 255, &status))
                return job_complain(job, "%s: not a status from 0 to 255", arguments[1]);
        jobs_exit();
        return (int)status;
}

const struct command shell_commands[] = {
    {"help", "[COMMAND]", "lists the commands, or says how one is used", 0, 1, help},
    {"time", "COMMAND...", "runs a command and says how long it took", 1, -1, time_command},
    {"wait", "",
     "waits for the jobs in the background that are not stopped\n"
     "Its status is that of the last one that failed. Ctrl-C ends the waiting, not the jobs.",
     0, 0, wait_command},
    {"jobs", "", "lists the jobs in the background", 0, 0, jobs_command},
    {"fg", "[%JOB]",
     "gives the foreground to a job, which goes on if it was stopped\n"
     "Ctrl-Z stops the programs of the line in the foreground. Without %JOB: the one that was "
     "stopped last.",
     0, 1, fg},
    {"bg", "[%JOB]",
     "lets a stopped job go on in the background\n"
     "What it reads from the terminal it gets when it has the foreground again.",
     0, 1, bg},
    {"export", "[NAME=VALUE...]",
     "sets variables that programs are given, or lists them\n"
     "PATH has the folders in which programs are looked for by their names.",
     0, -1, export_command},
    {"exit", "[STATUS]", "leaves the shell", 0, 1, exit_command},
    {0},
};
