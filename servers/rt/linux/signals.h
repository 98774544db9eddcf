/* Signals: from who sends one to the handler that runs for it.
 *
 *      send ──> pending, of a thread or of the process ──> kick ──> the thread's attention
 *                                                                          │ out of the layer
 *      program goes on <── sigreturn <── handler <── frame on its stack <──┘
 *
 * | file | part |
 * | signals.c | what a program sets, what it sends, what it waits for |
 * | kick.c    | gets a thread to look, wherever it runs or waits |
 * | deliver.c | which signal is next, and what is done about it |
 * | queue     | those of real time that are pending |
 * | frame.c   | the handler's frame on the program's stack, and the way back |
 * | timers.c  | signals by the clock |
 * | outside   | signals from others and to them, stops |
 *
 * What ends or stops the process by default does so when it is sent, if a thread does not block it.
 *
 * Context: `state` (threads.h), but for the calls of linux.h. Of each signal one may be pending for
 * each thread and one for the process; of those of real time many, which queue.h keeps. */
#ifndef RT_LINUX_SIGNALS_H
#define RT_LINUX_SIGNALS_H

#include "servers/rt/linux/threads.h"

enum { SIGNALS = 64 };

/* As rt_sigaction(2) passes it (linux/arch/x86/include/uapi). */
struct kernel_action {
        uint64_t handler, flags, restorer, mask;
};

/* What a handler is told. */
struct signal_info {
        int32_t number, error, code, reserved;
        union {
                struct {
                        int32_t process, user;
                        uint64_t value;
                } sender;
                uint64_t address; /* of a fault */
                uint8_t room[112];
        };
};

_Static_assert(sizeof(struct signal_info) == 128, "siginfo_t, sigaction(2)");

static inline uint64_t signal_bit(int signal)
{
        return 1ull << (signal - 1);
}

/* The action that is set for a signal (1 to SIGNALS). */
struct kernel_action *signal_action(int signal);

/* Whether the process goes on as if nothing had come. */
bool signal_ignored(int signal);

/* What goes with a signal: si_code of sigaction(2), the sender's number, the value of sigqueue(3).
 */
struct signal_sent {
        int code;
        int32_t sender;
        uint64_t value;
};

/* Sends a signal (1 to SIGNALS), for which there is room if it is of real time; thread NULL: to the
 * process. */
void signal_send(struct thread *thread, int signal, const struct signal_sent *sent);

/* Ends or stops the process, as the signal does by default. */
void signal_default(int signal);

/* Those that are there for the thread, blocked or not. */
uint64_t signals_pending(const struct thread *thread);

/* Where those wait who wait for any signal (futex_wait_here), and a number that another one follows
 * whenever one comes. */
const void *signals_place(void);
uint64_t signals_progress(void);

/* Whether a signal is there that the thread does not block. */
bool signals_deliverable(const struct thread *thread);

/* Whether that signal waits for the thread (NULL: the process) as it was sent. */
bool signal_waits(const struct thread *thread, int signal, const struct signal_sent *sent);

/* Whether one more of real time finds room, and one of others then. */
bool signals_room(void);

/* timers.c: the signal of that timer was taken: how often it was passed over since it was sent. */
int32_t timer_taken(int32_t id);

/* timers.c: alarm's, for the next program and of the last one; due 0: not set. Context: no lock. */
void timer_leave(uint64_t *due, uint64_t *interval);
void timer_take(uint64_t due, uint64_t interval);

/* The lowest signal of a set that is pending for the thread, which it is no longer; its info. 0:
 * none. */
int signal_take(struct thread *thread, uint64_t set, struct signal_info *info);

/* kick.c: the thread has something to look at. */
void thread_kick(struct thread *thread);

/* frame.c: makes the thread's registers those of the handler's beginning, with a frame that leads
 * back to what they were, and the signals blocked that are to be meanwhile. */
void frame_push(struct thread *thread, const struct kernel_action *action,
                const struct signal_info *info);

/* frame.c: this thread's vector registers into an area and back, for a thread of another task. Of a
 * processor that has more than fits in, those that FXSAVE knows. */
enum { VECTORS_MOST = 4096, VECTORS_ALIGN = 64 };
void vectors_keep(uint8_t area[VECTORS_MOST]);
void vectors_bring_back(const uint8_t area[VECTORS_MOST]);

/* Signals, by bits, that the program ignores: those its successor ignores, too. */
uint64_t signals_ignored(void);

/* Called when a program begins: what it keeps of the one before it. */
void signals_begin(uint64_t ignored);

/* In a child of fork: none is pending, and no timer runs. clear: no handler is set, either.
 * Context: the child's one thread. */
void signals_forked(bool clear);
void timers_forked(void);

/* Ends the process as by a signal. */
void process_die(int signal) __attribute__((noreturn));

#endif
