/* The shell's terminal: what is typed, what is shown, and Ctrl-C.
 *
 *      LOST ──lookup──> LOOKING ──found──> ATTACHING ──> ATTACHED ──read──> input ──> front
 *        ^                 ├────────failed────┴──────────────┘
 *        │                 └── the node has none: NONE
 *        └────────────────── again in a moment                <──write── output <── front, jobs
 *
 * All calls to the tty server are asynchronous: one reads, one writes. If it dies it is looked up
 * again. Context: the shell's one thread. */
#ifndef SHELL_TERMINAL_H
#define SHELL_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include "servers/rt/serve/serve.h"

/* Keys of its calls. */
enum { TERMINAL_KEY_READ = 1, TERMINAL_KEY_WRITE = 2 };

enum {
        TERMINAL_RESERVE = 32768, /* bytes of room that who writes at length waits for */
};

/* `service` is the tty server, as name.idl has it; `ready` is a line for the log once it was found,
 * or is not to be had (NULL: none). Both stay the caller's. `bit` of the server's event is
 * signalled by Ctrl-C. optional: a node may be without it, and then it is not looked for again. */
outcome_t terminal_begin(struct server *server, const char *service, const char *ready,
                         uint64_t bit, bool optional);

/* A call of one of its keys has its outcome. */
void terminal_completed(uint64_t key);

/* Starts the calls that there is something for. Returns when to be called again, at the latest. */
uint64_t terminal_work(uint64_t now);

/* Takes input: at most `capacity` bytes, perhaps none. */
size_t terminal_read(char *bytes, size_t capacity);

/* What was read is input again, in front of all that there is. False: there is no room. */
bool terminal_unread(const char *bytes, size_t length);

/* Here, behind what was read, bytes were lost, so that what was read before and what comes next
 * are not to be taken as one. It is told once. */
bool terminal_take_gap(void);

/* Whether there is room for TERMINAL_RESERVE bytes. */
bool terminal_has_room(void);

/* Shows bytes as they are. What finds no room is dropped. */
void terminal_write(const char *bytes, size_t length);

/* The same with each newline as return and newline. */
void terminal_write_lines(const char *bytes, size_t length);

/* Ctrl-C arrived. */
void terminal_interrupted(void);

/* Whether one came that nobody has taken, and whose byte nobody has read. */
bool terminal_interrupt_waits(void);

/* For who runs a command: whether Ctrl-C came. It is then taken, and its byte in the input does not
 * count any more. */
bool terminal_take_interrupt(void);

/* The byte of a Ctrl-C was read: false if it was taken before, and is not to count. */
bool terminal_interrupt_read(void);

#endif
