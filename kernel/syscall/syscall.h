/* System calls: decode, check, then act. A handler begins with HANDLER(name) instead of a head. It
 * gets the calling thread as `caller` and the arguments by the names in abi/syscalls.def: of a
 * handle the object, of the right kind and with the rights that are asked for there, or the slot if
 * any kind will do; for a handle that is 0, the caller's own, or NULL; all else as the program gave
 * it, as uint64_t. A task is alive if the call can end with NOT_RUNNING. The handler writes its
 * results into the context and returns the outcome. If it may end the calling thread it does not
 * touch that afterwards.
 *
 * Message calls decode for themselves and write the whole context.
 *
 * Context: kernel lock held, interrupts off. */
#ifndef KERNEL_SYSCALL_SYSCALL_H
#define KERNEL_SYSCALL_SYSCALL_H

#include "kernel/abi/syscall.h"
#include "kernel/arch/entry.h"
#include "kernel/object/account_object.h"
#include "kernel/object/handle.h"
#include "kernel/task/task.h"
#include "kernel/task/thread.h"

#define MESSAGE_CALL(number, name, ...)                                                            \
        fast_handler fast_##name;                                                                  \
        message_handler message_##name;
#define SYSCALL(number, name, ...) syscall_handler syscall_##name;
#include "kernel/abi/syscalls.def"
#undef MESSAGE_CALL
#undef SYSCALL

/* The signal that goes with a receive, if one does: dropped if it cannot be given. */
void message_signal(struct thread *thread);

/* Arguments by position. */
static inline __attribute__((always_inline)) uint64_t argument(const struct thread *thread,
                                                               unsigned index)
{
        const struct context *context = &thread->run.context;
        const uint64_t arguments[] = {context->result,   context->second,  context->header,
                                      context->deadline, context->word[0], context->word[1]};
        return arguments[index];
}

static inline void set_results(struct thread *thread, uint64_t a, uint64_t b, uint64_t c)
{
        thread->run.context.result = a;
        thread->run.context.second = b;
        thread->run.context.header = c;
}

/* Writes an answer to an address of the caller's. */
static inline outcome_t write_back(struct thread *thread, uint64_t address, const void *from,
                                   uint64_t bytes)
{
        bool good = space_write(&thread->task->space, address, from, bytes);
        return good ? OUTCOME_OK : not_executed(REASON_FAULT);
}

/* Sets `pointer` to the object of a handle argument; on failure returns from the handler. */
#define GET_OBJECT(thread, index, name, rights, pointer)                                           \
        do {                                                                                       \
                struct object *object_;                                                            \
                outcome_t outcome_ =                                                               \
                    handle_object(&(thread)->task->handles, (handle_t)argument(thread, index),     \
                                  &name##_type, rights, &object_);                                 \
                if (outcome_ != OUTCOME_OK)                                                        \
                        return outcome_;                                                           \
                pointer = container_of(object_, struct name, object);                              \
        } while (0)

#define GET_ACCOUNT(thread, index, rights, pointer)                                                \
        do {                                                                                       \
                struct account_object *account_;                                                   \
                GET_OBJECT(thread, index, account_object, rights, account_);                       \
                pointer = &account_->account;                                                      \
        } while (0)

/* A handle of any kind: what it permits is for the handler to check. */
#define GET_SLOT(thread, index, rights, pointer)                                                   \
        do {                                                                                       \
                pointer = handle_slot(&(thread)->task->handles, argument(thread, index));          \
                if (!pointer)                                                                      \
                        return not_executed(REASON_BAD_HANDLE);                                    \
        } while (0)

#define CHECK_RUNNING(task)                                                                        \
        do {                                                                                       \
                if (!(task)->alive)                                                                \
                        return not_executed(REASON_NOT_RUNNING);                                   \
        } while (0)

#define UNUSED        __attribute__((unused))
#define HANDLER(name) HANDLER_##name
#include "kernel/syscall/handlers.h" /* made by tools/abi */

/* What the creator of an account, task or thread may do with it. */
enum { RIGHTS_OF_OWNER = RIGHT_CONTROL | RIGHT_DESTROY | RIGHT_COPY | RIGHT_READ | RIGHT_WRITE };

/* Returns a new object to the caller as a handle; if there is no room for it, destroys the object.
 */
outcome_t give_handle(struct thread *thread, struct object *object, uint16_t rights);

#endif
