/* What the program child consists of, beside the interface that it serves. */
#ifndef TESTS_RT_CHILD_H
#define TESTS_RT_CHILD_H

#include <stdint.h>

/* Uses the file service by libc (child_files.c): 0, or the line that found something wrong. */
int files_use(void);
int files_again(void);
int files_away(void);

/* In a task with another image that serves: signals `event` with bit 0, or that of what is
 * wrong, and ends its thread alone. `noted` is this image's own, which nobody changes. */
int beside_use(const uint64_t *noted);

#endif
