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

static FILE *process_file(pid_t process, const char *name)
{
        char path[FILE_NAME];
        snprintf(path, sizeof path, "/proc/%d/%s", (int)process, name);
        return fopen(path, "re");
}

/* The process's name, as the kernel has it; false if it has ended. */
static bool process_name(pid_t process, char name[MARK_TEXT])
{
        char line[512] = "";
        FILE *file = process_file(process, "stat");
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

static bool environment_has(pid_t process, const char mark[MARK_TEXT])
{
        char variable[sizeof VARIABLE + MARK_TEXT], *line = NULL;
        size_t room = 0;
        bool found = false;
        FILE *file = process_file(process, "environ");
        if (!file)
                return false;
        snprintf(variable, sizeof variable, VARIABLE "=%s", mark);
        while (!found && getdelim(&line, &room, 0, file) > 0)
                found = !strcmp(line, variable);
        free(line);
        fclose(file);
        return found;
}

static bool is_marked(pid_t process, const char mark[MARK_TEXT])
{
        char name[MARK_TEXT];
        return process != getpid() && process_name(process, name) &&
               (!strcmp(name, mark) || environment_has(process, mark));
}

/* The next process of the list, 0 at its end. */
static pid_t process_next(DIR *list)
{
        struct dirent *entry;
        while ((entry = readdir(list)))
                if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
                        return (pid_t)atoi(entry->d_name);
        return 0;
}

pid_t process_find(const char mark[MARK_TEXT])
{
        pid_t process = 0;
        DIR *list = opendir("/proc");
        while (list && (process = process_next(list)) && !is_marked(process, mark))
                ;
        if (list)
                closedir(list);
        return process;
}

/* Sends the signal to all that carry the mark. False with a complaint if one is another user's. */
static bool processes_signal(const char mark[MARK_TEXT], int signal)
{
        pid_t process;
        bool allowed = true;
        DIR *list = opendir("/proc");
        while (list && allowed && (process = process_next(list)))
                if (is_marked(process, mark))
                        allowed = !kill(process, signal) || errno != EPERM;
        if (list)
                closedir(list);
        return allowed || process_foreign(process);
}

static bool processes_gone(const char mark[MARK_TEXT], int64_t deadline)
{
        while (process_find(mark)) {
                if (clock_ms() >= deadline)
                        return false;
                poll(NULL, 0, TRY_MS);
        }
        return true;
}

bool processes_end(const char mark[MARK_TEXT], int patience)
{
        char name[MARK_TEXT] = "";
        if (processes_gone(mark, clock_ms() + patience))
                return true;
        /* One that was stopped goes on, so that it sees what came. */
        if (!processes_signal(mark, SIGTERM) || !processes_signal(mark, SIGCONT))
                return false;
        if (processes_gone(mark, clock_ms() + TERM_MS))
                return true;
        processes_signal(mark, SIGKILL);
        if (processes_gone(mark, clock_ms() + KILL_MS))
                return true;
        pid_t left = process_find(mark);
        return !left || !process_name(left, name) ||
               complain("process %d (%s) of the cluster does not end, not even by SIGKILL",
                        (int)left, name);
}
