/* The serial line of the log, offered by a timer what it has not taken yet: nobody waits for a slow
 * line, and a stuck one costs a look a second.
 *
 * Context: kernel lock held. */
#ifndef KERNEL_EXIT_LINE_H
#define KERNEL_EXIT_LINE_H

/* Sets the timer if the line is behind. To be called on the way out of the kernel after anything
 * was logged, before the hardware timer is armed. */
void line_wait(void);

#endif
