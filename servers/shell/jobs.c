/* The table of jobs; see jobs.h. */
#include "servers/shell/jobs.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "servers/rt/start/startup.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/memory.h"
#include "servers/shell/asks.h"
#include "servers/shell/own.h"
#include "servers/shell/terminal.h"

/* What the task of a job may use, beside the program that all share: a stack, and room for what
 * files are read with, more of it for those that read whole files. */
enum { JOB_MEMORY = 440 << 10, JOB_MEMORY_FILES = 720 << 10, JOB_PRIORITY_BELOW = 1 };

enum { JOBS = 1 + JOBS_BACKGROUND };

struct jobs jobs;

struct job *job_of(uint64_t badge)
{
        for (unsigned i = 0; i < JOBS; i++)
                if (jobs.list[i].used && jobs.list[i].badge == badge)
                        return &jobs.list[i];
        return NULL;
}

struct job *jobs_numbered(uint64_t number)
{
        for (unsigned i = 0; i < JOBS && number > 0; i++)
                if (jobs.list[i].used && !jobs.list[i].ended &&
                    (uint64_t)jobs.list[i].number == number)
                        return &jobs.list[i];
        return NULL;
}

/* A number that no job has; 0: there is none left. */
static int number_free(void)
{
        bool taken[JOBS + 1] = {0};
        for (unsigned i = 0; i < JOBS; i++)
                taken[jobs.list[i].used ? jobs.list[i].number : 0] = true;
        for (int number = 1; number <= JOBS_BACKGROUND; number++)
                if (!taken[number])
                        return number;
        return 0;
}

/* The program that runs commands: the boot archive's. */
static outcome_t program_find(struct cpio_entry *program)
{
        handle_t archive = rt_handle("boot.cpio");
        uint64_t bytes = 0;
        void *address = NULL;
        outcome_t outcome =
            archive ? sys_memory_info(archive, &bytes, NULL) : not_executed(REASON_NOT_FOUND);
        if (outcome == OUTCOME_OK)
                outcome = rt_memory_map(archive, 0, bytes, MAP_READ, &address);
        if (outcome == OUTCOME_OK && !cpio_find(address, bytes, "bin/command", program))
                outcome = not_executed(REASON_NOT_FOUND);
        if (outcome != OUTCOME_OK)
                rt_log("the boot archive has no program `command`");
        return outcome;
}

outcome_t jobs_begin(struct server *server, const struct job_screen *screen, uint64_t bit)
{
        jobs.server = server;
        jobs.screen = *screen;
        jobs.bit = bit;
        outcome_t outcome = rt_server_event(server, &jobs.event);
        if (outcome == OUTCOME_OK)
                outcome = program_find(&jobs.program);
        return outcome == OUTCOME_OK ? job_serve_begin() : outcome;
}

void job_say(struct job *to, const struct job *job, const char *state)
{
        jobs_print(to, "[%d] %s", job->number, state);
        for (int i = 0; i < job->words.count; i++)
                jobs_print(to, " %s", job->words.word[i]);
        jobs_print(to, "\n");
}

/* ---- ending ------------------------------------------------------------------------------------
 */

void jobs_foreground_end(int status)
{
        jobs.status = status;
        jobs.foreground_runs = false;
}

/* All that it had to say is shown. */
static void job_free(struct job *job)
{
        assert(job->ended && job->length == 0 && !job->spawned.account);
        job_output_end(job);
        job->used = false;
        if (job != jobs.foreground)
                return;
        jobs.foreground = NULL;
        jobs_foreground_end(job->status);
}

void job_end(struct job *job, int status)
{
        assert(job->used && !job->ended);
        job_serve_end(job);
        job->writer = 0; /* gone with its task */
        if (job->spawned.account)
                spawn_destroy(&job->spawned);
        job->ended = true;
        job->status = status;
        if (job->number == 0)
                return;
        job_say(job, job, status == STATUS_OK ? "done:" : "failed:");
        if (status != STATUS_OK)
                jobs.background_status = status;
}

void job_cancel(struct job *job)
{
        if (!job->completion)
                jobs_print(job, "%s: cancelled\n", job->words.word[0]);
        job_end(job, STATUS_CANCELLED);
}

void job_crashed(struct job *job)
{
        if (!job->completion)
                jobs_print(job, "%s: it crashed; the log has more (`log`)\n", job->words.word[0]);
        job_end(job, STATUS_CRASHED);
}

static void look_at(struct job *job)
{
        uint64_t alive, status;
        if (job->used && !job->ended &&
            sys_task_status(job->spawned.task, &alive, &status) == OUTCOME_OK && !alive)
                job_crashed(job);
}

void jobs_look(void)
{
        for (unsigned i = 0; i < JOBS; i++)
                look_at(&jobs.list[i]);
}

/* ---- stopping and going on ---------------------------------------------------------------------
 */

bool job_set_aside(struct job *job)
{
        assert(job->follows);
        if (job == jobs.foreground) {
                int number = number_free();
                if (number == 0)
                        return false;
                if (!jobs.screen.batch)
                        terminal_write("\r\n", 2); /* behind the ^Z */
                job->number = number;
                jobs.foreground = NULL;
                job_say(NULL, job, "stopped:");
                jobs_foreground_end(STATUS_STOPPED);
        }
        jobs.latest = (uint64_t)job->number;
        job->stopped = true;
        return true;
}

void job_signal(struct job *job, unsigned signal)
{
        job->stopped = job->stopped && signal != SIGCONT;
        job->signals |= 1ull << signal % 64;
        job_orders_work(job);
}

void job_resume(struct job *job, bool foreground)
{
        if (foreground) {
                assert(!jobs.foreground && !job->ended);
                job_say(NULL, job, "goes on:");
                job->number = 0;
                job->foregrounded = job->follows;
                jobs.foreground = job;
        }
        if (job->stopped)
                job_signal(job, SIGCONT);
        job_orders_work(job);
}

/* ---- starting ----------------------------------------------------------------------------------
 */

static outcome_t task_start(struct job *job, handle_t right)
{
        const struct spawn_grant grants[] = {
            {"job", right, RIGHT_SEND}, {"name", right, RIGHT_SEND}, {"log", right, RIGHT_SEND}};
        static struct spawn_shared shared;
        const char *wrong = NULL;
        const struct spawn spawn = {
            .elf = jobs.program.data,
            .elf_size = jobs.program.size,
            .component = rt_component(),
            .memory = asks_files(&job->words) ? JOB_MEMORY_FILES : JOB_MEMORY,
            .priority = rt_startup()->priority - JOB_PRIORITY_BELOW,
            .fault_right = right,
            .shared = &shared,
            .grants = grants,
            .grant_count = sizeof grants / sizeof grants[0],
        };
        outcome_t outcome = spawn_task(&spawn, &job->spawned, &wrong);
        if (wrong)
                rt_log("the program `command`: %s", wrong);
        if (outcome == OUTCOME_OK)
                outcome = sys_watch(job->spawned.task, jobs.event, jobs.bit);
        if (outcome == OUTCOME_OK)
                outcome = spawn_start(&job->spawned);
        return outcome;
}

static struct job *job_start(int number, const struct words *words)
{
        handle_t right = 0;
        struct job *job = jobs.list; /* there is a place: one more than there are numbers */
        while (job->used)
                job++;
        assert(job < jobs.list + JOBS);
        *job = (struct job){.used = true, .number = number, .badge = ++jobs.badges};
        words_copy(&job->words, words, 0);
        if (number == 0)
                jobs.foreground = job;
        outcome_t outcome = rt_server_right(jobs.server, job->badge, &right);
        if (outcome == OUTCOME_OK)
                outcome = task_start(job, right);
        if (right)
                sys_handle_close(right);
        if (outcome == OUTCOME_OK)
                return job;
        jobs_print(job, "%s: no task for it: %s%s\n", words->word[0],
                   reason_text(outcome_reason(outcome)),
                   outcome_reason(outcome) == REASON_NO_MEMORY
                       ? "; wait for a job in the background, or end one (`jobs`)"
                       : "");
        job_end(job, STATUS_FAILED);
        return job;
}

static int run_background(const struct words *words)
{
        int number = number_free();
        if (number == 0) {
                jobs_print(NULL, "%d jobs run already; `wait` waits for them\n", JOBS_BACKGROUND);
                return STATUS_FAILED;
        }
        jobs_print(NULL, "[%d]\n", number);
        job_start(number, words);
        return STATUS_OK;
}

void jobs_run(const struct words *words)
{
        const struct own *own = own_find(words);
        assert(!jobs.foreground_runs && words->count > 0);
        jobs.foreground_runs = true;
        if (own)
                own_run(own, words);
        else if (words->background)
                jobs_foreground_end(run_background(words));
        else
                job_start(0, words);
}

void jobs_complete(struct completion *completion)
{
        static struct words words; /* large */
        static const char command[] = "complete";
        static const char *const options[] = {
            [COMPLETION_COMMAND] = "-c", [COMPLETION_PROGRAM] = "-p", [COMPLETION_NODE] = "-n"};
        const char *folder = completion->folder[0] ? completion->folder : ".";
        words = (struct words){.count = 2};
        words.word[0] = words.text;
        words.word[1] = words.text + sizeof command;
        strcpy(words.text, command);
        strcpy(words.word[1], completion->of == COMPLETION_PATH ? folder : options[completion->of]);
        assert(!jobs.foreground_runs);
        jobs.foreground_runs = true;
        job_start(0, &words)->completion = completion;
}

/* ---- work --------------------------------------------------------------------------------------
 */

bool jobs_foreground(int *status)
{
        *status = jobs.status;
        return jobs.foreground_runs;
}

bool jobs_take_exit(void)
{
        bool taken = jobs.exit;
        jobs.exit = false;
        return taken;
}

/* Jobs that `wait` waits for. */
static bool background_runs(void)
{
        bool runs = false;
        for (unsigned i = 0; i < JOBS; i++)
                runs =
                    runs || (jobs.list[i].used && jobs.list[i].number > 0 && !jobs.list[i].stopped);
        return runs;
}

void jobs_interrupt(void)
{
        struct job *job = jobs.foreground;
        if (!jobs.screen.batch && !(job && job->completion))
                terminal_write("^C\r\n", 4);
        if (job && !job->ended)
                job_cancel(job);
        if (jobs.waiting)
                jobs_foreground_end(STATUS_CANCELLED);
        jobs.waiting = false;
}

/* Keys of the foreground; Ctrl-C is the shell's own where nobody has them, or sees to them. */
static uint64_t keys_work(uint64_t now)
{
        struct job *job = jobs.foreground;
        uint64_t until = TIME_NEVER;
        if (job && job->has_keys) {
                until = job_keys_pass(job, now);
                if (!job_hangs(job, now, &until))
                        return until;
                (void)terminal_take_interrupt(); /* its byte may be still to be read */
                jobs_interrupt();
        } else if (jobs.foreground_runs && jobs.screen.has_keys() && terminal_take_interrupt()) {
                jobs_interrupt();
        }
        return until;
}

static void show(struct job *job)
{
        if (job->used && job_output(job) && job->ended)
                job_free(job);
}

uint64_t jobs_work(uint64_t now)
{
        uint64_t until = job_lookups_work(now);
        until = rt_earlier(until, keys_work(now));
        for (unsigned i = 0; i < JOBS; i++)
                if (jobs.list[i].number > 0)
                        show(&jobs.list[i]);
        if (jobs.waiting && !background_runs()) {
                jobs.waiting = false;
                jobs_foreground_end(jobs.background_status);
                jobs.background_status = STATUS_OK;
        }
        if (jobs.foreground)
                show(jobs.foreground);
        return until;
}
