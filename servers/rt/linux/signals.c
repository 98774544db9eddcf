/* What a program sets of signals, sends and waits for; see signals.h.
 *
 * Numbers and layouts: signal(7), sigaction(2), and the kernel's <asm/signal.h>. */
#include "servers/rt/linux/signals.h"

#include <errno.h>

#include "servers/rt/linux/futex.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/outside.h"
#include "servers/rt/linux/queue.h"
#include "servers/rt/message/message.h"
#include "servers/rt/pure/bytes.h"

enum { SET_BYTES = 8 };

#define NEVER_BLOCKED (signal_bit(SIGKILL) | signal_bit(SIGSTOP))
#define OF_FAULTS                                                                                  \
        (signal_bit(SIGSEGV) | signal_bit(SIGBUS) | signal_bit(SIGFPE) | signal_bit(SIGILL) |      \
         signal_bit(SIGTRAP))
#define STOPS                                                                                      \
        (signal_bit(SIGSTOP) | signal_bit(SIGTSTP) | signal_bit(SIGTTIN) | signal_bit(SIGTTOU))

static struct {
        struct kernel_action actions[SIGNALS + 1];
        uint64_t pending;                          /* of the process */
        struct signal_sent sent[SIGNAL_REAL_TIME]; /* the last of each that is not of real time */
        uint64_t progress;                         /* how often one came to be pending */
} signals;

static bool signal_valid(int signal)
{
        return signal >= 1 && signal <= SIGNALS;
}

struct kernel_action *signal_action(int signal)
{
        return &signals.actions[signal];
}

/* signal(7): what happens by default to a program that got it. */
bool signal_ignored(int signal)
{
        uint64_t handler = signals.actions[signal].handler;
        return handler == (uint64_t)SIG_IGN ||
               (handler == (uint64_t)SIG_DFL &&
                (signal == SIGCHLD || signal == SIGURG || signal == SIGWINCH || signal == SIGCONT));
}

uint64_t signals_ignored(void)
{
        uint64_t set = 0;
        for (int signal = 1; signal <= SIGNALS; signal++)
                if (signals.actions[signal].handler == (uint64_t)SIG_IGN)
                        set |= signal_bit(signal);
        return set;
}

void signals_begin(uint64_t ignored)
{
        for (int signal = 1; signal <= SIGNALS; signal++)
                if (ignored & signal_bit(signal))
                        signals.actions[signal].handler = (uint64_t)SIG_IGN;
}

void signals_forked(bool clear)
{
        const uint64_t ignored = signals_ignored();
        signals.pending = 0;
        queued_forked();
        if (clear)
                bytes_zero(signals.actions, sizeof signals.actions);
        signals_begin(ignored);
}

void process_die(int signal)
{
        for (;;)
                sys_task_exit((uint64_t)(LINUX_SIGNALLED + signal));
}

/* ---- what is set ----------------------------------------------------------------------------- */

int64_t linux_sigaction(int signal, const void *new, void *old, uint64_t set_bytes)
{
        struct kernel_action set, before;
        if (!signal_valid(signal) || set_bytes != SET_BYTES ||
            (new && (signal == SIGKILL || signal == SIGSTOP)))
                return -EINVAL;
        if (new)
                bytes_copy(&set, new, sizeof set);
        state_lock();
        before = signals.actions[signal];
        if (new) {
                signals.actions[signal] = set;
                signals.actions[signal].mask &= ~NEVER_BLOCKED;
        }
        state_unlock();
        if (old)
                bytes_copy(old, &before, sizeof before);
        return 0;
}

int64_t linux_sigprocmask(int how, const void *new, void *old, uint64_t set_bytes)
{
        struct thread *thread = thread_self();
        uint64_t before = thread->blocked, set = 0;
        if (set_bytes != SET_BYTES ||
            (new &&how != SIG_BLOCK &&how != SIG_UNBLOCK &&how != SIG_SETMASK))
                return -EINVAL;
        if (new) {
                bytes_copy(&set, new, sizeof set);
                set = how == SIG_BLOCK ? before | set : how == SIG_UNBLOCK ? before & ~set : set;
                state_lock();
                thread->blocked = set & ~NEVER_BLOCKED;
                thread->block->attention |= signals_deliverable(thread);
                state_unlock();
        }
        if (old)
                bytes_copy(old, &before, sizeof before);
        return 0;
}

int64_t linux_sigaltstack(const void *new, void *old)
{
        struct thread *thread = thread_self();
        const uint64_t stack = thread->block->user_stack;
        stack_t before = thread->alternate, set;
        bool within = before.ss_sp && stack - (uint64_t)before.ss_sp < before.ss_size;
        before.ss_flags = !before.ss_sp ? SS_DISABLE : within ? SS_ONSTACK : 0;
        if (new) {
                bytes_copy(&set, new, sizeof set);
                if (within)
                        return -EPERM;
                const bool none = set.ss_flags == SS_DISABLE;
                if (!none && set.ss_flags != 0 && set.ss_flags != SS_ONSTACK)
                        return -EINVAL;
                if (!none && set.ss_size < MINSIGSTKSZ)
                        return -ENOMEM;
                if (none)
                        bytes_zero(&set, sizeof set);
                set.ss_flags = 0;
                thread->alternate = set;
        }
        if (old)
                bytes_copy(old, &before, sizeof before);
        return 0;
}

/* ---- sending --------------------------------------------------------------------------------- */

uint64_t signals_pending(const struct thread *thread)
{
        return thread->pending | signals.pending;
}

const void *signals_place(void)
{
        return &signals;
}

uint64_t signals_progress(void)
{
        return signals.progress;
}

bool signals_deliverable(const struct thread *thread)
{
        return (signals_pending(thread) & ~thread->blocked) != 0;
}

static bool would_take(struct thread *thread, uint64_t bit)
{
        return (bit & (~thread->blocked | thread->awaited)) != 0;
}

static bool pending_drop(struct thread *thread, uint64_t set)
{
        thread->pending &= ~set;
        return false;
}

/* A signal that stops and one that lets go on take each other back. */
static void opposite_drop(int signal)
{
        const uint64_t set = signal == SIGCONT            ? STOPS
                             : signal_bit(signal) & STOPS ? signal_bit(SIGCONT)
                                                          : 0;
        if (!set)
                return;
        signals.pending &= ~set;
        threads_find(pending_drop, set);
        if (signal == SIGCONT)
                process_continue();
}

void signal_default(int signal)
{
        if (signal_bit(signal) & STOPS)
                process_stop(signal);
        else
                process_die(signal);
}

/* SA_NOCLDSTOP: the program does not want to hear that a child stops or goes on. */
static bool is_quiet(int signal, const struct signal_sent *sent)
{
        return signal == SIGCHLD && (sent->code == CLD_STOPPED || sent->code == CLD_CONTINUED) &&
               signals.actions[signal].flags & SA_NOCLDSTOP;
}

void signal_send(struct thread *thread, int signal, const struct signal_sent *sent)
{
        const uint64_t bit = signal_bit(signal);
        struct thread *taker = thread;
        opposite_drop(signal);
        if (!taker)
                taker = would_take(thread_self(), bit) && thread_self()->id
                            ? thread_self()
                            : threads_find(would_take, bit);
        const bool takes = taker && would_take(taker, bit);
        const bool acts = takes && !(taker->awaited & bit);
        if ((acts && signal_ignored(signal)) || is_quiet(signal, sent))
                return;
        if (acts && signals.actions[signal].handler == (uint64_t)SIG_DFL && !process_is_stopped()) {
                signal_default(signal);
                return;
        }
        *(thread ? &thread->pending : &signals.pending) |= bit;
        if (signal >= SIGNAL_REAL_TIME)
                queued_add(thread, signal, sent);
        else
                signals.sent[signal] = *sent;
        signals.progress++;
        futex_changed(&signals);
        if (takes)
                thread_kick(taker);
}

bool signal_waits(const struct thread *thread, int signal, const struct signal_sent *sent)
{
        const uint64_t pending = thread ? thread->pending : signals.pending;
        if (signal >= SIGNAL_REAL_TIME)
                return queued_has(thread, signal, sent);
        return pending & signal_bit(signal) && signals.sent[signal].code == sent->code &&
               signals.sent[signal].sender == sent->sender;
}

bool signals_room(void)
{
        return queued_room() > 1; /* the last is for others */
}

/* What was sent with one that is pending, which it is no longer, unless there is another. */
static struct signal_sent pending_take(struct thread *thread, int signal)
{
        const uint64_t bit = signal_bit(signal);
        const bool own = thread->pending & bit, full = !queued_room();
        struct signal_sent sent = {0};
        bool more = false;
        if (signal >= SIGNAL_REAL_TIME)
                more = queued_take(own ? thread : NULL, signal, &sent);
        else
                sent = signals.sent[signal];
        if (!more)
                *(own ? &thread->pending : &signals.pending) &= ~bit;
        if (full && queued_room())
                outside_look();
        return sent;
}

int signal_take(struct thread *thread, uint64_t set, struct signal_info *info)
{
        const uint64_t there = signals_pending(thread) & set;
        if (!there)
                return 0;
        /* Those of faults first: they belong to what the thread does now. */
        const uint64_t first = there & OF_FAULTS ? there & OF_FAULTS : there;
        const int signal = __builtin_ctzll(first) + 1;
        const struct signal_sent sent = pending_take(thread, signal);
        bytes_zero(info, sizeof *info);
        info->number = signal;
        info->code = sent.code;
        info->sender.process = sent.sender;
        info->sender.user = sent.code == SI_TIMER ? timer_taken(sent.sender) : 0;
        info->sender.value = sent.value;
        return signal;
}

/* Who has nobody to let him go on does not stop. */
static int64_t send_check(int signal)
{
        if (signal < 0 || signal > SIGNALS)
                return -EINVAL;
        return signal && signal_bit(signal) & STOPS && !outside_is_there() &&
                       signals.actions[signal].handler == (uint64_t)SIG_DFL
                   ? -ENOSYS
                   : 0;
}

/* thread 0: to the process. */
static int64_t send_to(int64_t thread, int signal, int code, uint64_t value)
{
        const struct signal_sent sent = {code, (int32_t)linux_getpid(), value};
        int64_t error = send_check(signal);
        if (error)
                return error;
        state_lock();
        struct thread *to = thread ? thread_numbered(thread) : NULL;
        if (thread && !to)
                error = -ESRCH;
        else if (signal == SIGKILL)
                process_die(signal);
        else if (signal >= SIGNAL_REAL_TIME && !signals_room())
                error = -EAGAIN;
        else if (signal)
                signal_send(to, signal, &sent);
        state_unlock();
        return error;
}

static int64_t send_any(int64_t process, int signal, int code, uint64_t value)
{
        bool own = process == linux_getpid();
        int64_t error = signal < 0 || signal > SIGNALS ? -EINVAL : 0;
        if (!error && !own)
                error = outside_send(process, signal, code, value, &own);
        return error || !own ? error : send_to(0, signal, code, value);
}

int64_t linux_kill(int64_t process, int signal)
{
        return send_any(process, signal, SI_USER, 0);
}

int64_t linux_tgkill(int64_t process, int64_t thread, int signal)
{
        if (thread <= 0 || process <= 0)
                return -EINVAL;
        return process == linux_getpid() ? send_to(thread, signal, SI_TKILL, 0) : -ESRCH;
}

int64_t linux_sigqueue(int64_t process, int64_t thread, int signal, const void *from)
{
        struct signal_info info;
        bytes_copy(&info, from, sizeof info);
        if ((info.code >= 0 || info.code == SI_TKILL) && process != linux_getpid())
                return -EPERM;
        if (!thread && process > 0)
                return send_any(process, signal, info.code, info.sender.value);
        return process == linux_getpid() ? send_to(thread, signal, info.code, info.sender.value)
                                         : -ESRCH;
}

/* ---- waiting --------------------------------------------------------------------------------- */

int64_t linux_sigpending(void *to, uint64_t set_bytes)
{
        const struct thread *thread = thread_self();
        if (set_bytes != SET_BYTES)
                return -EINVAL;
        state_lock();
        uint64_t set = signals_pending(thread) & thread->blocked;
        state_unlock();
        bytes_copy(to, &set, sizeof set);
        return 0;
}

/* The handler's frame restores the set that was blocked before. */
int64_t linux_sigsuspend(const void *set, uint64_t set_bytes)
{
        struct thread *thread = thread_self();
        uint64_t blocked;
        if (set_bytes != SET_BYTES)
                return -EINVAL;
        bytes_copy(&blocked, set, sizeof blocked);
        int64_t error = thread_event(thread);
        if (error)
                return error;
        state_lock();
        thread->blocked_before = thread->blocked;
        thread->suspended = true;
        thread->blocked = blocked & ~NEVER_BLOCKED;
        while (!signals_deliverable(thread))
                thread_wait(thread, WAKE_SIGNAL, TIME_NEVER);
        thread->block->attention = 1;
        state_unlock();
        return -EINTR;
}

int64_t linux_pause(void)
{
        return linux_sigsuspend(&thread_self()->blocked, SET_BYTES);
}

int64_t linux_sigtimedwait(const void *from, void *to, const void *timeout, uint64_t set_bytes)
{
        struct thread *thread = thread_self();
        struct signal_info info;
        uint64_t set, time, deadline = TIME_NEVER;
        int64_t result = timeout ? time_join(timeout, &time) : 0;
        if (set_bytes != SET_BYTES)
                result = -EINVAL;
        if (!result)
                result = thread_event(thread);
        if (result)
                return result;
        if (timeout)
                deadline = rt_after(time);
        bytes_copy(&set, from, sizeof set);
        state_lock();
        thread->awaited = set;
        for (bool over = false; !(result = signal_take(thread, set, &info));) {
                if (over || signals_deliverable(thread)) {
                        result = over ? -EAGAIN : -EINTR;
                        break;
                }
                over = !thread_wait(thread, WAKE_SIGNAL, deadline);
        }
        thread->awaited = 0;
        state_unlock();
        if (result > 0 && to)
                bytes_copy(to, &info, sizeof info);
        return result;
}
