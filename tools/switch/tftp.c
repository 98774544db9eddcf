/* Transfers. A session has one packet under way, kept whole for repetition:
 *
 *      request ── options? ─ yes ─ OACK ──┐
 *                    └ no ─ DATA 1 ───────┴─ ACK n ─ DATA n + 1 ─ … ─ ACK of the short block: done
 *
 * Only the acknowledgement of the packet under way moves on; others are ignored, so a delayed
 * duplicate never doubles the traffic (RFC 1123, 4.2.3.1). */
#include "tools/switch/tftp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "servers/common/byte_order.h"

#include "tools/switch/beneath.h"

enum opcode { OPCODE_DATA = 3, OPCODE_ACK = 4, OPCODE_ERROR = 5, OPCODE_OACK = 6 };

enum tftp_error {
        ERROR_OTHER = 0, /* RFC 1350, appendix I */
        ERROR_NOT_FOUND = 1,
        ERROR_ACCESS = 2,
        ERROR_ILLEGAL = 4,
};

enum { PORT_FIRST = 49152, DATA_HEADER = 4 };

#define WAIT_FIRST_NS UINT64_C(40000000)
#define WAIT_MOST_NS  UINT64_C(1280000000)
#define NS_PER_S      UINT64_C(1000000000)

static void error_send(struct tftp *tftp, const struct tftp_client *client, uint16_t server_port,
                       enum tftp_error error, const char *text)
{
        uint8_t packet[DATA_HEADER + 128] = {0};
        put16(packet, OPCODE_ERROR);
        put16(packet + 2, (uint16_t)error);
        size_t length = strlen(text);
        memcpy(packet + DATA_HEADER, text, length);
        tftp->env.send(tftp->env.context, client, server_port, packet, DATA_HEADER + length + 1);
}

static void session_end(struct tftp *tftp, struct tftp_session *session, const char *why)
{
        session->active = false;
        close(session->file);
        tftp->env.report(tftp->env.context, &session->client, why ? TFTP_FAILED : TFTP_DONE,
                         session->name, session->size, why);
}

/* Sends the packet under way; its repetition waits as long as `wait` says. */
static void packet_send(struct tftp *tftp, struct tftp_session *session, uint64_t now)
{
        session->deadline = now + session->wait;
        tftp->env.send(tftp->env.context, &session->client, session->server_port, session->packet,
                       session->packet_length);
}

static void progress_note(struct tftp_session *session, uint64_t now)
{
        session->give_up = now + TFTP_GIVE_UP_NS;
        if (!session->wait_fixed)
                session->wait = WAIT_FIRST_NS;
}

static uint64_t last_block(const struct tftp_session *session)
{
        return session->size / session->block_size + 1;
}

/* Reads the current block into the packet. False if the file has become shorter or unreadable. */
static bool block_read(struct tftp_session *session)
{
        uint64_t offset = (session->block - 1) * session->block_size;
        size_t length = session->block_size;
        if (session->size - offset < length)
                length = (size_t)(session->size - offset);
        put16(session->packet, OPCODE_DATA);
        put16(session->packet + 2, (uint16_t)session->block); /* goes round after 65535 */
        session->packet_length = DATA_HEADER + length;
        ssize_t got;
        do
                got = pread(session->file, session->packet + DATA_HEADER, length, (off_t)offset);
        while (got < 0 && errno == EINTR);
        return got == (ssize_t)length;
}

static void block_send_next(struct tftp *tftp, struct tftp_session *session, uint64_t now)
{
        session->block++;
        progress_note(session, now);
        if (block_read(session)) {
                packet_send(tftp, session, now);
                return;
        }
        error_send(tftp, &session->client, session->server_port, ERROR_OTHER, "the file changed");
        session_end(tftp, session, "the file changed while it was read");
}

static void oack_add(struct tftp_session *session, const char *name, uint64_t value)
{
        char *at = (char *)session->packet + session->packet_length;
        size_t space = sizeof session->packet - session->packet_length;
        int name_length = snprintf(at, space, "%s", name) + 1;
        int value_length = snprintf(at + name_length, space - (size_t)name_length, "%llu",
                                    (unsigned long long)value) +
                           1;
        session->packet_length += (size_t)(name_length + value_length);
}

/* Acknowledges the options of the request; false if there were none. */
static bool oack_make(struct tftp_session *session, const struct tftp_request *request)
{
        put16(session->packet, OPCODE_OACK);
        session->packet_length = 2;
        if (request->block_size)
                oack_add(session, "blksize", session->block_size);
        if (request->timeout)
                oack_add(session, "timeout", request->timeout);
        if (request->wants_size)
                oack_add(session, "tsize", session->size);
        return session->packet_length > 2;
}

static bool client_equal(const struct tftp_client *a, const struct tftp_client *b)
{
        return a->address == b->address && a->port == b->port && mac_equal(a->mac, b->mac);
}

static struct tftp_session *session_find(struct tftp *tftp, const struct tftp_client *client)
{
        for (unsigned i = 0; i < TFTP_SESSIONS_MAX; i++) {
                struct tftp_session *session = &tftp->sessions[i];
                if (session->active && client_equal(&session->client, client))
                        return session;
        }
        return NULL;
}

/* The client's session that has got on least, if it has as many as it may; NULL: it has fewer. */
static struct tftp_session *session_spare(struct tftp *tftp, struct mac mac)
{
        struct tftp_session *oldest = NULL;
        unsigned count = 0;
        for (unsigned i = 0; i < TFTP_SESSIONS_MAX; i++) {
                struct tftp_session *session = &tftp->sessions[i];
                if (!session->active || !mac_equal(session->client.mac, mac))
                        continue;
                count++;
                if (!oldest || session->give_up < oldest->give_up)
                        oldest = session;
        }
        return count < TFTP_CLIENT_SESSIONS ? NULL : oldest;
}

/* A place for one more session of the client; NULL: all are taken. */
static struct tftp_session *session_free(struct tftp *tftp, const struct tftp_client *client)
{
        struct tftp_session *spare = session_spare(tftp, client->mac);
        if (spare)
                session_end(tftp, spare, "the client has begun too many others");
        for (unsigned i = 0; i < TFTP_SESSIONS_MAX; i++) {
                if (!tftp->sessions[i].active)
                        return &tftp->sessions[i];
        }
        return NULL;
}

/* Opens the file of a request; answers with an error and returns -1 if that cannot be. */
static int file_open(struct tftp *tftp, const struct tftp_client *client,
                     const struct tftp_request *request, uint64_t *size)
{
        const char *why = "the mode is not octet";
        enum tftp_error error = ERROR_ILLEGAL;
        if (request->octet) {
                errno = ENOENT;
                int file =
                    tftp->directory < 0 ? -1 : beneath_open(tftp->directory, request->file, size);
                if (file >= 0)
                        return file;
                error = errno == ENOENT ? ERROR_NOT_FOUND : ERROR_ACCESS;
                why = strerror(errno);
        }
        error_send(tftp, client, TFTP_PORT, error, why);
        tftp->env.report(tftp->env.context, client, TFTP_FAILED, request->file, 0, why);
        return -1;
}

static void session_start(struct tftp *tftp, const struct tftp_client *client,
                          const struct tftp_request *request, uint64_t now)
{
        struct tftp_session *session = session_free(tftp, client);
        if (!session) {
                error_send(tftp, client, TFTP_PORT, ERROR_OTHER, "too many transfers");
                return;
        }
        uint64_t size;
        int file = file_open(tftp, client, request, &size);
        if (file < 0)
                return;
        unsigned block_size = request->block_size ? request->block_size : TFTP_BLOCK_DEFAULT;
        session->active = true;
        session->client = *client;
        session->server_port = tftp->next_port;
        tftp->next_port = tftp->next_port == UINT16_MAX ? PORT_FIRST : tftp->next_port + 1;
        session->file = file;
        session->size = size;
        session->block_size = block_size < TFTP_BLOCK_MAX ? block_size : TFTP_BLOCK_MAX;
        session->block = 0;
        session->wait_fixed = request->timeout != 0;
        session->wait = request->timeout * NS_PER_S;
        strcpy(session->name, request->file);
        progress_note(session, now);
        tftp->env.report(tftp->env.context, client, TFTP_STARTED, session->name, 0, NULL);
        if (oack_make(session, request))
                packet_send(tftp, session, now);
        else
                block_send_next(tftp, session, now);
}

/* A request; the same one again from the same port means that our answer was lost. */
static void request_input(struct tftp *tftp, const struct tftp_client *client,
                          const uint8_t *payload, size_t length, uint64_t now)
{
        struct tftp_request request;
        if (!tftp_request_parse(payload, length, &request)) {
                error_send(tftp, client, TFTP_PORT, ERROR_ILLEGAL, "not a read request");
                return;
        }
        struct tftp_session *session = session_find(tftp, client);
        if (session && session->block <= 1 && strcmp(session->name, request.file) == 0) {
                packet_send(tftp, session, now);
                return;
        }
        if (session)
                session_end(tftp, session, "the client asked for another file");
        session_start(tftp, client, &request, now);
}

static void session_input(struct tftp *tftp, struct tftp_session *session, const uint8_t *payload,
                          size_t length, uint64_t now)
{
        uint16_t opcode = length >= DATA_HEADER ? get16(payload) : 0;
        if (opcode == OPCODE_ERROR) {
                session_end(tftp, session, "the client gave up");
        } else if (opcode == OPCODE_ACK && get16(payload + 2) == (uint16_t)session->block) {
                if (session->block == last_block(session))
                        session_end(tftp, session, NULL);
                else
                        block_send_next(tftp, session, now);
        }
}

void tftp_init(struct tftp *tftp, struct tftp_env env, int directory)
{
        memset(tftp, 0, sizeof *tftp);
        tftp->env = env;
        tftp->directory = directory;
        tftp->next_port = PORT_FIRST;
}

void tftp_input(struct tftp *tftp, const struct tftp_client *client, uint16_t server_port,
                const uint8_t *payload, size_t length, uint64_t now)
{
        if (server_port == TFTP_PORT) {
                request_input(tftp, client, payload, length, now);
                return;
        }
        struct tftp_session *session = session_find(tftp, client);
        if (session && session->server_port == server_port)
                session_input(tftp, session, payload, length, now);
}

void tftp_tick(struct tftp *tftp, uint64_t now)
{
        for (unsigned i = 0; i < TFTP_SESSIONS_MAX; i++) {
                struct tftp_session *session = &tftp->sessions[i];
                if (!session->active)
                        continue;
                if (session->give_up <= now) {
                        session_end(tftp, session, "the client does not answer");
                        continue;
                }
                if (session->deadline > now)
                        continue;
                if (!session->wait_fixed && session->wait < WAIT_MOST_NS)
                        session->wait *= 2;
                packet_send(tftp, session, now);
        }
}

uint64_t tftp_deadline(const struct tftp *tftp)
{
        uint64_t first = UINT64_MAX;
        for (unsigned i = 0; i < TFTP_SESSIONS_MAX; i++) {
                const struct tftp_session *session = &tftp->sessions[i];
                if (!session->active)
                        continue;
                first = session->deadline < first ? session->deadline : first;
                first = session->give_up < first ? session->give_up : first;
        }
        return first;
}

void tftp_destroy(struct tftp *tftp)
{
        for (unsigned i = 0; i < TFTP_SESSIONS_MAX; i++) {
                if (tftp->sessions[i].active)
                        close(tftp->sessions[i].file);
                tftp->sessions[i].active = false;
        }
}
