/* The shell's own commands; see own.h. */
#include "servers/shell/own.h"

#include <string.h>

#include "servers/shell/asks.h"
#include "servers/shell/environment.h"
#include "servers/shell/jobs.h"
#include "servers/shell/number.h"
#include "servers/shell/signals.h"

struct own {
        const char *name, *usage;
        int least, most;
        /* Returns its status. */
        int (*run)(const struct words *words);
};

static int own_complain(const struct words *words, const char *subject, const char *wrong)
{
        jobs_print(NULL, "%s: %s: %s\n", words->word[0], subject, wrong);
        return STATUS_FAILED;
}

/* It ends when no job is left in the background. */
static int own_wait(const struct words *words)
{
        (void)words;
        jobs.waiting = true;
        return STATUS_OK;
}

static int own_jobs(const struct words *words)
{
        (void)words;
        for (uint64_t number = 1; number <= JOBS_BACKGROUND; number++) {
                const struct job *job = jobs_numbered(number);
                if (job)
                        job_say(NULL, job, job->stopped ? "stopped:" : "running:");
        }
        return STATUS_OK;
}

/* %N, or the job that was last set aside. */
static struct job *job_named(const struct words *words)
{
        uint64_t number = jobs.latest;
        const char *name = words->count > 1 ? words->word[1] : NULL;
        if (name && (name[0] != '%' || !number_parse(name + 1, UINT64_MAX, &number)))
                number = 0;
        struct job *job = jobs_numbered(number);
        if (!job)
                own_complain(words, name ? name : "the last one", "no such job; `jobs` lists them");
        return job;
}

static int own_fg(const struct words *words)
{
        struct job *job = job_named(words);
        if (job)
                job_resume(job, true);
        return job ? STATUS_OK : STATUS_FAILED;
}

static int own_bg(const struct words *words)
{
        struct job *job = job_named(words);
        if (job)
                job_resume(job, false);
        return job ? STATUS_OK : STATUS_FAILED;
}

static int own_export(const struct words *words)
{
        size_t length;
        const char *wrong, *all = environment_all(&length);
        if (words->count == 1)
                for (const char *at = all; at < all + length; at += strlen(at) + 1)
                        jobs_print(NULL, "%s\n", at);
        for (int i = 1; i < words->count; i++)
                if (!environment_set(words->word[i], &wrong))
                        return own_complain(words, words->word[i], wrong);
        return STATUS_OK;
}

static int own_exit(const struct words *words)
{
        uint64_t status = STATUS_OK;
        if (words->count > 1 && !number_parse(words->word[1], 255, &status))
                return own_complain(words, words->word[1], "not a status from 0 to 255");
        jobs.exit = true;
        return (int)status;
}

/* Ends the job, whatever it runs, or sends its programs a signal: one that comes before they run
 * is theirs when they do. */
static int own_kill(const struct words *words)
{
        const char *option = words->count > 2 ? words->word[1] : NULL;
        const char *name = words->word[words->count - 1];
        const unsigned signal = option ? signal_parse(option + 1) : 0;
        uint64_t number;
        if (option && (option[0] != '-' || signal == 0))
                return own_complain(words, option, "not a -SIGNAL, as -TERM or -15");
        struct job *job =
            number_parse(name + 1, UINT64_MAX, &number) ? jobs_numbered(number) : NULL;
        if (!job || (signal && !asks_programs(&job->words)))
                return own_complain(words, name,
                                    signal
                                        ? "no such job, or it runs no programs; `jobs` lists them"
                                        : "no such job; `jobs` lists them");
        if (signal)
                job_signal(job, signal);
        else
                job_cancel(job);
        return STATUS_OK;
}

#define OWN(name, usage, least, most, help) {#name, usage, least, most, own_##name},
static const struct own all[] = {
#include "servers/shell/own.def"
};
#undef OWN

/* The command `kill` is a job's if it ends something else. */
static const struct own kill_job = {"kill", "[-SIGNAL] %JOB", 1, 2, own_kill};

const struct own *own_find(const struct words *words)
{
        for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
                if (strcmp(all[i].name, words->word[0]) == 0)
                        return &all[i];
        bool kills = strcmp(words->word[0], "kill") == 0 && words->count > 1;
        return kills && words->word[words->count - 1][0] == '%' ? &kill_job : NULL;
}

void own_run(const struct own *own, const struct words *words)
{
        int arguments = words->count - 1, status;
        if (words->background) {
                jobs_print(NULL, "%s: not in the background\n", own->name);
                status = STATUS_FAILED;
        } else if (arguments < own->least || arguments > own->most) {
                jobs_print(NULL, "%s: usage: %s%s%s\n", own->name, own->name,
                           *own->usage ? " " : "", own->usage);
                status = STATUS_USAGE;
        } else {
                status = own->run(words);
        }
        if (!jobs.waiting && !jobs.foreground)
                jobs_foreground_end(status);
}
