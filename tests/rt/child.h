/* What the program child consists of, beside the interface that it serves. */
#ifndef TESTS_RT_CHILD_H
#define TESTS_RT_CHILD_H

/* Uses the file service by libc (child_files.c): 0, or the line that found something wrong. */
int files_use(void);
int files_again(void);
int files_away(void);

#endif
