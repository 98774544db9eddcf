/* Finds and runs commands; see command.h. */
#include "servers/shell/commands/command.h"

#include <string.h>

static const struct command *const lists[] = {
    shell_commands, cluster_commands, file_commands, folder_commands, component_commands,
    call_commands,  program_commands, name_commands, remote_commands,
};

void commands_each(void (*function)(void *context, const struct command *command), void *context)
{
        for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
                for (const struct command *command = lists[i]; command->name; command++)
                        if (command->help)
                                function(context, command);
        }
}

const struct command *command_find(const char *name)
{
        for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
                for (const struct command *command = lists[i]; command->name; command++) {
                        if (strcmp(command->name, name) == 0)
                                return command;
                }
        }
        return NULL;
}

void command_usage(struct job *job, const struct command *command)
{
        job_print(job, "usage: %s%s%s\n", command->name, *command->usage ? " " : "",
                  command->usage);
}

/* Those that run what stands behind them. */
static bool takes_operators(const char *name)
{
        return strcmp(name, "run") == 0 || strcmp(name, "on") == 0 || strcmp(name, "time") == 0;
}

static bool has_operator(const struct job *job, char **words, int count)
{
        int first = (int)(words - job->words.word);
        for (int i = 0; i < count; i++)
                if (word_is_operator(&job->words, first + i))
                        return true;
        return false;
}

static int operator_refuse(struct job *job, const char *name)
{
        job_print(
            job,
            "%s: |, <, > and the like are for programs, as in `run busybox cat /fs/a | busybox "
            "sort`, not for the shell's own commands; as text they are quoted\n",
            name);
        return STATUS_USAGE;
}

int command_run(struct job *job, int count, char **words)
{
        const struct command *command = command_find(words[0]);
        if (!command) {
                int status = program_run(job, count, words);
                if (status == STATUS_UNKNOWN)
                        job_print(job, "%s: no such command; `help` lists them\n", words[0]);
                return status;
        }
        int arguments = count - 1;
        if (arguments < command->least || (command->most >= 0 && arguments > command->most)) {
                job_print(job, "%s: ", words[0]);
                command_usage(job, command);
                return STATUS_USAGE;
        }
        if (!takes_operators(command->name) && has_operator(job, words, count))
                return operator_refuse(job, words[0]);
        const char *before = job->name;
        job->name = words[0];
        int status = command->run(job, count, words);
        job->name = before;
        return status;
}
