/* Interface process: making processes, and what their owners do with them. The badge says which
 * right it is: the one that makes them, or an owner's. */
#include <signal.h>
#include <string.h>

#include "servers/process/memory_service.h"
#include "servers/process/process.h"
#include "servers/process/spawners.h"
#include "servers/proto/process.h"
#include "servers/rt/task/memory.h"

/* ---- making one --------------------------------------------------------------------------------
 */

static outcome_t create(struct request *request, const void *arguments, size_t arguments_length,
                        const void *environment, size_t environment_length, const void *folder,
                        size_t folder_length, struct received_cap *program,
                        struct optional_word memory, struct optional_word stack,
                        struct optional_word priority, const void *path, size_t path_length,
                        struct send_cap *owner, uint64_t *id)
{
        const struct strings words = {arguments, arguments_length};
        const struct strings variables = {environment, environment_length};
        const struct strings at = {folder, folder_length}, from = {path, path_length};
        handle_t right;
        uint64_t left;
        if (badge_kind(request->badge) != BADGE_SPAWN)
                return answered(REASON_REFUSED);
        const bool given = program->type == OBJECT_MEMORY && program->snapshot;
        if (program->own || (program->type != OBJECT_RIGHT && !given) ||
            priority.word > PROCESS_PRIORITY_MOST || stack.word > SPAWN_STACK_LINUX)
                return answered(REASON_INVALID);
        uint64_t spawner = badge_id(request->badge);
        struct process *process = spawner_may_create(spawner) ? process_new() : NULL;
        if (!process)
                return answered(REASON_OVERLOADED);
        process->job = process->id;
        process->spawner = spawner;
        process->memory = memory.word;
        process->stack = stack.word;
        process->priority = priority.given ? (unsigned)priority.word : PROCESS_PRIORITY_DEFAULT;
        process->given = given ? program->badge : 0;
        outcome_t outcome = text_keep(process, words, variables, at, from);
        if (outcome == OUTCOME_OK && !spawner_may_give(process, process->given, &left))
                outcome = answered(REASON_NO_MEMORY);
        if (outcome == OUTCOME_OK)
                outcome =
                    rt_server_right(&processes.server, badge_of(BADGE_OWNER, process->id), &right);
        if (outcome != OUTCOME_OK) {
                process_free(process);
                return outcome;
        }
        process->file = cap_take(program);
        *owner = cap_move(right);
        *id = process->id;
        return OUTCOME_OK;
}

static outcome_t bound(struct request *request, const void *spawner, size_t spawner_length,
                       uint64_t memory, uint64_t number, struct send_cap *right)
{
        handle_t bounded;
        if (request->badge != badge_of(BADGE_SPAWN, 0))
                return answered(REASON_REFUSED);
        outcome_t outcome = spawner_bound(spawner, spawner_length, memory, number, &bounded);
        if (outcome == OUTCOME_OK)
                *right = cap_move(bounded);
        return outcome;
}

static outcome_t list(struct request *request, uint64_t index, const void **name,
                      size_t *name_length, uint64_t *id, uint64_t *stage, uint64_t *cpu,
                      uint64_t *memory, struct optional_word *stopped)
{
        struct task_info info = {0};
        if (badge_kind(request->badge) != BADGE_SPAWN)
                return answered(REASON_REFUSED);
        for (unsigned i = 0; i < PROCESSES; i++) {
                const struct process *process = &processes.list[i];
                if (!process->stage || process->replaces || index-- > 0)
                        continue;
                if (process->stage == PROCESS_STAGE_RUNNING)
                        sys_task_info(process->spawned.task, &info);
                *name = process->name;
                *name_length = strlen(process->name);
                *id = process->id;
                *stage = process->stage;
                *cpu = info.cpu_time;
                *memory = info.memory;
                *stopped = optional_nonzero(process->stopped);
                return OUTCOME_OK;
        }
        return answered(REASON_NOT_FOUND);
}

static outcome_t signal_process(struct request *request, uint64_t number, uint64_t signal)
{
        static const struct sent sent;
        struct process *process = process_known(number);
        if (badge_kind(request->badge) != BADGE_SPAWN)
                return answered(REASON_REFUSED);
        if (signal < 1 || signal > PROCESS_SIGNAL_LAST)
                return answered(REASON_INVALID);
        if (!process)
                return answered(REASON_NOT_FOUND);
        if (badge_id(request->badge) != 0 && badge_id(request->badge) != process->spawner)
                return answered(REASON_REFUSED);
        return process_signal(process, (unsigned)signal, &sent);
}

static outcome_t signal_as(struct request *request, const void *spawner, size_t spawner_length,
                           uint64_t number, uint64_t signal, uint64_t code, uint64_t sender,
                           uint64_t value)
{
        const struct sent sent = {(int32_t)code, (int32_t)sender, value};
        if (request->badge != badge_of(BADGE_SPAWN, 0))
                return answered(REASON_REFUSED);
        if (signal > PROCESS_SIGNAL_LAST || sent.code > 0)
                return answered(REASON_INVALID);
        return far_receive(spawner, spawner_length, number, (unsigned)signal, &sent);
}

/* ---- its owner ---------------------------------------------------------------------------------
 */

/* Whom the methods are about that prepare a start: the process whose owner calls, or the successor
 * of the one that calls itself. */
static struct process *prepared(const struct request *request)
{
        const struct process *itself = process_itself(request);
        if (itself)
                return replace_find(itself);
        return badge_kind(request->badge) == BADGE_OWNER ? process_find(badge_id(request->badge))
                                                         : NULL;
}

static struct process *owned(const struct request *request)
{
        return badge_kind(request->badge) == BADGE_OWNER ? process_find(badge_id(request->badge))
                                                         : NULL;
}

/* A place for one more descriptor of a process that was created; NULL, with *why: it is not to be
 * had. */
static struct startup_descriptor *descriptor_place(struct process *process, uint64_t number,
                                                   enum reason *why)
{
        *why = REASON_REFUSED;
        if (!process)
                return NULL;
        *why = REASON_RUNNING;
        if (process->stage != PROCESS_STAGE_CREATED)
                return NULL;
        *why = REASON_EXISTS;
        for (unsigned i = 0; i < process->descriptor_count; i++)
                if (process->descriptors[i].number == number)
                        return NULL;
        *why = REASON_TOO_LONG;
        return process->descriptor_count < STARTUP_DESCRIPTORS
                   ? &process->descriptors[process->descriptor_count++]
                   : NULL;
}

static outcome_t descriptor(struct request *request, uint64_t number, uint64_t kind, uint64_t flags,
                            uint64_t offset, struct received_cap *right)
{
        enum reason why;
        handle_t handle = 0;
        if ((!right->own && right->type != OBJECT_RIGHT) || number > INT32_MAX ||
            (!descriptor_has_right(kind) && kind != DESCRIPTOR_FOLDER &&
             kind != DESCRIPTOR_LOCKS) ||
            flags > INT32_MAX)
                return answered(REASON_INVALID);
        if (right->own && !memory_right_again(right, &handle))
                return answered(REASON_INVALID);
        struct startup_descriptor *place = descriptor_place(prepared(request), number, &why);
        if (!place) {
                if (handle)
                        sys_handle_close(handle);
                return answered(why);
        }
        *place = (struct startup_descriptor){
            .handle = handle ? handle : cap_take(right),
            .offset = offset,
            .number = (uint32_t)number,
            .flags = (uint32_t)flags,
            .kind = (uint32_t)kind,
        };
        return OUTCOME_OK;
}

static outcome_t device(struct request *request, uint64_t number, uint64_t kind, uint64_t flags)
{
        enum reason why;
        if (number > INT32_MAX || flags > INT32_MAX ||
            (kind != DESCRIPTOR_NULL && (kind <= DESCRIPTOR_SHARED || kind > DESCRIPTOR_RANDOM)))
                return answered(REASON_INVALID);
        struct startup_descriptor *place = descriptor_place(prepared(request), number, &why);
        if (!place)
                return answered(why);
        *place = (struct startup_descriptor){
            .number = (uint32_t)number, .flags = (uint32_t)flags, .kind = (uint32_t)kind};
        return OUTCOME_OK;
}

static outcome_t set_mask(struct request *request, uint64_t mode)
{
        struct process *process = prepared(request);
        if (!process)
                return answered(REASON_REFUSED);
        if (process->stage != PROCESS_STAGE_CREATED)
                return answered(REASON_RUNNING);
        process->mask = mode;
        return OUTCOME_OK;
}

static outcome_t named(struct request *request, const void *path, size_t path_length)
{
        struct process *process = process_itself(request) ? prepared(request) : NULL;
        if (!process || process->stage != PROCESS_STAGE_CREATED)
                return answered(REASON_REFUSED);
        text_name(process, (struct strings){path, path_length});
        return OUTCOME_OK;
}

/* What is left goes with the successor, whose startup page says that there is something. */
static outcome_t leave(struct request *request, const void *state, size_t state_length)
{
        struct process *process = process_itself(request) ? prepared(request) : NULL;
        if (!process || process->left)
                return answered(REASON_REFUSED);
        if (process->stage != PROCESS_STAGE_CREATED)
                return answered(REASON_RUNNING);
        if (!state_length || state_length > PROCESS_LEFT_MOST)
                return answered(REASON_TOO_LONG);
        outcome_t outcome = rt_memory_allocate(state_length, (void **)&process->left);
        if (outcome != OUTCOME_OK)
                return outcome;
        memcpy(process->left, state, state_length);
        process->left_length = state_length;
        return OUTCOME_OK;
}

static outcome_t left(struct request *request, const void **state, size_t *state_length)
{
        struct process *process = process_itself(request);
        if (!process)
                return answered(REASON_REFUSED);
        *state = process->left;
        *state_length = process->left_length;
        return OUTCOME_OK;
}

static outcome_t start(struct request *request, const void **wrong, size_t *wrong_length)
{
        struct process *process = prepared(request);
        (void)wrong;
        (void)wrong_length;
        if (!process)
                return answered(REASON_REFUSED);
        if (process->stage != PROCESS_STAGE_CREATED)
                return answered(REASON_RUNNING);
        process->starter = request->reply;
        load_begin(process);
        return RT_DEFERRED;
}

/* What is so already is told at once. */
static outcome_t wait(struct request *request, struct optional_word turn, uint64_t *status)
{
        struct process *process = owned(request);
        if (!process)
                return answered(REASON_REFUSED);
        if (turn.word > PROCESS_TURN_GOES_ON)
                return answered(REASON_INVALID);
        if (process->stage == PROCESS_STAGE_ENDED)
                *status = process->status;
        else if (turn.word == PROCESS_TURN_STOPS && process->stopped)
                *status = PROCESS_STOPPED | process->stopped;
        else if (turn.word == PROCESS_TURN_GOES_ON && !process->stopped)
                *status = PROCESS_CONTINUED;
        else
                return ends_wait(process, request->reply, (enum process_turn)turn.word);
        return OUTCOME_OK;
}

static outcome_t kill_process(struct request *request, uint64_t signal, struct optional_word group)
{
        static const struct sent sent; /* by nobody who has a number: SI_USER of 0 */
        struct process *process = owned(request);
        if (!process)
                return answered(REASON_REFUSED);
        if (signal < 1 || signal > PROCESS_SIGNAL_LAST)
                return answered(REASON_INVALID);
        if (group.given)
                return group_signal(process, group.word, (unsigned)signal, &sent, NULL);
        return process_signal(process, (unsigned)signal, &sent);
}

static outcome_t group(struct request *request, uint64_t leader)
{
        struct process *process = owned(request);
        if (!process)
                return answered(REASON_REFUSED);
        if (leader == 0 || leader > INT32_MAX)
                return answered(REASON_INVALID);
        if (process->stage != PROCESS_STAGE_CREATED)
                return answered(REASON_RUNNING);
        process->group = process->session = leader;
        return OUTCOME_OK;
}

/* ---- itself ------------------------------------------------------------------------------------
 */

static bool of_layer(uint64_t address)
{
        return address >= LAYER_START && address < LAYER_END;
}

static outcome_t faults(struct request *request, uint64_t entry, uint64_t place, uint64_t probe,
                        uint64_t probe_end)
{
        struct process *process = process_itself(request);
        if (!process)
                return answered(REASON_REFUSED);
        if (!of_layer(entry) || place >= PAGE_SIZE || !of_layer(probe) || !of_layer(probe_end) ||
            probe > probe_end)
                return answered(REASON_INVALID);
        process->fault_entry = entry;
        process->fault_place = place;
        process->probe = probe;
        process->probe_end = probe_end;
        return OUTCOME_OK;
}

static outcome_t fault_ends(struct request *request, uint64_t reason, uint64_t address,
                            uint64_t instruction, uint64_t shortage)
{
        struct process *process = process_itself(request);
        if (!process || process->stage != PROCESS_STAGE_RUNNING)
                return answered(REASON_REFUSED);
        ends_by_fault(process, reason, address, instruction, shortage);
        return OUTCOME_OK;
}

static outcome_t limit_stack(struct request *request, uint64_t bytes)
{
        struct process *process = process_itself(request);
        if (!process || process->stage != PROCESS_STAGE_RUNNING)
                return answered(REASON_REFUSED);
        if (!spawn_stack_limit(&process->spawned, bytes))
                return answered(REASON_INVALID);
        process->stack = bytes ? bytes : 1; /* 0: as Linux has it */
        return OUTCOME_OK;
}

static outcome_t next(struct request *request, struct optional_word standard, uint64_t *signal,
                      uint64_t *code, uint64_t *sender, uint64_t *value)
{
        struct process *process = process_itself(request);
        struct sent sent = {0};
        if (!process)
                return answered(REASON_REFUSED);
        *signal = process_signal_take(process, standard.word, &sent);
        *code = (uint64_t)(int64_t)sent.code;
        *sender = (uint64_t)sent.sender;
        *value = sent.value;
        return OUTCOME_OK;
}

static outcome_t send_signal(struct request *request, uint64_t target, uint64_t signal,
                             uint64_t code, uint64_t value, uint64_t *own)
{
        const struct process *process = process_itself(request);
        bool meant = false;
        if (!process)
                return answered(REASON_REFUSED);
        const struct sent sent = {(int32_t)code, (int32_t)process->id, value};
        if (signal > PROCESS_SIGNAL_LAST || sent.code > 0)
                return answered(REASON_INVALID);
        if ((int64_t)target > 0 && target >> PROCESS_NODE_SHIFT != processes.node)
                return far_send(request, process, target, (unsigned)signal, &sent);
        outcome_t outcome =
            signal_send_to(process, (int64_t)target, (unsigned)signal, &sent, &meant);
        *own = meant;
        return outcome;
}

static outcome_t stopped(struct request *request, uint64_t signal)
{
        struct process *process = process_itself(request);
        if (!process)
                return answered(REASON_REFUSED);
        if (signal < 1 || signal > PROCESS_SIGNAL_LAST)
                return answered(REASON_INVALID);
        if (signal != SIGSTOP && group_is_orphaned(process))
                return answered(REASON_REFUSED);
        process_stopped_by(process, (unsigned)signal);
        return OUTCOME_OK;
}

static outcome_t orphaned(struct request *request, uint64_t *is)
{
        const struct process *process = process_itself(request);
        if (!process)
                return answered(REASON_REFUSED);
        *is = group_is_orphaned(process);
        return OUTCOME_OK;
}

static outcome_t member(struct request *request, uint64_t number, uint64_t *group,
                        uint64_t *session)
{
        const struct process *process = process_itself(request);
        if (!process)
                return answered(REASON_REFUSED);
        process = number ? process_known(number) : process;
        if (!process)
                return answered(REASON_NOT_FOUND);
        *group = process->group;
        *session = process->session;
        return OUTCOME_OK;
}

static outcome_t join(struct request *request, uint64_t number, uint64_t group)
{
        struct process *process = process_itself(request);
        return process ? group_join(process, number, group) : answered(REASON_REFUSED);
}

static outcome_t lead(struct request *request)
{
        struct process *process = process_itself(request);
        return process ? session_lead(process) : answered(REASON_REFUSED);
}

outcome_t control_init(void)
{
        static const struct process_server handlers = {
            .create = create,
            .bound = bound,
            .list = list,
            .signal_to = signal_process,
            .signal_as = signal_as,
            .descriptor = descriptor,
            .start = start,
            .wait = wait,
            .kill = kill_process,
            .group = group,
            .faults = faults,
            .next = next,
            .send = send_signal,
            .stopped = stopped,
            .orphaned = orphaned,
            .member = member,
            .sibling = siblings_next,
            .program = siblings_program,
            .arguments = siblings_arguments,
            .busy = siblings_busy,
            .leave = leave,
            .named = named,
            .left = left,
            .join = join,
            .lead = lead,
            .device = device,
            .fork = family_fork,
            .forked = family_forked,
            .unfork = family_unfork,
            .exec = replace_begin,
            .reap = family_reap,
            .parent = family_parent,
            .usage = family_usage,
            .death_signal = family_death_signal,
            .fault_ends = fault_ends,
            .limit_stack = limit_stack,
            .mask = set_mask,
            .map_memory = memory_map_part,
        };
        return rt_server_add(&processes.server, PROCESS_INTERFACE, process_dispatch, &handlers,
                             NULL);
}
