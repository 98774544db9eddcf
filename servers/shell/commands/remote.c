/* on: a line for the shell of another node (interface commands), which may have no port. */
#include <stdio.h>
#include <string.h>

#include "servers/proto/commands.h"
#include "servers/rt/task/time.h"
#include "servers/shell/commands/binding.h"
#include "servers/shell/commands/command.h"

/* Another's line, or one that was cancelled a moment ago, is waited for. */
#define BUSY_WAIT  (10 * RT_SECOND)
#define BUSY_PAUSE (20 * RT_MILLISECOND)

/* As of `ptl on`: the line was not run, or its end is not known. */
enum { STATUS_UNREACHED = 125 };

/* The words with a blank between; false: they are too long for a line. */
static bool line_join(char line[SHELL_LINE_MAX + 1], int count, char **words)
{
        size_t length = 0;
        for (int i = 0; i < count && length <= SHELL_LINE_MAX; i++)
                length += (size_t)snprintf(line + length, SHELL_LINE_MAX + 1 - length, "%s%s",
                                           i > 0 ? " " : "", words[i]);
        return length <= SHELL_LINE_MAX;
}

static outcome_t line_begin(const char *node, const char *line, handle_t *command)
{
        handle_t shell = 0;
        uint64_t until = rt_after(BUSY_WAIT);
        outcome_t outcome = bind_on_node(node, "commands", &shell);
        if (outcome != OUTCOME_OK)
                return outcome;
        do
                outcome = commands_begin(shell, RT_DEADLINE, line, strlen(line), command);
        while (outcome == answered(REASON_BUSY) && rt_now() < until &&
               sys_sleep(rt_after(BUSY_PAUSE)) == OUTCOME_OK);
        sys_handle_close(shell);
        return outcome;
}

/* Shows what it writes, to its end. */
static outcome_t line_follow(struct job *job, handle_t command, int *status)
{
        char bytes[COMMANDS_CHUNK];
        uint64_t ended = 0, value = 0;
        outcome_t outcome;
        do {
                size_t length = 0;
                outcome = commands_output(command, TIME_NEVER, bytes, sizeof bytes, &length, &ended,
                                          &value);
                if (outcome == OUTCOME_OK)
                        job_write(job, bytes, length);
        } while (outcome == OUTCOME_OK && !ended);
        *status = (int)(value & 0xff);
        return outcome;
}

static int on(struct job *job, int count, char **arguments)
{
        char line[SHELL_LINE_MAX + 1];
        handle_t command = 0;
        int status = STATUS_OK;
        if (!line_join(line, count - 2, arguments + 2))
                return job_complain(job, "%s", LINE_TOO_LONG);
        outcome_t outcome = line_begin(arguments[1], line, &command);
        if (outcome == OUTCOME_OK) {
                outcome = line_follow(job, command, &status);
                sys_handle_close(command);
        }
        if (outcome == OUTCOME_OK)
                return status;
        job_fail(job, arguments[1], outcome);
        return STATUS_UNREACHED;
}

const struct command remote_commands[] = {
    {"on", "NODE COMMAND...",
     "runs a command in the batch shell of a node\n"
     "The words are one line there: what is quoted for that node is quoted twice, as in on n3 "
     "'cat \"/fs/a b\"'.\n"
     "Its status is the command's; 125: it did not run, or its end is not known.",
     2, -1, on},
    {0},
};
