/* The log server: interface log.
 *
 *      components ──write──> line ──log_write──> kernel's log ──> console
 *                                                   │
 *      readers <──read── ring <──log_read (drain)───┘
 *
 * A line goes to the kernel's log first and comes back from there, so that the ring has the lines
 * of components and of the kernel in the one order in which they happened.
 *
 * Rights: badge 0 is init's and may admit; badge READER is registered as `log` and may read; each
 * other badge is one component's and may write. */
#include <stdlib.h>
#include <string.h>

#include "servers/log/lines.h"
#include "servers/log/ring.h"
#include "servers/proto/log.h"
#include "servers/proto/supervisor.h"
#include "servers/rt/task/log.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/start/startup.h"

enum {
        BADGE_SUPERVISOR = 0,
        BADGE_READER = 1,
        BADGE_WRITERS = 2, /* the first */
        WRITERS_MAX = 64,
        READ_BYTES = 4096, /* of one answer */
};

struct writer {
        uint64_t badge; /* 0: the place is free */
        char name[STARTUP_NAME];
};

static struct {
        struct server server;
        handle_t console;
        struct writer writers[WRITERS_MAX];
        uint64_t next_badge;
        struct ring ring;
        uint64_t drained; /* running offset in the kernel's log */
} the_log;

static void drain(void)
{
        char text[1024]; /* the most that one system call gives */
        uint64_t count = 0, began;
        do {
                if (sys_log_read(the_log.console, the_log.drained, text, sizeof text, &count,
                                 &began) != OUTCOME_OK)
                        return;
                ring_add(&the_log.ring, text, count);
                the_log.drained = began + count;
        } while (count > 0);
}

/* ---- writers ---- */

static struct writer *writer_of(uint64_t badge)
{
        for (size_t i = 0; badge >= BADGE_WRITERS && i < WRITERS_MAX; i++) {
                if (the_log.writers[i].badge == badge)
                        return &the_log.writers[i];
        }
        return NULL;
}

static struct writer *writer_free(void)
{
        for (size_t i = 0; i < WRITERS_MAX; i++) {
                if (the_log.writers[i].badge == 0)
                        return &the_log.writers[i];
        }
        return NULL;
}

/* ---- interface log ---- */

static void write_lines(struct request *request, const void *text, size_t text_length)
{
        const struct writer *writer = writer_of(request->badge);
        char line[LOG_LINE_MAX];
        const char *rest = text;
        size_t length;
        if (!writer)
                return;
        uint64_t now = rt_now();
        while ((length = line_format(&rest, &text_length, now, writer->name, line)) > 0)
                sys_log_write(the_log.console, line, length);
        drain();
}

static outcome_t admit(struct request *request, const void *name, size_t name_length,
                       struct send_cap *right)
{
        handle_t handle;
        if (request->badge != BADGE_SUPERVISOR)
                return answered(REASON_REFUSED);
        if (name_length == 0 || name_length >= STARTUP_NAME)
                return answered(REASON_INVALID);
        struct writer *writer = writer_free();
        if (!writer)
                return answered(REASON_OVERLOADED);
        uint64_t badge = the_log.next_badge;
        outcome_t outcome =
            sys_right_mint(the_log.server.port, badge, RIGHT_SEND | RIGHT_COPY, &handle);
        if (outcome != OUTCOME_OK)
                return answered(REASON_OVERLOADED);
        the_log.next_badge++;
        *writer = (struct writer){.badge = badge};
        memcpy(writer->name, name, name_length);
        *right = send_cap(handle, SEND_CAP_MOVE);
        return OUTCOME_OK;
}

static outcome_t read_text(struct request *request, uint64_t offset, uint64_t *from, uint64_t *end,
                           const void **data, size_t *data_length)
{
        if (request->badge != BADGE_READER && request->badge != BADGE_SUPERVISOR)
                return answered(REASON_REFUSED);
        void *buffer = rt_request_buffer(request);
        if (!buffer)
                return answered(REASON_OVERLOADED);
        drain();
        *data_length = ring_read(&the_log.ring, &offset, buffer, READ_BYTES);
        *data = buffer;
        *from = offset;
        *end = the_log.ring.end;
        return OUTCOME_OK;
}

static const struct log_server handlers = {
    .write = write_lines,
    .admit = admit,
    .read = read_text,
};

/* The component is gone, and so is everybody that it gave its right to. */
static void on_no_senders(struct server *server, uint64_t badge, uint64_t issues)
{
        (void)server;
        (void)issues;
        struct writer *writer = writer_of(badge);
        if (writer)
                *writer = (struct writer){0};
}

/* ---- start ---- */

/* init is told first: only then does it admit this component to the name service. */
static outcome_t introduce(void)
{
        handle_t supervisor, reader;
        outcome_t outcome = rt_server_right(&the_log.server, BADGE_SUPERVISOR, &supervisor);
        if (outcome == OUTCOME_OK)
                outcome = supervisor_admits(rt_handle("supervisor"), RT_DEADLINE, supervisor);
        if (outcome == OUTCOME_OK)
                outcome = rt_server_right(&the_log.server, BADGE_READER, &reader);
        if (outcome == OUTCOME_OK)
                outcome = rt_register("log", reader);
        return outcome;
}

int main(void)
{
        the_log.console = rt_handle("console");
        the_log.next_badge = BADGE_WRITERS;
        outcome_t outcome = rt_server_init(&the_log.server);
        the_log.server.on_no_senders = on_no_senders;
        /* Lines are written at the log's priority: nobody has it work for long at once. */
        the_log.server.receive_bytes = RT_LOG_CHUNK;
        if (outcome == OUTCOME_OK)
                outcome =
                    rt_server_add(&the_log.server, LOG_INTERFACE, log_dispatch, &handlers, NULL);
        if (outcome == OUTCOME_OK)
                outcome = introduce();
        if (outcome == OUTCOME_OK)
                outcome = rt_serve(&the_log.server);
        rt_log("%s%s", outcome_prefix(outcome), reason_text(outcome_reason(outcome)));
        return EXIT_FAILURE;
}
