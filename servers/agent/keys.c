/* The terminal of a session's program: its keys, its size, and the end of who leads there; see
 * session.h. */
#include <signal.h>

#include "servers/agent/session.h"
#include "servers/common/least.h"
#include "servers/proto/keyboard.h"
#include "servers/proto/process.h"
#include "servers/rt/message/message.h"

/* To the group, which may be of processes that the program has started, or else (0, or there is
 * none) to the program. */
static void signal_send(struct session *session, unsigned signal, uint64_t group)
{
        if (!group ||
            process_kill(session->process, RT_DEADLINE, signal, optional_word(group)) != OUTCOME_OK)
                process_kill(session->process, RT_DEADLINE, signal, optional_none());
}

/* Bit N for signal N. The second of two SIGQUITs by one key after the other is SIGKILL, as in a
 * shell of a node. */
static void signals_send(struct session *session, uint64_t signals, uint64_t group)
{
        session->quits = signals & 1ull << SIGQUIT ? session->quits + 1 : 0;
        if (session->quits > 1)
                process_kill(session->process, RT_DEADLINE, SIGKILL, optional_none());
        for (unsigned signal = 1; signal < 64 && session->quits < 2; signal++)
                if (signals >> signal & 1)
                        signal_send(session, signal, group);
}

/* Nobody types any more. */
static void hang_up(struct session *session)
{
        uint64_t group = 0;
        if (keyboard_hang_up(session->sources[SOURCE_SCREEN].pipe, RT_DEADLINE, &group) ==
                OUTCOME_OK &&
            group && group != session->id)
                process_kill(session->process, RT_DEADLINE, SIGHUP, optional_word(group));
}

void keys_type(struct session *session)
{
        const handle_t keyboard = session->sources[SOURCE_SCREEN].pipe;
        while (session->pending_length > 0 && session->echo_length == 0) {
                uint64_t signals = 0, group = 0;
                size_t count = least(session->pending_length, KEYS_MOST);
                outcome_t outcome =
                    keyboard ? keyboard_type(keyboard, RT_DEADLINE, session->pending, count,
                                             &signals, &group, session->echo + REMOTE_HEADER,
                                             ECHO_MOST, &session->echo_length)
                             : answered(REASON_RECEIVER_DIED);
                if (outcome != OUTCOME_OK)
                        session->echo_length = 0;
                session_taken(session, count);
                if (outcome == OUTCOME_OK)
                        signals_send(session, signals, group);
        }
        if (keyboard && session->input_ended && session->pending_length == 0) {
                session->input_ended = false;
                hang_up(session);
        }
}

void keys_resize(struct session *session, struct remote_size size)
{
        const handle_t keyboard = session->sources[SOURCE_SCREEN].pipe;
        uint64_t group = 0;
        if (keyboard &&
            keyboard_resize(keyboard, RT_DEADLINE, size.rows, size.columns, &group) == OUTCOME_OK)
                signal_send(session, SIGWINCH, group);
}

void keys_leader_ended(struct session *session)
{
        if (!session->sources[SOURCE_SCREEN].pipe)
                return;
        hang_up(session);
        if (session->under_way[CALL_SOURCE + SOURCE_SCREEN])
                rt_call_cancel(session->calls[CALL_SOURCE + SOURCE_SCREEN]);
}
