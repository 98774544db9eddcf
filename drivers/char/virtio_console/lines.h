/* The lines of a virtio console device with several ports, as its control messages tell of them
 * (Virtual I/O Device, version 1.1, section 5.3.6). A port is a line that the host opens and closes
 * as often as it likes:
 *
 *                  host opens              accept
 *      closed ────────────────> offered ────────────> taken ──┐ host closes: over
 *        ^  ^                      │                    │     │
 *        │  └── host closes ───────┘        let go of   │     │ let go of
 *        │                                              v     │
 *        └──────────── host closes ─────────────────── spent  │
 *        └────────────────────────────────────────────────────┘
 *
 * A connection that was let go of is never offered again; over is a line whose connection has ended
 * though somebody still has it. What the device says is not believed: a message that is too short
 * breaks the lines, an unknown port or event is passed over.
 *
 * Pure. Context: the driver's one thread. */
#ifndef VIRTIO_CONSOLE_LINES_H
#define VIRTIO_CONSOLE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ports 1 to LINES: port 0 is a console's, which nobody asks for. */
enum { LINES = 4 };

struct line {
        bool present;   /* the device has such a port */
        bool host_open; /* somebody at the host is connected */
        bool taken;     /* accepted, and not let go of */
        bool over;      /* taken, but that connection has ended */
        bool spent;     /* let go of, and the host has not closed it since */
};

struct lines {
        struct line line[LINES];
};

/* What is to be told to the device, as its words have it. */
struct line_message {
        uint32_t port;
        uint16_t event, value;
};

enum { LINE_MESSAGE_BYTES = 8 };

/* The bytes of a message. */
void line_message_write(const struct line_message *message, uint8_t bytes[LINE_MESSAGE_BYTES]);

enum lines_answer {
        LINES_NOTHING, /* there is nothing to answer */
        LINES_ANSWER,  /* *answer is to be sent */
        LINES_BROKEN   /* the message is no message */
};

/* Takes a control message of the device. */
enum lines_answer lines_take(struct lines *lines, const uint8_t *bytes, size_t length,
                             struct line_message *answer);

/* A line that is offered; LINES: there is none. */
unsigned lines_offered(const struct lines *lines);

/* Takes an offered line; lets go of a taken one. Each has to be told to the device: *message. */
void line_take(struct lines *lines, unsigned line, struct line_message *message);
void line_drop(struct lines *lines, unsigned line, struct line_message *message);

#endif
