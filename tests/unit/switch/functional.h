/* A switch under test and the nodes that the test plays: unix sockets, a directory of its own, and
 * waits that all have a deadline. */
#ifndef TEST_SWITCH_FUNCTIONAL_H
#define TEST_SWITCH_FUNCTIONAL_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
        NODES = 3,
        WAIT_MS = 10000, /* for what must happen */
        QUIET_MS = 100,  /* for what must not */
        OUTPUT_MAX = 65536,
};

struct rig {
        char directory[64];
        pid_t pid;
        int output, errors;  /* the switch's standard output and error */
        int control;         /* one connection */
        int node[NODES + 1]; /* node[1] is n1's socket, as its QEMU has it */
};

extern struct rig rig;
extern const char *switch_program;

/* Makes the directory and n1 … n3 with their sockets; starts a switch with further arguments (NULL
 * ends them) and waits until it is ready. A zero file_limit is none. */
void rig_start(const char *const *arguments, unsigned long file_limit);

/* Ends the switch, and removes all that is left. */
void rig_stop(void);

/* Starts a switch in the directory and returns its pid, and its standard error. */
pid_t switch_spawn(const char *const *arguments, unsigned long file_limit, int *output,
                   int *errors);

/* Waits until a switch has ended; returns its exit status, or 128 and the signal. */
int switch_wait(pid_t pid);

/* Reads until the text has come, or fails; returns all that was read. */
const char *text_expect(int fd, const char *text);

/* Sends a command and returns its answer up to `ok` or `error: …`. */
const char *command(const char *line);
const char *command_on(int connection, const char *line);
int control_connect(void);

/* A node's socket: opened (replacing the old one), closed with its file. */
void node_open(unsigned node);
void node_close(unsigned node);

/* Sends a frame with a number in it from a node to a node's MAC (0: broadcast). */
void frame_send(unsigned from, unsigned to, uint32_t number);

/* Receives a frame's number within some ms; false if none comes. */
bool frame_receive(unsigned node, uint32_t *number, int ms);

/* Receives and compares, or fails; or waits a moment and fails if one comes. */
void frame_expect(unsigned node, uint32_t number);
void frame_expect_none(unsigned node);

/* Milliseconds of the monotonic clock. */
double clock_ms(void);

/* A value from `stats`: of a port (or `switch`) and a key. */
unsigned long stat_read(const char *port, const char *key);

#endif
