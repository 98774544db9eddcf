/* What programs have in common that are built for Linux as anybody would: they end with 0, or
 * say what was not as expected. */
#ifndef TESTS_PROGRAMS_EXPECT_H
#define TESTS_PROGRAMS_EXPECT_H

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Ends the program with 1, and says where. */
#define EXPECT(condition)                                                                          \
        do {                                                                                       \
                if (!(condition)) {                                                                \
                        fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
                        exit(1);                                                                   \
                }                                                                                  \
        } while (0)

/* Ends the program if the system call does not fail with that errno: SAYS(EBADF, (SYS_close, -1)).
 */
#define SAYS(why, call)                                                                            \
        do {                                                                                       \
                errno = 0;                                                                         \
                long result = syscall call;                                                        \
                if (result != -1 || errno != (why)) {                                              \
                        fprintf(stderr, "%s:%d: %s: %ld, %s\n", __FILE__, __LINE__, #call, result, \
                                strerror(errno));                                                  \
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

/* A file with that text alone, which may be run. */
static void text_write(const char *path, const char *text)
{
        int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
        EXPECT(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text));
        EXPECT(close(file) == 0);
}

/* What a program can be told to do by its first argument. */
struct action {
        const char *name;
        void (*run)(void);
};

/* The status of a program that was told so: 2: it has no such action. name: NULL: it was told
 * nothing. */
static int action_run(const struct action *actions, size_t count, const char *name)
{
        for (size_t i = 0; i < count && name; i++)
                if (strcmp(name, actions[i].name) == 0) {
                        actions[i].run();
                        return 0;
                }
        return 2;
}

#endif
