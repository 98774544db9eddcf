/* Signals from other processes, and to them; the stops of this one.
 *
 *      another process ──> process server ──event "signals"──> taker ──signal_send──> a thread
 *
 * The taker is a thread of the layer's own, which waits for the event and takes one signal after
 * the other. It also stops the program and lets it go on:
 *
 *      runs ──a signal that stops──> wanted ──the taker has stopped all threads──> stopped
 *        ^                             │                                              │
 *        └──────────SIGCONT────────────┴──────────────────────────────────────────────┘
 *
 * A thread of the kernel's that waits is stopped where it waits: no call ends early by it. While
 * the program is stopped the taker keeps `state`, and nobody runs who could want it; signals other
 * than SIGCONT wait, SIGKILL is the process server's.
 *
 * A component, and a program that was started without the event, has neither.
 * Context: `state` (threads.h), unless something else is said. */
#ifndef RT_LINUX_OUTSIDE_H
#define RT_LINUX_OUTSIDE_H

#include <stdbool.h>
#include <stdint.h>

/* Begins to take signals, as the process does: in each new task. False: no memory. Context: no
 * lock. */
bool outside_begin(void);

/* Whether others can send signals, and the process can stop. Context: any. */
bool outside_is_there(void);

/* Whether the process is stopped: no thread of its is to be started. */
bool process_is_stopped(void);

/* The process stops, as by that signal. A thread of the program comes back when it goes on. */
void process_stop(int signal);

/* There is room again for signals of real time (queue.h): takes those that wait. */
void outside_look(void);

/* It goes on, if it was stopped or about to be. */
void process_continue(void);

/* kill(2) and sigqueue(3) to others than the process alone. *own: it is meant as well. Context: no
 * lock. */
int64_t outside_send(int64_t process, int signal, int code, uint64_t value, bool *own);

#endif
