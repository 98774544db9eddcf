/* Whether what is open is ready, and waiting until it is; see poll.h. What is in this process is
 * looked at under the locks. A stream is its server's, perhaps on another node: it is asked by a
 * call that waits there, and counts as ready when that was answered.
 *
 *      look ──> streams that were not asked yet ──> ask: what are you ready for now?
 *        │                                                │ answers
 *        ├─> something is ready: told  <── look again <───┤
 *        │                                                │ nothing: ask, and wait there
 *        └─> a change here, an answer, a timer, a signal, the deadline
 *
 * With one stream alone, which is most, the first question waits at once. The calls that are under
 * way at the end are dropped. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "servers/common/least.h"
#include "servers/proto/tty.h"
#include "servers/rt/linux/count.h"
#include "servers/rt/linux/futex.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/local_pipe.h"
#include "servers/rt/linux/poll.h"
#include "servers/rt/linux/signal_file.h"
#include "servers/rt/linux/signals.h"
#include "servers/rt/linux/timer_file.h"
#include "servers/rt/message/message.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/memory.h"

/* ---- one open file --------------------------------------------------------------------------- */

static struct readiness count_ready(const struct open_file *open)
{
        return (struct readiness){
            (open->count ? POLLIN : 0) | (open->count < COUNT_MOST ? POLLOUT : 0), open->offset};
}

static struct readiness pipe_ready(const struct open_file *open)
{
        const bool writes = (open->flags & O_ACCMODE) == O_WRONLY;
        return (struct readiness){local_pipe_ready(open->ring, writes),
                                  local_pipe_progress(open->ring, writes)};
}

/* The question about a stream, a new one if there is none yet; NULL: there is no place. */
static struct question *question_of(struct look_round *round, struct open_file *open)
{
        for (unsigned i = 0; i < round->count; i++)
                if (round->questions[i].open == open)
                        return &round->questions[i];
        if (round->count == round->places)
                return NULL;
        struct question *question = &round->questions[round->count++];
        *question = (struct question){.open = open, .seen = SEEN_NOTHING};
        open_file_hold(open);
        return question;
}

/* One that finds no place is looked at when there are more (round_grow). */
static struct readiness stream_ready(struct open_file *open, int wanted, uint64_t seen,
                                     struct look_round *round)
{
        struct question *question = question_of(round, open);
        if (!question) {
                round->full = true;
                return (struct readiness){0, 0};
        }
        if (question->wanted && question->seen != seen)
                question->seen = SEEN_NOTHING; /* asked for in two ways */
        else
                question->seen = seen;
        question->wanted |= wanted | POLLHUP | POLLERR;
        return question->answer;
}

struct readiness open_file_ready(struct open_file *open, int wanted, uint64_t seen,
                                 struct look_round *round)
{
        struct readiness now = {POLLIN | POLLOUT, 0};
        if (open->kind == OPEN_COUNT)
                now = count_ready(open);
        else if (open->kind == OPEN_PIPE)
                now = pipe_ready(open);
        else if (open->kind == OPEN_TIMER)
                now = timer_file_ready(open, &round->due);
        else if (open->kind == OPEN_SIGNALS)
                now = signal_file_ready(open);
        else if (open->kind == OPEN_EPOLL)
                now = epoll_ready(open, round);
        else if (open->kind == OPEN_LOST)
                now.events = POLLERR;
        else if (open->kind == OPEN_CONSOLE)
                now = stream_ready(open, wanted, seen, round);
        now.events &= wanted | POLLERR | POLLHUP;
        return now;
}

/* ---- streams --------------------------------------------------------------------------------- */

/* A stream that has no place for one more who waits is asked again so much later. */
static const uint64_t CROWDED = 20 * RT_MILLISECOND;

/* What the outcome of the question says, if it is no answer. A line that cannot be asked counts as
 * always ready. So does one whose server is gone: what is done with it then says why. */
static int events_without(outcome_t outcome)
{
        const unsigned reason = outcome_reason(outcome);
        return reason == REASON_OVERLOADED
                   ? 0
                   : POLLIN | POLLOUT | (reason == REASON_NO_METHOD ? 0 : POLLERR);
}

int stream_events(handle_t right)
{
        uint64_t events = 0, progress;
        const handle_t stream = right ? right : rt_handle("tty");
        outcome_t outcome = stream ? tty_ready(stream, RT_DEADLINE, POLLIN | POLLOUT, SEEN_NOTHING,
                                               0, &events, &progress)
                                   : answered(REASON_NO_METHOD);
        return outcome == OUTCOME_OK ? (int)events : events_without(outcome);
}

/* Nothing is under way any more. */
static void question_end(struct question *question, int events)
{
        if (question->call) {
                sys_object_destroy(question->call);
                sys_handle_close(question->call);
        }
        question->call = 0;
        question->answer.events = events;
}

static void question_ask(struct question *question, struct thread *thread, bool waits)
{
        const handle_t right = question->open->right ? question->open->right : rt_handle("tty");
        outcome_t outcome = answered(REASON_NO_METHOD);
        if (right)
                outcome = sys_call_create(thread->event, WAKE_CALL, &question->call);
        if (outcome == OUTCOME_OK)
                outcome = tty_ready_start(right, question->call, waits ? TIME_NEVER : RT_DEADLINE,
                                          (uint64_t)question->wanted, question->seen, waits);
        if (outcome != OUTCOME_OK)
                question_end(question, events_without(outcome));
        question->asked = true;
}

/* Takes the answer, if it has come. */
static void question_look(struct question *question)
{
        uint64_t events = 0;
        if (!question->call)
                return;
        outcome_t outcome = tty_ready_finish(question->call, &events, &question->answer.progress);
        if (outcome == not_executed(REASON_BUSY))
                return;
        question_end(question, outcome == OUTCOME_OK ? (int)events : events_without(outcome));
        question->again = outcome_reason(outcome) == REASON_OVERLOADED ? rt_now() + CROWDED : 0;
}

static bool round_has(const struct look_round *round, bool (*is)(const struct question *))
{
        for (unsigned i = 0; i < round->count; i++)
                if (is(&round->questions[i]))
                        return true;
        return false;
}

static bool is_new(const struct question *question)
{
        return !question->asked;
}

static bool is_under_way(const struct question *question)
{
        return question->call != 0;
}

/* Asks what there is to ask. `over`: the deadline has passed. */
static void round_ask(struct look_round *round, struct thread *thread, bool over)
{
        const bool none_ready = !round_has(round, is_new) && !round_has(round, is_under_way);
        if (!over && (none_ready || round->count == 1))
                round->waits = true;
        for (unsigned i = 0; i < round->count; i++) {
                struct question *question = &round->questions[i];
                if (!question->call && (round->waits || !question->asked) &&
                    rt_now() >= question->again)
                        question_ask(question, thread, round->waits);
        }
}

static void round_collect(struct look_round *round)
{
        for (unsigned i = 0; i < round->count; i++)
                question_look(&round->questions[i]);
}

/* When a stream is to be asked again that was crowded; TIME_NEVER: none was. */
static uint64_t round_again(const struct look_round *round)
{
        uint64_t first = TIME_NEVER;
        for (unsigned i = 0; i < round->count; i++)
                if (round->questions[i].again && round->questions[i].again < first)
                        first = round->questions[i].again;
        return first;
}

static void questions_free(struct look_round *round)
{
        if (round->questions != round->few)
                rt_memory_free(round->questions, OPEN_FILES * sizeof *round->questions);
}

/* Makes places for all that can be open. False: no memory. */
static bool round_grow(struct look_round *round)
{
        void *memory;
        if (round->places == OPEN_FILES ||
            rt_memory_allocate(OPEN_FILES * sizeof *round->questions, &memory) != OUTCOME_OK)
                return false;
        bytes_copy(memory, round->questions, round->count * sizeof *round->questions);
        questions_free(round);
        round->questions = memory;
        round->places = OPEN_FILES;
        round->full = false;
        return true;
}

static void round_end(struct look_round *round)
{
        files_lock();
        for (unsigned i = 0; i < round->count; i++) {
                question_end(&round->questions[i], 0);
                open_file_drop(round->questions[i].open);
        }
        files_unlock();
        questions_free(round);
}

/* ---- waiting --------------------------------------------------------------------------------- */

uint64_t look_deadline(int64_t milliseconds)
{
        return milliseconds < 0 ? TIME_NEVER : rt_after((uint64_t)milliseconds * RT_MILLISECOND);
}

/* One look, and a wait if it found nothing and there is time. True: it is over, with *ready. */
static bool look_once(look_function *look, void *what, uint64_t count, uint64_t deadline,
                      struct look_round *round, int64_t *ready)
{
        round_collect(round);
        round->due = TIME_NEVER;
        files_lock();
        state_lock();
        *ready = look(what, count, round);
        files_unlock();
        if (!*ready && round->full) {
                state_unlock();
                *ready = round_grow(round) ? 0 : -ENOMEM;
                return *ready != 0;
        }
        const bool over = rt_now() >= deadline;
        if (!*ready && !(over && round->waits))
                round_ask(round, thread_self(), over);
        const bool answers_come = !round->waits && round_has(round, is_under_way);
        if (*ready || (over && !answers_come)) {
                state_unlock();
                return true;
        }
        const uint64_t until = answers_come ? TIME_NEVER : deadline;
        const uint64_t due = least(round->due, round_again(round));
        int64_t error = futex_wait_changes(least(until, due), round->count > 0);
        state_unlock();
        *ready = error == -RESTART ? -EINTR : error == -ETIMEDOUT ? 0 : error;
        return *ready != 0;
}

static int64_t look_wait(look_function *look, void *what, uint64_t count, uint64_t deadline)
{
        struct look_round round = {.places = QUESTIONS_FEW};
        round.questions = round.few;
        int64_t ready = thread_event(thread_self());
        while (!ready && !look_once(look, what, count, deadline, &round, &ready))
                ;
        round_end(&round);
        return ready;
}

/* Other signals are blocked as sigsuspend does it. */
int64_t look_until(look_function *look, void *what, uint64_t count, uint64_t deadline,
                   const void *set)
{
        struct thread *thread = thread_self();
        uint64_t blocked;
        if (!set)
                return look_wait(look, what, count, deadline);
        bytes_copy(&blocked, set, sizeof blocked);
        state_lock();
        thread->blocked_before = thread->blocked;
        thread->suspended = true;
        thread->blocked = blocked & ~(signal_bit(SIGKILL) | signal_bit(SIGSTOP));
        state_unlock();
        int64_t ready = look_wait(look, what, count, deadline);
        state_lock();
        if (ready == -EINTR) {
                thread->block->attention = 1;
        } else {
                thread->blocked = thread->blocked_before;
                thread->suspended = false;
        }
        state_unlock();
        return ready;
}
