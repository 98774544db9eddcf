/* See world.h. The generated stubs are the real ones; what they call is here. The native system
 * calls have numbers that the host does not know, and do nothing. */
#include "tests/unit/commands/world.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "servers/proto/job.h"
#include "servers/proto/lookup.h"
#include "servers/proto/name.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/memory.h"
#include "servers/shell/commands/command.h"
#include "servers/shell/folder.h"

enum { OUTPUT_BYTES = 1 << 20, WORDS = 8 };

static struct {
        answer_function *answer;
        unsigned calls_left;
        enum reason absence;
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
        static const struct command *const lists[] = {
            file_commands, folder_commands, cluster_commands, component_commands, call_commands};
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
        static struct job job;
        job = (struct job){0};
        ck_assert_uint_lt(strlen(line), sizeof copy);
        strcpy(copy, line);
        for (char *word; count < WORDS && (word = strsep(&rest, " "));)
                words[count++] = word;
        job.name = words[0];
        world.answer = answer;
        world.calls_left = most;
        world.length = 0;
        int status = command_named(words[0])->run(&job, count, words);
        world.absence = 0;
        return status;
}

/* ---- the runtime ----------------------------------------------------------------------------- */

/* No command waits for a name that does not exist. */
static outcome_t look_up(const struct message *message, struct arrival *reply)
{
        ck_assert_uint_ne(message->words[0], NAME_WAIT_ALWAYS);
        if (world.absence)
                return answered(world.absence);
        reply->cap_count = 1;
        reply->caps[0] = (struct received_cap){.handle = SERVICE};
        return OUTCOME_OK;
}

void services_are_absent(enum reason reason)
{
        world.absence = reason;
}

/* The shell: `cd` tells it where to go. */
static outcome_t folder_is(const struct message *message)
{
        char path[128] = "";
        ck_assert_uint_eq(message->method, JOB_METHOD_FOLDER);
        ck_assert_uint_lt(message->buffers[0].length, sizeof path);
        memcpy(path, (const void *)message->buffers[0].address, message->buffers[0].length);
        folder_change(path);
        return OUTCOME_OK;
}

/* In the place of rt_call (ld(1), --wrap). */
outcome_t __wrap_rt_call(handle_t right, uint64_t deadline, const struct message *message,
                         struct arrival *reply);

outcome_t __wrap_rt_call(handle_t right, uint64_t deadline, const struct message *message,
                         struct arrival *reply)
{
        (void)deadline;
        ck_assert_uint_eq(right, SERVICE);
        reply->word_count = reply->cap_count = 0;
        reply->bytes = 0;
        if (message->interface == NAME_INTERFACE && message->method == NAME_METHOD_LOOKUP)
                return look_up(message, reply);
        if (message->interface == JOB_INTERFACE)
                return folder_is(message);
        ck_assert_msg(world.calls_left > 0, "it goes on and on");
        world.calls_left--;
        return world.answer(message, reply);
}

/* No test waits. */
uint64_t rt_now(void)
{
        return 0;
}

/* Nothing else is to reach the kernel. */
outcome_t sys_message(uint64_t number, struct message_registers *registers)
{
        (void)registers;
        ck_abort_msg("system call %llu", (unsigned long long)number);
}

outcome_t rt_memory_allocate(size_t bytes, void **address)
{
        *address = malloc(bytes);
        return *address ? OUTCOME_OK : not_executed(REASON_NO_MEMORY);
}

const char *rt_node(void)
{
        return "n1";
}

handle_t rt_handle(const char *name)
{
        (void)name;
        return SERVICE;
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
        job_print(job, "%s: %s: %s\n", job->name, subject, reason_text(outcome_reason(outcome)));
        return STATUS_FAILED;
}

int job_complain(struct job *job, const char *format, ...)
{
        job_print(job, "%s: %s\n", job->name, format);
        return STATUS_FAILED;
}
