/* What the host is told: news of the session before the program's output; see told.h. */
#include "servers/agent/told.h"

#include <string.h>
#include "servers/common/byte_order.h"
#include "servers/proto/tty.h"

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
        return session->stage == SESSION_RUNNING && silent && session->status_known;
}

static bool source_send(struct session *session, unsigned index)
{
        struct source *source = &session->sources[index];
        if (source->length == 0)
                return false;
        remote_header_write(source->frame, index == 0 ? REMOTE_OUTPUT : REMOTE_ERRORS,
                            source->length);
        session->sending = source->frame;
        session->sending_left = REMOTE_HEADER + source->length;
        return true;
}

/* Chooses what is sent next: news, then output. */
static void sending_choose(struct session *session)
{
        session->sending_left = news_take(session);
        session->sending = session->note;
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
        session_begun(session, CALL_SOURCE + index,
                      tty_read_start(source->pipe, session->calls[CALL_SOURCE + index], TIME_NEVER,
                                     CHUNK, source->frame + REMOTE_HEADER, CHUNK));
}

void told_source_came(struct session *session, unsigned index)
{
        struct source *source = &session->sources[index];
        uint64_t lost;
        outcome_t outcome =
            tty_read_finish(session->calls[CALL_SOURCE + index], source->frame + REMOTE_HEADER,
                            CHUNK, &source->length, &lost);
        if (session->stage == SESSION_LEAVING)
                return;
        if (outcome != OUTCOME_OK)
                source->length = 0;
        if (source->length == 0)
                handle_drop(&source->pipe);
}
