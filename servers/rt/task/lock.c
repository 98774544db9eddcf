/* See lock.h. Whoever sets the word to 2 has made the event before, so that who releases finds it.
 */
#include "servers/rt/task/lock.h"

#include "servers/rt/message/syscall.h"
#include "servers/rt/task/time.h"

enum { FREE, TAKEN, CONTENDED, RELEASED = 1 };

/* Without memory for the event the lock is waited for by looking at it again and again. */
static void event_make(struct lock *lock)
{
        handle_t made, none = 0;
        if (__atomic_load_n(&lock->event, __ATOMIC_ACQUIRE) || sys_event_create(&made))
                return;
        if (!__atomic_compare_exchange_n(&lock->event, &none, made, false, __ATOMIC_ACQ_REL,
                                         __ATOMIC_ACQUIRE))
                sys_handle_close(made);
}

void lock_take(struct lock *lock)
{
        uint32_t free = FREE;
        uint64_t bits;
        if (__atomic_compare_exchange_n(&lock->word, &free, TAKEN, false, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED))
                return;
        event_make(lock);
        while (__atomic_exchange_n(&lock->word, CONTENDED, __ATOMIC_ACQUIRE) != FREE) {
                handle_t event = __atomic_load_n(&lock->event, __ATOMIC_ACQUIRE);
                if (!event || sys_event_wait(event, RELEASED, TIME_NEVER, &bits) != OUTCOME_OK)
                        sys_yield();
        }
}

void lock_release(struct lock *lock)
{
        uint32_t was = __atomic_exchange_n(&lock->word, FREE, __ATOMIC_RELEASE);
        if (was == FREE)
                __builtin_trap(); /* whoever releases it has it */
        if (was == CONTENDED && lock->event)
                sys_event_signal(lock->event, RELEASED);
}
