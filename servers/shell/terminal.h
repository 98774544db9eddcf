/* The shell's terminal: what is typed, what is shown, and Ctrl-C.
 *
 *      tty server ──reader fiber──> input ──> front (editor or batch loop)
 *      tty server <──writer fiber── output <── front, jobs
 *
 * Two fibers move the bytes, so that a slow line blocks only a writer for which there is no room.
 * If the tty server dies they look it up again. All functions but terminal_start and
 * terminal_interrupted are for fibers. */
#ifndef SHELL_TERMINAL_H
#define SHELL_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* Starts the fibers. `service` is the tty server, as name.idl has it; `ready` is a line for the log
 * once it was found (NULL: none). Both stay the caller's. False: there are too many fibers. */
bool terminal_start(const char *service, const char *ready);

/* Waits for input and takes some: at least one byte; 0: here bytes were lost, so that what was read
 * before and what comes next are not to be taken as one. For the front alone. */
size_t terminal_read(char *bytes, size_t capacity);

/* Takes what input is there, perhaps none, without waiting. For the front alone. */
size_t terminal_read_ready(char *bytes, size_t capacity);

/* Shows bytes as they are, waiting for room. Of a cancelled fiber, what finds no room is
 * dropped. */
void terminal_write(const char *bytes, size_t length);

/* The same with each newline as return and newline. */
void terminal_write_lines(const char *bytes, size_t length);

/* Ctrl-C arrived (CALLS_CANCEL): wakes the front. For the program's own loop. */
void terminal_interrupted(void);

/* For the front while a command runs: whether Ctrl-C came. It is then taken, and its byte in the
 * input does not count any more. */
bool terminal_take_interrupt(void);

/* The front has read the byte of a Ctrl-C: false if it was taken before, and is not to count. */
bool terminal_interrupt_read(void);

#endif
