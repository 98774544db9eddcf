/* See lock.h. Of those who wait each has made the event before it counts, or had no memory for it,
 * and the event is signalled once when it is made: so who releases the lock finds the event, or
 * somebody looks once more. */
#include "servers/rt/task/lock.h"

#include "servers/rt/message/syscall.h"
#include "servers/rt/task/time.h"

enum { GIVEN = 1 };

/* Without memory for the event the lock is waited for by looking at it again and again. */
static void event_make(struct lock *lock)
{
        handle_t made, none = 0;
        if (__atomic_load_n(&lock->event, __ATOMIC_SEQ_CST) || sys_event_create(&made))
                return;
        if (__atomic_compare_exchange_n(&lock->event, &none, made, false, __ATOMIC_SEQ_CST,
                                        __ATOMIC_SEQ_CST))
                sys_event_signal(made, GIVEN);
        else
                sys_handle_close(made);
}

void lock_take(struct lock *lock)
{
        uint32_t free = 0;
        uint64_t bits;
        if (__atomic_compare_exchange_n(&lock->word, &free, 1, false, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED))
                return;
        event_make(lock);
        if (__atomic_fetch_add(&lock->word, 1, __ATOMIC_SEQ_CST) == 0)
                return;
        do {
                handle_t event = __atomic_load_n(&lock->event, __ATOMIC_SEQ_CST);
                if (!event || sys_event_wait(event, GIVEN, TIME_NEVER, &bits) != OUTCOME_OK)
                        sys_yield();
        } while (!__atomic_exchange_n(&lock->given, 0, __ATOMIC_SEQ_CST));
}

void lock_release(struct lock *lock)
{
        uint32_t had = __atomic_fetch_sub(&lock->word, 1, __ATOMIC_SEQ_CST);
        if (had == 0 || lock->given)
                __builtin_trap(); /* whoever releases it has it */
        if (had == 1)
                return;
        __atomic_store_n(&lock->given, 1, __ATOMIC_SEQ_CST);
        handle_t event = __atomic_load_n(&lock->event, __ATOMIC_SEQ_CST);
        if (event)
                sys_event_signal(event, GIVEN);
}
