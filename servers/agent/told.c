/* What the host is told: news of the session before the program's output; see told.h. */
#include "servers/agent/told.h"

#include <string.h>
#include "servers/common/byte_order.h"
#include "servers/proto/keyboard.h"
#include "servers/proto/tty.h"

/* What the leader of a terminal has shown is there when it has ended. */
#define SCREEN_WAIT (100 * RT_MILLISECOND)

/* ---- the line ----------------------------------------------------------------------------------
 */

static size_t note_write(struct session *session, enum remote_kind kind, const void *payload,
                         size_t length)
{
        remote_header_write(session->note, kind, length);
        memcpy(session->note + REMOTE_HEADER, payload, length);
        return REMOTE_HEADER + length;
}

/* The frame for the most urgent news; 0: there are none. */
static size_t news_take(struct session *session)
{
        uint8_t number[4];
        unsigned news = session->news & -session->news;
        session->news &= ~news;
        switch (news) {
        case NEWS_READY:
                return note_write(session, REMOTE_READY, REMOTE_MARK, REMOTE_MARK_BYTES);
        case NEWS_STARTED:
                return note_write(session, REMOTE_STARTED, "", 0);
        case NEWS_REFUSED:
                return note_write(session, REMOTE_REFUSED, session->wrong, session->wrong_length);
        case NEWS_TAKEN:
                put32(number, session->taken);
                session->taken = 0;
                return note_write(session, REMOTE_TAKEN, number, 4);
        case NEWS_STOPPED:
                return note_write(session, REMOTE_STOPPED, "", 0);
        case NEWS_ALIVE:
                return note_write(session, REMOTE_ALIVE, "", 0);
        case NEWS_ENDED:
                put16(number, (uint16_t)session->status);
                return note_write(session, REMOTE_ENDED, number, 2);
        default:
                return 0;
        }
}

bool told_all(const struct session *session)
{
        bool silent = true;
        for (unsigned i = 0; i < SOURCES; i++)
                silent = silent && !session->sources[i].pipe && !session->sources[i].length;
        return session->stage == SESSION_RUNNING && silent && !session->echo_length &&
               session->status_known;
}

static bool source_send(struct session *session, unsigned index)
{
        static const enum remote_kind kinds[SOURCES] = {REMOTE_OUTPUT, REMOTE_ERRORS,
                                                        REMOTE_SCREEN};
        struct source *source = &session->sources[index];
        if (source->length == 0)
                return false;
        remote_header_write(source->frame, kinds[index], source->length);
        session->sending = source->frame;
        session->sending_left = REMOTE_HEADER + source->length;
        return true;
}

static void echo_send(struct session *session)
{
        if (session->echo_length == 0)
                return;
        remote_header_write(session->echo, REMOTE_SCREEN, session->echo_length);
        session->sending = session->echo;
        session->sending_left = REMOTE_HEADER + session->echo_length;
}

/* Chooses what is sent next: news, then echo, then output. */
static void sending_choose(struct session *session)
{
        session->sending_left = news_take(session);
        session->sending = session->note;
        if (session->sending_left == 0)
                echo_send(session);
        for (unsigned i = 0; i < SOURCES && session->sending_left == 0; i++)
                source_send(session, i);
        if (session->sending_left == 0)
                session->sending = NULL;
}

void told_write(struct session *session)
{
        if (session->under_way[CALL_LINE_WRITE] || session->stage == SESSION_LEAVING)
                return;
        if (!session->sending)
                sending_choose(session);
        if (session->sending)
                session_begun(
                    session, CALL_LINE_WRITE,
                    tty_write_start(session->line, session->calls[CALL_LINE_WRITE], TIME_NEVER,
                                    session->sending,
                                    session->sending_left < CHUNK ? session->sending_left : CHUNK));
}

void told_written(struct session *session)
{
        uint64_t count = 0;
        outcome_t outcome = tty_write_finish(session->calls[CALL_LINE_WRITE], &count);
        if (session->stage == SESSION_LEAVING)
                return;
        if (outcome != OUTCOME_OK || count > session->sending_left) {
                session_leave(session);
                return;
        }
        session->sending += count;
        session->sending_left -= count;
        if (session->sending_left > 0)
                return;
        if (session->sending == session->echo + REMOTE_HEADER + session->echo_length)
                session->echo_length = 0;
        for (unsigned i = 0; i < SOURCES; i++) {
                struct source *source = &session->sources[i];
                if (source->length == 0 ||
                    session->sending != source->frame + REMOTE_HEADER + source->length)
                        continue;
                source->length = 0;
                told_source_read(session, i);
        }
        session->sending = NULL;
}

/* ---- the program's output ----------------------------------------------------------------------
 */

void told_source_read(struct session *session, unsigned index)
{
        struct source *source = &session->sources[index];
        const handle_t call = session->calls[CALL_SOURCE + index];
        uint8_t *bytes = source->frame + REMOTE_HEADER;
        if (index == SOURCE_SCREEN)
                session->screen_last = session->status_known;
        session_begun(
            session, CALL_SOURCE + index,
            index == SOURCE_SCREEN
                ? keyboard_shown_start(source->pipe, call,
                                       session->screen_last ? rt_after(SCREEN_WAIT) : TIME_NEVER,
                                       CHUNK, bytes, CHUNK)
                : tty_read_start(source->pipe, call, TIME_NEVER, CHUNK, bytes, CHUNK));
}

void told_source_came(struct session *session, unsigned index)
{
        struct source *source = &session->sources[index];
        const handle_t call = session->calls[CALL_SOURCE + index];
        uint8_t *bytes = source->frame + REMOTE_HEADER;
        uint64_t other;
        outcome_t outcome = index == SOURCE_SCREEN
                                ? keyboard_shown_finish(call, bytes, CHUNK, &source->length, &other)
                                : tty_read_finish(call, bytes, CHUNK, &source->length, &other);
        if (session->stage == SESSION_LEAVING)
                return;
        if (outcome != OUTCOME_OK)
                source->length = 0;
        if (outcome != OUTCOME_OK && index == SOURCE_SCREEN && session->status_known &&
            !session->screen_last) {
                told_source_read(session, index);
                return;
        }
        if (source->length == 0)
                handle_drop(&source->pipe);
}
