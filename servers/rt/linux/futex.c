/* See futex.h. Sources: futex(2), get_robust_list(2), and the kernel's robust-futexes.rst. */
#include "servers/rt/linux/futex.h"

#include <errno.h>
#include <time.h>

#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/shared_map.h"
#include "servers/rt/linux/signals.h"
#include "servers/rt/linux/user.h"
#include "servers/rt/message/message.h"
#include "servers/rt/pure/bytes.h"

/* <linux/futex.h>: what a lock's word says beside its owner's number. */
#define FUTEX_WAITERS    0x80000000u
#define FUTEX_OWNER_DIED 0x40000000u
#define FUTEX_TID_MASK   0x3fffffffu

/* How often whoever waits for other processes looks. */
#define SHARED_LOOK (5 * RT_MILLISECOND)

static struct {
        struct thread *first;
} waiting;

void futex_forked(void)
{
        waiting.first = NULL;
}

/* ---- the list -------------------------------------------------------------------------------- */

static void queue_add(struct thread *thread)
{
        struct thread **at = &waiting.first;
        while (*at)
                at = &(*at)->futex.next;
        thread->futex.next = NULL;
        thread->futex.queued = true;
        *at = thread;
}

static void queue_remove(struct thread **at)
{
        struct thread *thread = *at;
        *at = thread->futex.next;
        thread->futex.queued = false;
}

/* Of those at `address` the first `wake` are woken, and the next `move` wait at `to` from now on.
 * How many those are together. */
static int64_t queue_pass(uint64_t address, uint32_t bits, uint64_t wake, uint64_t move,
                          uint64_t to)
{
        int64_t count = 0;
        for (struct thread **at = &waiting.first; *at && wake + move;) {
                struct thread *thread = *at;
                if (thread->futex.address != address || !(thread->futex.bits & bits)) {
                        at = &thread->futex.next;
                        continue;
                }
                count++;
                if (wake) {
                        wake--;
                        queue_remove(at);
                        sys_event_signal(thread->event, WAKE_DONE);
                } else {
                        move--;
                        thread->futex.address = to;
                        at = &thread->futex.next;
                }
        }
        return count;
}

int64_t futex_wake(uint64_t address, uint64_t most, uint32_t bits)
{
        return queue_pass(address, bits, most, 0, 0);
}

/* ---- waiting --------------------------------------------------------------------------------- */

/* Waits until the thread is woken, one of the bits `also` is set, its time has come, or a signal is
 * there. */
static int64_t queue_wait(struct thread *thread, uint64_t also, uint64_t deadline)
{
        while (thread->futex.queued) {
                uint64_t seen = thread_wait(thread, WAKE_DONE | WAKE_SIGNAL | also, deadline);
                if (!thread->futex.queued)
                        break;
                bool signal = signals_deliverable(thread);
                if (seen && !(seen & also) && !signal)
                        continue;
                struct thread **at = &waiting.first;
                while (*at != thread)
                        at = &(*at)->futex.next;
                queue_remove(at);
                if (!signal)
                        return seen & also ? 0 : -ETIMEDOUT;
                return deadline == TIME_NEVER ? -RESTART : -EINTR;
        }
        return 0;
}

/* Context: `state`. */
static int64_t wait_here(uint64_t address, uint64_t deadline, uint32_t bits, uint64_t also)
{
        struct thread *thread = thread_self();
        int64_t error = thread_event(thread);
        if (error)
                return error;
        if (signals_deliverable(thread))
                return deadline == TIME_NEVER ? -RESTART : -EINTR;
        thread->futex.address = address;
        thread->futex.bits = bits;
        queue_add(thread);
        return queue_wait(thread, also, deadline);
}

int64_t futex_wait_here(uint64_t address, uint64_t deadline)
{
        return wait_here(address, deadline, FUTEX_ANY, 0);
}

static uint64_t changes; /* its address is all that is used */

int64_t futex_wait_changes(uint64_t deadline, bool calls)
{
        return wait_here((uint64_t)&changes, deadline, FUTEX_ANY, calls ? WAKE_CALL : 0);
}

void futex_changed(const void *what)
{
        futex_wake((uint64_t)what, UINT64_MAX, FUTEX_ANY);
        futex_wake((uint64_t)&changes, UINT64_MAX, FUTEX_ANY);
}

static int64_t futex_wait(uint32_t *word, uint32_t value, uint64_t deadline, uint32_t bits)
{
        state_lock();
        int64_t result = __atomic_load_n(word, __ATOMIC_SEQ_CST) != value
                             ? -EAGAIN
                             : wait_here((uint64_t)word, deadline, bits, 0);
        state_unlock();
        return result;
}

/* A word that other processes share, who wake nobody here: whoever waits is sent to look again,
 * which futex(2) allows. */
static int64_t futex_wait_shared(uint32_t *word, uint32_t value, uint64_t deadline, uint32_t bits)
{
        const uint64_t look = rt_after(SHARED_LOOK);
        if (deadline <= look)
                return futex_wait(word, value, deadline, bits);
        const int64_t result = futex_wait(word, value, look, bits);
        if (result == -EINTR && deadline == TIME_NEVER)
                return -RESTART;
        return result == -ETIMEDOUT ? 0 : result;
}

static int64_t requeue(const struct linux_arguments *in, bool compare)
{
        const uint32_t *word = (const uint32_t *)in->a;
        if ((int32_t)in->c < 0 || (int32_t)in->d < 0)
                return -EINVAL;
        state_lock();
        int64_t result =
            compare && __atomic_load_n(word, __ATOMIC_SEQ_CST) != (uint32_t)in->f
                ? -EAGAIN
                : queue_pass(in->a, FUTEX_ANY, (uint32_t)in->c, (uint32_t)in->d, in->e);
        state_unlock();
        return result;
}

static int64_t wake(uint64_t address, uint32_t most, uint32_t bits)
{
        state_lock();
        int64_t woken = futex_wake(address, most, bits);
        state_unlock();
        return woken;
}

/* ---- locks whose word names the owner --------------------------------------------------------
 *
 * With priority inheritance, says Linux: all threads of a program have the same priority here, so
 * there is none to inherit. Who unlocks hands the lock to the first that waits. */

static struct thread *first_at(uint64_t address)
{
        struct thread *thread = waiting.first;
        while (thread && thread->futex.address != address)
                thread = thread->futex.next;
        return thread;
}

/* Takes the lock if nobody has it: 0; -EAGAIN: somebody has, and is told that others wait if this
 * one will. Context: `state`. */
static int64_t owned_try(uint32_t *word, bool waits)
{
        const uint32_t own = (uint32_t)thread_self()->id;
        uint32_t value = __atomic_load_n(word, __ATOMIC_SEQ_CST), next;
        do {
                const uint32_t owner = value & FUTEX_TID_MASK;
                if (owner == own)
                        return -EDEADLK;
                if (owner && !thread_numbered(owner))
                        return -ESRCH;
                next = owner ? value | (waits ? FUTEX_WAITERS : 0)
                             : own | (value & FUTEX_OWNER_DIED) |
                                   (first_at((uint64_t)word) ? FUTEX_WAITERS : 0);
        } while (!__atomic_compare_exchange_n(word, &value, next, false, __ATOMIC_SEQ_CST,
                                              __ATOMIC_SEQ_CST));
        return value & FUTEX_TID_MASK ? -EAGAIN : 0;
}

static int64_t owned_lock(uint32_t *word, uint64_t deadline, bool waits)
{
        const uint32_t own = (uint32_t)thread_self()->id;
        state_lock();
        int64_t result = owned_try(word, waits);
        while (result == -EAGAIN && waits) {
                result = wait_here((uint64_t)word, deadline, FUTEX_ANY, 0);
                if (result == 0 &&
                    (__atomic_load_n(word, __ATOMIC_SEQ_CST) & FUTEX_TID_MASK) != own)
                        result = owned_try(word, true); /* its owner has died */
        }
        state_unlock();
        return result == -EINTR ? -RESTART : result;
}

static int64_t owned_unlock(uint32_t *word)
{
        int64_t result = -EPERM;
        state_lock();
        if ((__atomic_load_n(word, __ATOMIC_SEQ_CST) & FUTEX_TID_MASK) ==
            (uint32_t)thread_self()->id) {
                struct thread *next = first_at((uint64_t)word);
                if (next)
                        queue_pass((uint64_t)word, FUTEX_ANY, 1, 0, 0);
                uint32_t more = first_at((uint64_t)word) ? FUTEX_WAITERS : 0;
                __atomic_store_n(word, next ? (uint32_t)next->id | more : 0, __ATOMIC_SEQ_CST);
                result = 0;
        }
        state_unlock();
        return result;
}

/* ---- the call -------------------------------------------------------------------------------- */

int64_t linux_futex(const struct linux_arguments *in)
{
        const int operation = (int)in->b;
        const int command = operation & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
        const bool bitset = command == FUTEX_WAIT_BITSET || command == FUTEX_WAKE_BITSET;
        const uint32_t bits = bitset ? (uint32_t)in->f : FUTEX_ANY;
        uint64_t deadline;
        if (in->a % sizeof(uint32_t) || !bits)
                return -EINVAL;
        switch (command) {
        case FUTEX_WAIT:
        case FUTEX_WAIT_BITSET: {
                int64_t error = time_deadline((const void *)in->d, bitset, &deadline);
                if (!error && bitset && operation & FUTEX_CLOCK_REALTIME)
                        deadline = time_of_date(deadline);
                if (error)
                        return error;
                return (operation & FUTEX_PRIVATE_FLAG || !address_is_shared(in->a)
                            ? futex_wait
                            : futex_wait_shared)((uint32_t *)in->a, (uint32_t)in->c, deadline,
                                                 bits);
        }
        case FUTEX_WAKE:
        case FUTEX_WAKE_BITSET:
                return wake(in->a, (uint32_t)in->c, bits);
        case FUTEX_LOCK_PI:
        case FUTEX_TRYLOCK_PI: {
                int64_t error = time_deadline((const void *)in->d, true, &deadline);
                return error ? error
                             : owned_lock((uint32_t *)in->a, time_of_date(deadline),
                                          command == FUTEX_LOCK_PI);
        }
        case FUTEX_UNLOCK_PI:
                return owned_unlock((uint32_t *)in->a);
        case FUTEX_REQUEUE:
        case FUTEX_CMP_REQUEUE:
                return requeue(in, command == FUTEX_CMP_REQUEUE);
        default:
                return -ENOSYS;
        }
}

/* ---- robust lists ---------------------------------------------------------------------------- */

/* As <linux/futex.h> has the head of such a list. */
struct robust_head {
        uint64_t next;
        int64_t offset; /* from an entry to its lock's word */
        uint64_t pending;
};

enum { ROBUST_MOST = 2048 };

static void robust_die(const struct thread *thread, uint64_t entry, int64_t offset)
{
        const uint64_t address = (entry & ~(uint64_t)1) + (uint64_t)offset;
        uint32_t *word = (uint32_t *)address, value;
        if (!user_writes(address, sizeof *word))
                return;
        value = __atomic_load_n(word, __ATOMIC_SEQ_CST);
        if ((value & FUTEX_TID_MASK) != (uint32_t)thread->id)
                return;
        while (!__atomic_compare_exchange_n(word, &value,
                                            (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED, false,
                                            __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
                ;
        if (value & FUTEX_WAITERS)
                futex_wake(address, 1, FUTEX_ANY);
}

void robust_release(struct thread *thread)
{
        const struct robust_head *head = (const struct robust_head *)thread->robust_list;
        if (!head || !user_reads((uint64_t)head, sizeof *head))
                return;
        uint64_t entry = head->next;
        for (unsigned i = 0; i < ROBUST_MOST && entry != (uint64_t)head; i++) {
                const uint64_t at = entry & ~(uint64_t)1;
                if (!user_reads(at, sizeof at))
                        return;
                uint64_t next = *(const uint64_t *)at;
                if (entry != head->pending)
                        robust_die(thread, entry, head->offset);
                entry = next;
        }
        if (head->pending)
                robust_die(thread, head->pending, head->offset);
        thread->robust_list = 0;
}

int64_t linux_set_robust_list(uint64_t head, uint64_t bytes)
{
        if (bytes != sizeof(struct robust_head))
                return -EINVAL;
        thread_self()->robust_list = head;
        return 0;
}

int64_t linux_get_robust_list(int64_t id, uint64_t *head, uint64_t *bytes)
{
        if (id && id != linux_gettid())
                return -EPERM;
        *head = thread_self()->robust_list;
        *bytes = sizeof(struct robust_head);
        return 0;
}
