/* See outside.h. Sources: signal(7), kill(2). */
#include "servers/rt/linux/outside.h"

#include <errno.h>

#include "servers/proto/process.h"
#include "servers/proto/programs.h"
#include "servers/rt/linux/foreground.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/queue.h"
#include "servers/rt/linux/signals.h"
#include "servers/rt/message/message.h"
#include "servers/rt/start/startup.h"

/* Bit of the event beside PROCESS_SIGNALS: the program wants to be stopped. */
enum { STOP_WANTED = 2 };

static struct {
        handle_t event;       /* 0: nobody sends signals */
        struct thread *taker; /* the thread that waits for it */
        int stop;             /* the signal by which the process stops, or has; 0: it runs */
        bool stopped;
} outside;

bool outside_is_there(void)
{
        return outside.event != 0;
}

bool process_is_stopped(void)
{
        return outside.stopped;
}

/* ---- to others ------------------------------------------------------------------------------- */

int64_t outside_send(int64_t process, int signal, int code, uint64_t value, bool *own)
{
        uint64_t meant = 0;
        *own = process == 0;
        if (!outside.event)
                return process == 0 ? 0 : process == -1 ? -EPERM : -ESRCH;
        outcome_t outcome = process_send(rt_handle("log"), RT_DEADLINE, (uint64_t)process,
                                         (uint64_t)signal, (uint64_t)(int64_t)code, value, &meant);
        *own = meant != 0;
        return process_error(outcome);
}

/* ---- stopping -------------------------------------------------------------------------------- */

void process_stop(int signal)
{
        struct thread *thread = thread_self();
        if (!outside.event)
                return;
        if (!outside.stop)
                outside.stop = signal;
        if (thread == outside.taker)
                return; /* it sees it next */
        sys_event_signal(outside.event, STOP_WANTED);
        /* One without memory for an event is stopped a little later. */
        if (thread->id && !thread_event(thread))
                while (outside.stop)
                        thread_wait(thread, WAKE_GO, TIME_NEVER);
}

static bool thread_wake(struct thread *thread, uint64_t bits)
{
        if (thread->event)
                sys_event_signal(thread->event, bits);
        return false;
}

void process_continue(void)
{
        if (!outside.stop)
                return;
        outside.stop = 0;
        threads_find(thread_wake, WAKE_GO);
}

static bool thread_turn(struct thread *thread, uint64_t operation)
{
        if (thread->handle)
                sys_thread_control(thread->handle, (enum thread_operation)operation, 0);
        return false;
}

/* What came while it was stopped. */
static bool thread_look(struct thread *thread, uint64_t unused)
{
        (void)unused;
        if (signals_deliverable(thread))
                thread_kick(thread);
        return false;
}

/* ---- the taker ------------------------------------------------------------------------------- */

void outside_look(void)
{
        if (outside.event)
                sys_event_signal(outside.event, PROCESS_SIGNALS);
}

/* Takes a signal, if there is one; of real time only if there is room for it. That stays: nobody
 * else takes the last place. */
static bool sent_take(int *signal, struct signal_sent *sent)
{
        uint64_t number = 0, code = 0, sender = 0;
        if (process_next(rt_handle("log"), TIME_NEVER, optional_nonzero(!queued_room()), &number,
                         &code, &sender, &sent->value) != OUTCOME_OK)
                return false; /* the process server is gone, and this process with it */
        *signal = (int)number;
        sent->code = (int)code;
        sent->sender = (int32_t)sender;
        if (number == SIGCHLD)
                children_ended();
        return number >= 1 && number <= SIGNALS;
}

static void taker_wait(void)
{
        uint64_t bits;
        sys_event_wait(outside.event, PROCESS_SIGNALS | STOP_WANTED, TIME_NEVER, &bits);
}

/* From the stop of the last thread until the process goes on. */
static void stopped_wait(void)
{
        struct signal_sent sent;
        int signal;
        threads_find(thread_turn, THREAD_STOP);
        outside.stopped = true;
        outcome_t outcome = process_stopped(rt_handle("log"), RT_DEADLINE, (uint64_t)outside.stop);
        if (outcome == answered(REASON_REFUSED))
                process_continue(); /* nobody could let it go on */
        while (outside.stop) {
                taker_wait();
                while (outside.stop && sent_take(&signal, &sent))
                        signal_send(NULL, signal, &sent);
        }
        outside.stopped = false;
        threads_find(thread_turn, THREAD_START);
        threads_find(thread_look, 0);
}

static void taker_run(void)
{
        struct signal_sent sent;
        int signal;
        for (;;) {
                taker_wait();
                for (bool more = true; more;) {
                        more = sent_take(&signal, &sent);
                        state_lock();
                        if (more)
                                signal_send(NULL, signal, &sent);
                        while (!more && outside.stop) {
                                stopped_wait();
                                more = true;
                        }
                        state_unlock();
                }
        }
}

bool outside_begin(void)
{
        outside.event = rt_handle("signals");
        outside.stop = 0;
        outside.stopped = false;
        foreground_forget();
        if (!outside.event)
                return true;
        state_lock();
        outside.taker = thread_helper(taker_run);
        state_unlock();
        return outside.taker;
}
