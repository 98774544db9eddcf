/* A read-only TFTP server (RFC 1350) with the options blksize, timeout and tsize (RFC 2347 to 2349)
 * that boots nodes through loss: what is not acknowledged is sent again, with growing waits, until
 * a deadline.
 *
 * One session per transfer, known by the client's address and port and by the server's port, which
 * is the session's own. Packets go through the environment; time is an argument. */
#ifndef SWITCH_TFTP_H
#define SWITCH_TFTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/switch/mac.h"

enum {
        TFTP_PORT = 69,
        TFTP_SESSIONS_MAX = 128,
        TFTP_CLIENT_SESSIONS = 4, /* of one MAC: a client that begins more loses its oldest */
        TFTP_NAME_MAX = 256,      /* with the final zero */
        TFTP_BLOCK_DEFAULT = 512,
        TFTP_BLOCK_MAX = 1468, /* what fits an Ethernet frame */
        TFTP_PAYLOAD_MAX = TFTP_BLOCK_MAX + 4,
};

#define TFTP_GIVE_UP_NS UINT64_C(20000000000) /* without progress for so long */

struct tftp_client {
        struct mac mac;
        uint32_t address;
        uint16_t port;
};

enum tftp_event { TFTP_STARTED, TFTP_DONE, TFTP_FAILED };

struct tftp_env {
        void *context;
        void (*send)(void *context, const struct tftp_client *client, uint16_t server_port,
                     const uint8_t *payload, size_t length);
        /* Progress for the user: `bytes` counts for TFTP_DONE, `why` stands for TFTP_FAILED. */
        void (*report)(void *context, const struct tftp_client *client, enum tftp_event event,
                       const char *file, uint64_t bytes, const char *why);
};

struct tftp_request {
        char file[TFTP_NAME_MAX];
        bool octet;
        bool wants_size;
        unsigned block_size; /* 8 … 65464, or 0 if not asked for */
        unsigned timeout;    /* 1 … 255 s, or 0 if not asked for */
};

struct tftp_session {
        bool active;
        struct tftp_client client;
        uint16_t server_port;
        char name[TFTP_NAME_MAX];
        int file;
        uint64_t size;
        unsigned block_size;
        uint64_t block;    /* sent and not acknowledged; 0 is the acknowledgement of options */
        uint64_t wait;     /* until the next repetition, ns */
        bool wait_fixed;   /* the client named it */
        uint64_t deadline; /* of the next repetition */
        uint64_t give_up;
        uint8_t packet[TFTP_PAYLOAD_MAX]; /* the last one sent */
        size_t packet_length;
};

struct tftp {
        struct tftp_env env;
        int directory; /* -1: every file is not found */
        uint16_t next_port;
        struct tftp_session sessions[TFTP_SESSIONS_MAX];
};

/* Reads a read request; false if it is anything else, or malformed. Unknown options are ignored. */
bool tftp_request_parse(const uint8_t *payload, size_t length, struct tftp_request *request);

/* Starts a server over an open directory, which stays the caller's. */
void tftp_init(struct tftp *tftp, struct tftp_env env, int directory);

/* A packet from a client to one of the server's ports. */
void tftp_input(struct tftp *tftp, const struct tftp_client *client, uint16_t server_port,
                const uint8_t *payload, size_t length, uint64_t now);

/* Repeats and gives up what is due; tftp_deadline says when it has to be called, UINT64_MAX never.
 */
void tftp_tick(struct tftp *tftp, uint64_t now);
uint64_t tftp_deadline(const struct tftp *tftp);

/* Ends all sessions without a word. */
void tftp_destroy(struct tftp *tftp);

#endif
