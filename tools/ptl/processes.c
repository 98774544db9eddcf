/* Looks through /proc: see processes.h. What has ended and only waits for its parent is gone. */
#include "tools/ptl/processes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/lib/clock.h"
#include "tools/lib/complain.h"
#include "tools/ptl/advice.h"
#include "tools/ptl/names.h"
#include "tools/ptl/owner.h"

#define VARIABLE "PTL_CLUSTER"

enum { TRY_MS = 20, TERM_MS = 15000, KILL_MS = 5000, FILE_NAME = 64 };

void cluster_mark(const char *run, char mark[MARK_TEXT])
{
        snprintf(mark, MARK_TEXT, "ptl:%011" PRIx64, identity(run, NULL) & UINT64_C(0xfffffffffff));
}

void process_mark(const char mark[MARK_TEXT])
{
        prctl(PR_SET_NAME, mark);
        setenv(VARIABLE, mark, 1);
}

/* Going through all processes. What cannot be looked at for want of descriptors or memory is not
 * passed over: `error` remembers it. */
struct search {
        const char *mark;
        DIR *list;
        int error; /* errno, or 0 */
};

static bool search_begin(struct search *search, const char *mark)
{
        *search = (struct search){.mark = mark, .list = opendir("/proc")};
        search->error = search->list ? 0 : errno;
        return search->list;
}

static void search_end(struct search *search)
{
        if (search->list)
                closedir(search->list);
}

/* NULL if the process has ended, or is none of our business. */
static FILE *process_file(struct search *search, pid_t process, const char *name)
{
        char path[FILE_NAME];
        snprintf(path, sizeof path, "/proc/%d/%s", (int)process, name);
        FILE *file = fopen(path, "re");
        if (!file && (errno == EMFILE || errno == ENFILE || errno == ENOMEM))
                search->error = errno;
        return file;
}

/* The process's name, as the kernel has it; false if it has ended. */
static bool process_name(struct search *search, pid_t process, char name[MARK_TEXT])
{
        char line[512] = "";
        FILE *file = process_file(search, process, "stat");
        if (!file)
                return false;
        bool got = fgets(line, sizeof line, file);
        fclose(file);
        /* `4711 (name) S …`; the name may have anything in it. */
        char *begin = strchr(line, '('), *end = strrchr(line, ')');
        if (!got || !begin || !end || end[1] != ' ')
                return false;
        snprintf(name, MARK_TEXT, "%.*s", (int)(end - begin - 1), begin + 1);
        return !strchr("ZX", end[2]);
}

static bool environment_has_mark(struct search *search, pid_t process)
{
        char variable[sizeof VARIABLE + MARK_TEXT], *line = NULL;
        size_t room = 0;
        bool found = false;
        FILE *file = process_file(search, process, "environ");
        if (!file)
                return false;
        snprintf(variable, sizeof variable, VARIABLE "=%s", search->mark);
        while (!found && getdelim(&line, &room, 0, file) > 0)
                found = !strcmp(line, variable);
        free(line);
        fclose(file);
        return found;
}

static bool is_marked(struct search *search, pid_t process)
{
        char name[MARK_TEXT];
        return process != getpid() && process_name(search, process, name) &&
               (!strcmp(name, search->mark) || environment_has_mark(search, process));
}

/* The next process with the mark, 0 if there is none. */
static pid_t search_next(struct search *search)
{
        struct dirent *entry;
        while (search->list && (entry = readdir(search->list))) {
                pid_t process = (pid_t)atoi(entry->d_name);
                if (process > 0 && is_marked(search, process))
                        return process;
        }
        return 0;
}

/* *process becomes the first with the mark, or 0. False if that cannot be told. */
static bool search_first(const char mark[MARK_TEXT], pid_t *process)
{
        struct search search;
        *process = search_begin(&search, mark) ? search_next(&search) : 0;
        search_end(&search);
        return *process || !search.error ||
               complain("/proc: %s; what runs cannot be told; %s", strerror(search.error),
                        advice(search.error));
}

pid_t process_find(const char mark[MARK_TEXT])
{
        pid_t process;
        search_first(mark, &process);
        return process;
}

/* Sends the signal to all that carry the mark. False with a complaint if one is another user's. */
static bool processes_signal(const char mark[MARK_TEXT], int signal)
{
        struct search search;
        pid_t process;
        bool allowed = true;
        search_begin(&search, mark);
        while (allowed && (process = search_next(&search)))
                allowed = !kill(process, signal) || errno != EPERM;
        search_end(&search);
        return allowed || process_foreign(process);
}

/* Waits until no process is left, or the deadline; *left is 0 then, or one of them. False if that
 * cannot be told. */
static bool processes_wait(const char mark[MARK_TEXT], int64_t deadline, pid_t *left)
{
        while (search_first(mark, left)) {
                if (!*left || clock_ms() >= deadline)
                        return true;
                poll(NULL, 0, TRY_MS);
        }
        return false;
}

bool processes_end(const char mark[MARK_TEXT], int patience)
{
        static const struct {
                int signal, wait;
        } tries[] = {{SIGTERM, TERM_MS}, {SIGKILL, KILL_MS}};
        pid_t left;
        if (!processes_wait(mark, clock_ms() + patience, &left))
                return false;
        for (size_t i = 0; left && i < sizeof tries / sizeof *tries; i++)
                /* One that was stopped goes on, so that it sees what came. */
                if (!processes_signal(mark, tries[i].signal) || !processes_signal(mark, SIGCONT) ||
                    !processes_wait(mark, clock_ms() + tries[i].wait, &left))
                        return false;
        return !left || complain("process %d of the cluster does not end, not even by SIGKILL; see "
                                 "what it waits for by `ps -lp %d`",
                                 (int)left, (int)left);
}
