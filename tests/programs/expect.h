/* What programs have in common that are built for Linux as anybody would: they end with 0, or
 * say what was not as expected. Threads have small stacks, as all of a stack is memory at once. */
#ifndef TESTS_PROGRAMS_EXPECT_H
#define TESTS_PROGRAMS_EXPECT_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { STACK = 128 << 10 };

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
        pthread_attr_t attributes;
        pthread_t thread;
        EXPECT(pthread_attr_init(&attributes) == 0);
        EXPECT(pthread_attr_setstacksize(&attributes, STACK) == 0);
        EXPECT(pthread_create(&thread, &attributes, run, argument) == 0);
        return thread;
}

static void *join(pthread_t thread)
{
        void *result;
        EXPECT(pthread_join(thread, &result) == 0);
        return result;
}

#endif
