/* What a program leaves to the next one in its process (execve) beside rights: what the layer alone
 * knows of open files. The process server keeps it in between, as bytes that it does not look into.
 *
 *      open file              rights that go with it      left
 *      file                   its own                     which, service, changed or not
 *      folder                 its own, if it has one      path, position
 *      eventfd, timerfd       -                           count; times
 *      epoll                  -                           its list
 *      locks of the process   one for each file           which file
 *      limits, alarm          -                           of descriptors, memory, addresses; times
 *
 * A file of /proc or /etc that is open is closed. Two descriptors of one open file stay that, but
 * files have two with one offset. What is damaged is lost (ESTALE). Context: `files`
 * (threads.h). */
#ifndef RT_LINUX_LEFT_H
#define RT_LINUX_LEFT_H

#include "kernel/abi/outcome.h"
#include "kernel/abi/rights.h"

/* Leaves what goes with the next program. TOO_LONG: it is too much. */
outcome_t left_write(handle_t server);

/* Of the next program, when its layer begins. */
void left_begin(void);

#endif
