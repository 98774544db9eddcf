/* What programs have in common that are built for Linux as anybody would: they end with 0, or
 * say what was not as expected. */
#ifndef TESTS_PROGRAMS_EXPECT_H
#define TESTS_PROGRAMS_EXPECT_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

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

#endif
