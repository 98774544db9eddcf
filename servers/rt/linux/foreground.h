/* The foreground of a terminal: one process group of the session has its keys. A process of
 * another that reads, or changes the terminal, gets a signal that stops its group (SIGTTIN,
 * SIGTTOU), unless it has blocked or ignored that.
 *
 * The terminal knows the number of that group (0: nobody has said, all may read), the process
 * server who is in it. Context: no lock is held but perhaps `files` (threads.h). */
#ifndef RT_LINUX_FOREGROUND_H
#define RT_LINUX_FOREGROUND_H

#include <stdint.h>

#include "kernel/abi/rights.h"

/* Read and write as console_read() and console_write() do. Writing is anybody's, unless the
 * terminal's mode has TOSTOP. */
int64_t foreground_read(handle_t terminal, uint8_t *to, uint64_t count);
int64_t foreground_write(handle_t terminal, const uint8_t *from, uint64_t count);

/* The process may be in another group from now on. Context: any. */
void foreground_forget(void);

/* Before the terminal is changed. 0, or -RESTART: the group was stopped, and goes on. */
int64_t foreground_change(handle_t terminal);

/* ioctl_tty(2): TIOCGPGRP, TIOCSPGRP, TIOCGSID. */
int64_t foreground_get(handle_t terminal, int32_t *group);
int64_t foreground_set(handle_t terminal, const int32_t *group);
int64_t foreground_session(int32_t *session);

#endif
