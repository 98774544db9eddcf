/* See world.h. The generated stubs are the real ones; what they call is here. The native system calls
 * have numbers that the host does not know, and do nothing. */
#include "tests/unit/commands/world.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include "servers/rt/service.h"
#include "servers/rt/startup.h"
#include "servers/shell/calls.h"
#include "servers/shell/command.h"

enum { OUTPUT_BYTES = 1 << 20, WORDS = 8 };

static struct {
        answer_function *answer;
        unsigned calls_left;
        char output[OUTPUT_BYTES];
        size_t length;
} world;

const char *written(void)
{
        world.output[world.length] = 0;
        return world.output;
}

static const struct command *command_named(const char *name)
{
        static const struct command *const lists[] = {file_commands, folder_commands,
                                                      cluster_commands, component_commands};
        for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
                for (const struct command *command = lists[i]; command->name; command++)
                        if (strcmp(command->name, name) == 0)
                                return command;
        ck_abort_msg("no command %s", name);
}

int command_ends(const char *line, answer_function *answer, unsigned most)
{
        char copy[128], *words[WORDS] = {0}, *rest = copy;
        int count = 0;
        struct job job = {.used = true};
        ck_assert_uint_lt(strlen(line), sizeof copy);
        strcpy(copy, line);
        for (char *word; count < WORDS && (word = strsep(&rest, " "));)
                words[count++] = word;
        job.name = words[0];
        world.answer = answer;
        world.calls_left = most;
        world.length = 0;
        return command_named(words[0])->run(&job, count, words);
}

/* ---- the runtime ----------------------------------------------------------------------------- */

/* In the place of rt_call (ld(1), --wrap), as in the shell itself. */
outcome_t __wrap_rt_call(handle_t right, uint64_t deadline, const struct message *message,
                         struct arrival *reply);

outcome_t __wrap_rt_call(handle_t right, uint64_t deadline, const struct message *message,
                         struct arrival *reply)
{
        (void)deadline;
        ck_assert_uint_eq(right, SERVICE);
        ck_assert_msg(world.calls_left > 0, "it goes on and on");
        world.calls_left--;
        reply->word_count = reply->cap_count = 0;
        reply->bytes = 0;
        return world.answer(message, reply);
}

/* Nothing else is to reach the kernel. */
outcome_t sys_message(uint64_t number, struct message_registers *registers)
{
        (void)registers;
        ck_abort_msg("system call %llu", (unsigned long long)number);
}

const char *rt_node(void)
{
        return "n1";
}

handle_t rt_names(void)
{
        return SERVICE;
}

bool rt_names_died(outcome_t outcome, uint64_t deadline)
{
        (void)outcome;
        (void)deadline;
        return false;
}

outcome_t rt_find(const char *name, handle_t *right)
{
        (void)name;
        *right = SERVICE;
        return OUTCOME_OK;
}

outcome_t rt_lookup(const char *name, uint64_t deadline, handle_t *right)
{
        (void)deadline;
        return rt_find(name, right);
}

/* ---- the job --------------------------------------------------------------------------------- */

void job_write(struct job *job, const void *bytes, size_t length)
{
        (void)job;
        ck_assert_uint_lt(length, OUTPUT_BYTES - world.length);
        memcpy(world.output + world.length, bytes, length);
        world.length += length;
}

void job_print(struct job *job, const char *format, ...)
{
        char text[512];
        va_list arguments;
        va_start(arguments, format);
        int length = vsnprintf(text, sizeof text, format, arguments);
        va_end(arguments);
        ck_assert_int_lt(length, (int)sizeof text);
        job_write(job, text, (size_t)length);
}

int job_fail(struct job *job, const char *subject, outcome_t outcome)
{
        job_print(job, "%s: %s: %s\n", job->name, subject ? subject : "",
                  reason_text(outcome_reason(outcome)));
        return STATUS_FAILED;
}

int job_complain(struct job *job, const char *format, ...)
{
        job_print(job, "%s: %s\n", job->name, format);
        return STATUS_FAILED;
}

bool calls_cancelled(void)
{
        return false;
}

bool calls_sleep(uint64_t wait)
{
        (void)wait;
        return true;
}
