/* From a loaded program to a task that runs: what it is given is what its spawner has granted, and
 * the two rights by which it reaches this server: names of file services, and the log. */
#include <string.h>

#include "servers/process/cache.h"
#include "servers/process/process.h"
#include "servers/process/spawners.h"
#include "servers/proto/process.h"
#include "servers/rt/pure/format.h"
#include "servers/rt/task/memory.h"

/* Answers `start`; "": it runs. */
static void starter_answer(struct process *process, const char *wrong)
{
        if (process->starter)
                process_start_reply(process->starter, wrong, strlen(wrong));
        process->starter = 0;
}

void process_refuse(struct process *process, enum reason reason, const char *wrong)
{
        if (process->replaces)
                replace_fail(process, reason, wrong);
        starter_answer(process, wrong);
        process_end(process, PROCESS_SIGNALLED);
}

/* Descriptors that programs take for granted. */
static void descriptors_complete(struct process *process)
{
        for (uint32_t number = 0; number < 3; number++) {
                unsigned i = 0;
                while (i < process->descriptor_count && process->descriptors[i].number != number)
                        i++;
                if (i == process->descriptor_count && i < STARTUP_DESCRIPTORS)
                        process->descriptors[process->descriptor_count++] =
                            (struct startup_descriptor){
                                .number = number, .kind = DESCRIPTOR_NULL, .flags = number ? 1 : 0};
        }
}

/* What a program needs for itself: its file is about as long as what is loaded of it. */
static uint64_t memory_limit(const struct process *process)
{
        return page_up(process->memory ? process->memory : process->load.size + PROCESS_MEMORY);
}

static void say_no_memory(uint64_t wanted, char wrong[PROGRAM_WRONG])
{
        uint64_t used = 0, limit = 0;
        sys_account_info(rt_handle("account"), &used, &limit);
        if (wanted <= limit - used)
                format_line(wrong, PROGRAM_WRONG,
                            "it needs more than the %lu KiB that it may use: give it more (-m)",
                            wanted >> 10);
        else
                format_line(wrong, PROGRAM_WRONG,
                            "it may use %lu KiB, and the programs of this node have %lu KiB left: "
                            "end some, or "
                            "run it on another node",
                            wanted >> 10, (limit - used) >> 10);
}

/* The arguments behind the first, for a native program: their number. */
static unsigned arguments_list(const struct process *process, const char *list[STARTUP_ARGUMENTS])
{
        const char *at = process->arguments.bytes, *end = at + process->arguments.length;
        unsigned count = 0;
        for (at += strlen(at) + 1; at < end && count < STARTUP_ARGUMENTS; at += strlen(at) + 1)
                list[count++] = at;
        return count;
}

static outcome_t task_make(struct process *process, const handle_t rights[OWN_RIGHTS],
                           const char **wrong)
{
        const char *arguments[STARTUP_ARGUMENTS];
        const struct spawn_grant grants[] = {
            {"name", rights[OWN_CHILD], RIGHT_SEND},
            {"log", rights[OWN_CHILD], RIGHT_SEND},
            {"signals", process_find(process_number(process))->signals, RIGHT_SIGNAL | RIGHT_WAIT}};
        const struct spawn spawn = {
            .elf = process->load.bytes,
            .elf_size = process->load.size,
            .component = process->name,
            .arguments = arguments,
            .argument_count = arguments_list(process, arguments),
            .memory = process->limit,
            .stack = process->stack,
            .priority = process->priority,
            .fault_right = rights[OWN_FAULT],
            .grants = grants,
            .grant_count = sizeof grants / sizeof grants[0],
            .process = process_number(process),
            .descriptors = process->descriptors,
            .descriptor_count = process->descriptor_count,
            .left = !!process->left,
            .file = process->load.cached ? process->load.memory : 0,
            .layer = layer_file,
            .layer_size = (size_t)(layer_file_end - layer_file),
            .argument_strings = process->arguments,
            .environment = process->environment,
            .folder = process->folder,
            .path = process->path,
            .ignored = process->ignored,
            .blocked = process->blocked,
            .mask = process->mask,
        };
        outcome_t outcome = spawn_task(&spawn, &process->spawned, wrong);
        if (outcome == OUTCOME_OK)
                outcome = sys_watch(process->spawned.task, processes.event, EVENT_TASK_DIED);
        if (outcome == OUTCOME_OK && !process->replaces)
                outcome = spawn_start(&process->spawned);
        if (outcome != OUTCOME_OK && process->spawned.account)
                spawn_destroy(&process->spawned);
        return outcome;
}

outcome_t rights_make(struct process *process, handle_t rights[OWN_RIGHTS])
{
        static const enum badge_kind kinds[] = {
            [OWN_FAULT] = BADGE_FAULT, [OWN_CHILD] = BADGE_CHILD};
        outcome_t outcome = process->signals ? OUTCOME_OK : sys_event_create(&process->signals);
        for (unsigned i = 0; i < OWN_RIGHTS; i++) {
                rights[i] = 0;
                if (outcome == OUTCOME_OK)
                        outcome = rt_server_right(&processes.server,
                                                  badge_of(kinds[i], process->id), &rights[i]);
        }
        return outcome;
}

void rights_close(const handle_t rights[OWN_RIGHTS])
{
        for (unsigned i = 0; i < OWN_RIGHTS; i++)
                if (rights[i])
                        sys_handle_close(rights[i]);
}

static outcome_t task_start(struct process *process, const char **wrong)
{
        handle_t rights[OWN_RIGHTS];
        outcome_t outcome = rights_make(process_find(process_number(process)), rights);
        if (outcome == OUTCOME_OK)
                outcome = task_make(process, rights, wrong);
        rights_close(rights);
        return outcome;
}

void launch(struct process *process)
{
        char said[PROGRAM_WRONG];
        const char *wrong = NULL;
        uint64_t left = 0;
        process->limit = memory_limit(process);
        process->shared = process->load.cached ? page_up(process->load.size) : 0;
        const uint64_t charge = spawner_charge(process);
        const struct process *before =
            process->replaces ? process_find(process->replaces) : process;
        if (!spawner_may_give(before, charge, &left)) {
                format_line(
                    said, sizeof said,
                    "it may use %lu KiB, and who starts it has %lu KiB left for programs on "
                    "this node: end some, or give it less (-m)",
                    charge >> 10, left >> 10);
                process_refuse(process, REASON_NO_MEMORY, said);
                return;
        }
        descriptors_complete(process);
        outcome_t outcome = task_start(process, &wrong);
        if (outcome_reason(outcome) == REASON_NO_MEMORY && cache_shrink(process->load.bytes))
                outcome = task_start(process, &wrong);
        if (outcome_reason(outcome) == REASON_NO_MEMORY && replace_give_way(process))
                outcome = task_start(process, &wrong);
        if (outcome == OUTCOME_OK) {
                process->stage = PROCESS_STAGE_RUNNING;
                load_drop(process);
                for (unsigned i = 0; i < process->descriptor_count; i++)
                        if (process->descriptors[i].handle)
                                sys_handle_close(process->descriptors[i].handle);
                process->descriptor_count = 0;
                if (process->replaces)
                        replace_done(process);
                else
                        starter_answer(process, "");
                return;
        }
        if (!wrong && outcome_reason(outcome) == REASON_NO_MEMORY)
                say_no_memory(process->limit, said);
        else
                format_line(said, sizeof said, "%s%s", outcome_prefix(outcome),
                            reason_text(outcome_reason(outcome)));
        process_refuse(process, outcome_reason(outcome), wrong ? wrong : said);
}
