/* What programs have in common that are built for Linux as anybody would: they end with 0, or
 * say what was not as expected. */
#ifndef TESTS_PROGRAMS_EXPECT_H
#define TESTS_PROGRAMS_EXPECT_H

#include <pthread.h>
#include <stdio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>

/* Ends the program with 1, and says where. */
#define EXPECT(condition)                                                                          \
        do {                                                                                       \
                if (!(condition)) {                                                                \
                        fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
                        exit(1);                                                                   \
                }                                                                                  \
        } while (0)

static pthread_t start(void *(*run)(void *), void *argument)
{
        pthread_t thread;
        EXPECT(pthread_create(&thread, NULL, run, argument) == 0);
        return thread;
}

static void *join(pthread_t thread)
{
        void *result;
        EXPECT(pthread_join(thread, &result) == 0);
        return result;
}

/* The status with which a child ends, which is a program's that was run with these. */
static int status_of(pid_t child)
{
        int status = -1;
        EXPECT(child > 0 && waitpid(child, &status, 0) == child);
        return status;
}

static bool exited(int status, int with)
{
        return WIFEXITED(status) && WEXITSTATUS(status) == with;
}

#endif
