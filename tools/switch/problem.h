/* What went wrong, in words for the user: `what: why; what to do next`, without the program's name
 * and without a newline. Functions that can fail return false and fill one in. */
#ifndef SWITCH_PROBLEM_H
#define SWITCH_PROBLEM_H

#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

enum { PROBLEM_TEXT = PATH_MAX + 256 /* what to do next stands behind the longest path */ };

struct problem {
        char text[PROBLEM_TEXT];
};

/* Fills in the problem and returns false, so that a caller can return it at once. */
__attribute__((format(printf, 2, 3))) static inline bool problem_set(struct problem *problem,
                                                                     const char *format, ...)
{
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(problem->text, sizeof problem->text, format, arguments);
        va_end(arguments);
        return false;
}

#endif
