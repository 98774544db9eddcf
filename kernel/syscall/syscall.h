/* System calls: decode, check, then act. A handler gets the calling thread, whose context has the
 * arguments; it writes its results into the context and returns the outcome. Message calls
 * write the whole context themselves. A handler that may end the calling thread does not touch it
 * afterwards.
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

#define MESSAGE_CALL(number, name, ...) message_handler message_##name;
#define SYSCALL(number, name, ...)      syscall_handler syscall_##name;
#include "kernel/abi/syscalls.def"
#undef MESSAGE_CALL
#undef SYSCALL

/* Arguments by position. */
static inline uint64_t argument(const struct thread *thread, unsigned index)
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

/* The living task of the first argument, a handle; 0: the caller's own. */
outcome_t task_argument(struct thread *thread, uint16_t rights, struct task **task);

/* The account of a handle argument; 0: the caller's own. */
outcome_t account_argument(struct thread *thread, unsigned index, struct account **account);

/* What the creator of an account, task or thread may do with it. */
enum { RIGHTS_OF_OWNER = RIGHT_CONTROL | RIGHT_DESTROY | RIGHT_COPY | RIGHT_READ | RIGHT_WRITE };

/* Returns a new object to the caller as a handle; if there is no room for it, destroys the object.
 */
outcome_t give_handle(struct thread *thread, struct object *object, uint16_t rights);

#endif
