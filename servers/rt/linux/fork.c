/* See fork.h. While memory is copied all other threads are stopped, and the three locks held: none
 * of them is in the midst of a change of the layer's, nor of the copy's. They are not in the child.
 *
 * Sources: fork(2), vfork(2), clone(2), posix_spawn(3). */
#include "servers/rt/linux/fork.h"

#include <errno.h>
#include <sched.h>

#include "servers/proto/process.h"
#include "servers/rt/file/reader.h"
#include "servers/rt/linux/inherit.h"
#include "servers/rt/linux/local_pipe.h"
#include "servers/rt/linux/locks.h"
#include "servers/rt/linux/outside.h"
#include "servers/rt/linux/shared_map.h"
#include "servers/rt/linux/signals.h"
#include "servers/rt/linux/threads.h"
#include "servers/rt/linux/vfork.h"
#include "servers/rt/message/message.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/held.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/memory.h"
#include "servers/rt/task/random.h"

/* What a clone that makes a process may ask for beside its exit signal: SIGCHLD, or none. */
#define FLAGS_KNOWN                                                                                \
        (CLONE_VM | CLONE_VFORK | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID |        \
         CLONE_CHILD_CLEARTID | CLONE_CLEAR_HANDLERS)

void rt_linux_forked(void);                     /* entry.S */
void linux_forked(struct runtime_block *block); /* called there */
void rt_linux_entry(void);

/* What the copy finds of its making. Context: `files`. */
static struct {
        struct clone clone;
        struct loan loan;        /* of vfork */
        handle_t files, streams; /* those of rt_held, in the child's table */
        uint8_t vectors[VECTORS_MOST] __attribute__((aligned(VECTORS_ALIGN)));
} forking;

/* A child that is being made: its number, and handles to what it is made of. */
struct child {
        uint64_t id;
        handle_t account, task;
};

/* ---- in the parent --------------------------------------------------------------------------- */

/* Copies what lies at one mapping. Where nobody may read it is made readable meanwhile: no other
 * thread runs. */
static outcome_t mapping_copy(const struct child *child, const struct memory_mapping *from)
{
        const bool hidden = !(from->flags & MAP_READ);
        handle_t object;
        uint64_t here;
        outcome_t outcome =
            sys_memory_create(child->account, from->bytes, MEMORY_ANONYMOUS, 0, &object);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome =
            sys_memory_map(0, object, 0, 0, from->bytes, MAP_READ | MAP_WRITE | MAP_LAYER, &here);
        const bool mapped = outcome == OUTCOME_OK;
        if (mapped && hidden)
                outcome = sys_memory_protect(0, from->address, from->bytes, MAP_READ);
        if (outcome == OUTCOME_OK)
                bytes_copy((void *)here, (const void *)from->address, from->bytes);
        if (mapped)
                sys_memory_unmap(0, here, from->bytes);
        if (outcome == OUTCOME_OK) {
                if (hidden)
                        sys_memory_protect(0, from->address, from->bytes, from->flags);
                outcome = sys_memory_map(child->task, object, from->address, 0, from->bytes,
                                         hidden ? MAP_READ : from->flags, NULL);
        }
        if (outcome == OUTCOME_OK && hidden)
                outcome = sys_memory_protect(child->task, from->address, from->bytes, from->flags);
        sys_handle_close(object);
        return outcome;
}

/* The child has the same memory. */
static outcome_t mapping_share(const struct child *child, const struct memory_mapping *from,
                               const struct shared_map *map)
{
        const bool hidden = !(from->flags & MAP_READ);
        outcome_t outcome = sys_memory_map(child->task, map->object, from->address,
                                           map->offset + (from->address - map->address),
                                           from->bytes, hidden ? MAP_READ : from->flags, NULL);
        if (outcome == OUTCOME_OK && hidden)
                outcome = sys_memory_protect(child->task, from->address, from->bytes, from->flags);
        return outcome;
}

/* Whether the child has it already: what nobody can write to, of the program's and the layer's own
 * files, it has in common with others. */
static bool child_has(const struct child *child, const struct memory_mapping *mapping)
{
        struct memory_mapping there;
        return !(mapping->flags & MAP_WRITE) && !memory_within(mapping->address, mapping->bytes) &&
               sys_memory_query(child->task, mapping->address, &there) == OUTCOME_OK &&
               there.address <= mapping->address &&
               mapping->bytes <= there.bytes - (mapping->address - there.address);
}

/* All that is mapped. Context: `memory`, and no other thread runs. */
static outcome_t memory_copy(const struct child *child)
{
        const struct shared_map loan = {.object = forking.loan.memory,
                                        .address = (uint64_t)forking.loan.pages};
        struct memory_mapping mapping;
        outcome_t outcome;
        for (uint64_t at = 0; (outcome = sys_memory_query(0, at, &mapping)) == OUTCOME_OK;
             at = mapping.address + mapping.bytes) {
                if (child_has(child, &mapping))
                        continue;
                const struct shared_map *shared =
                    loan_is(&forking.loan, &mapping) ? &loan : shared_map_at(mapping.address);
                outcome =
                    shared ? mapping_share(child, &mapping, shared) : mapping_copy(child, &mapping);
                if (outcome != OUTCOME_OK)
                        return outcome;
        }
        return outcome == not_executed(REASON_NOT_FOUND) ? OUTCOME_OK : outcome;
}

/* What the child goes on with: this thread's registers, and 0 as the result. */
static void registers_set(const struct linux_context *context)
{
        struct thread *thread = thread_self();
        registers_of_context(context, &thread->fault.registers);
        thread->fault.registers.rax = 0;
        if (forking.clone.stack)
                thread->fault.registers.rsp = forking.clone.stack;
        vectors_keep(forking.vectors);
}

/* 0: it is to be looked up there. */
static handle_t service_grant(handle_t task, const struct service *service)
{
        handle_t there = 0;
        if (service->right)
                sys_handle_grant(task, service->right, RIGHTS_ALL, &there);
        return there;
}

/* Fills the child's task. Context: `files`. */
static outcome_t child_fill(const struct child *child, const struct linux_context *context)
{
        outcome_t outcome = open_files_grant(child->task);
        forking.files = service_grant(child->task, &rt_held.files);
        forking.streams = service_grant(child->task, &rt_held.streams);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (forking.clone.flags & CLONE_PARENT_SETTID)
                thread_number_put(forking.clone.parent_tid, (int64_t)child->id);
        state_lock();
        memory_lock();
        threads_stop();
        registers_set(context);
        loan_fill(&forking.loan);
        outcome = shared_maps_grant(child->task);
        if (outcome == OUTCOME_OK)
                outcome = memory_copy(child);
        threads_go_on();
        memory_unlock();
        state_unlock();
        return outcome;
}

/* Context: `files`. */
static outcome_t child_make(struct child *child, const struct linux_context *context)
{
        const handle_t server = rt_handle("log");
        outcome_t outcome = local_pipes_promote();
        if (outcome == OUTCOME_OK)
                outcome =
                    process_fork(server, RT_DEADLINE, &child->id, &child->account, &child->task);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = child_fill(child, context);
        sys_handle_close(child->account);
        sys_handle_close(child->task);
        if (outcome != OUTCOME_OK)
                process_unfork(server, RT_DEADLINE, child->id);
        return outcome;
}

/* vfork(2): the parent goes on when the child has its own program, or none any more. */
static outcome_t child_start(const struct child *child, bool wait)
{
        const struct runtime_block *block = runtime_block();
        return process_forked(rt_handle("log"), wait ? TIME_NEVER : RT_DEADLINE, child->id,
                              (uint64_t)rt_linux_forked, block->handler_stack, (uint64_t)block,
                              wait);
}

int64_t process_clone(const struct linux_context *context, const struct clone *clone)
{
        const bool waits = clone->flags & CLONE_VFORK;
        struct child child;
        if (clone->flags & ~(uint64_t)FLAGS_KNOWN || (clone->flags & CLONE_VM && !waits))
                return -EINVAL;
        struct loan loan = {0};
        outcome_t outcome = clone->flags & CLONE_VM ? loan_make(&loan, context->rsp) : OUTCOME_OK;
        if (outcome != OUTCOME_OK)
                return linux_error(outcome);
        files_lock();
        forking.clone = *clone;
        forking.loan = loan;
        outcome = child_make(&child, context);
        files_unlock();
        if (outcome == OUTCOME_OK)
                outcome = child_start(&child, waits);
        loan_settle(&loan);
        return outcome == OUTCOME_OK ? (int64_t)child.id : linux_error(outcome);
}

/* ---- in the child ---------------------------------------------------------------------------- */

static void thread_begin(struct runtime_block *block)
{
        struct thread *thread = block->thread;
        const struct clone *clone = &forking.clone;
        if (clone->flags & CLONE_SETTLS)
                thread->fs_base = clone->tls;
        sys_thread_control(0, THREAD_SET_GS_BASE, (uint64_t)block);
        sys_thread_control(0, THREAD_SET_BLOCK, (uint64_t)&block->message);
        sys_thread_control(0, THREAD_SET_REFLECT, (uint64_t)rt_linux_entry);
        sys_thread_control(0, THREAD_SET_FS_BASE, thread->fs_base);
        vectors_bring_back(forking.vectors);
        threads_forked(thread);
        thread->clear_tid = clone->flags & CLONE_CHILD_CLEARTID ? clone->child_tid : 0;
}

/* The first and only thread of the child, on the layer's stack that it made the call on: begins to
 * be what its parent was. */
void linux_forked(struct runtime_block *block)
{
        thread_begin(block);
        loan_forked(&forking.loan);
        memory_forked();
        if (forking.clone.flags & CLONE_CHILD_SETTID)
                thread_number_put(forking.clone.child_tid, linux_gettid());
        shared_maps_forked();
        rt_log_forked();
        random_forked(rt_startup()->process);
        reader_renew();
        signals_forked(forking.clone.flags & CLONE_CLEAR_HANDLERS);
        timers_forked();
        locks_renew();
        shared_forked();
        open_files_forked();
        rt_held.names = 0;
        rt_held.files.right = forking.files;
        rt_held.streams.right = forking.streams;
        if (!outside_begin())
                process_die(SIGKILL); /* no memory for the thread that takes signals */
}
