/* What jobs ask of the shell: interfaces job, name and log; see jobs.h. Names are looked up for
 * them by asynchronous calls, so that none of them holds up the shell. */
#include "servers/shell/jobs.h"

#include <string.h>

#include "servers/proto/log.h"
#include "servers/proto/lookup.h"
#include "servers/proto/name.h"
#include "servers/common/least.h"
#include "servers/proto/shell.h"
#include "servers/rt/pure/symbols.h"
#include "servers/rt/serve/queries.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/backtrace.h"
#include "servers/rt/task/log.h"
#include "servers/shell/asks.h"
#include "servers/shell/environment.h"
#include "servers/shell/folder.h"
#include "servers/shell/remote.h"
#include "servers/shell/terminal.h"

enum { LOOKUPS = 8, KEYS_CHUNK = 256, FRAMES_MOST = 16 };

/* Bytes of a size come at once; an Escape key comes alone. */
#define HELD_WAIT (50 * RT_MILLISECOND)
#define LIST_WAIT RT_SECOND
/* Less is too little for whatever comes next. */
enum { JOB_MEMORY_SPARE = 16 << 10 };
/* A command that has the keys asks for more at once, unless what it calls does not answer. */
#define HANG_WAIT (3 * RT_SECOND)

/* Names that jobs have asked for: each job has its share. */
static struct query asked_names[LOOKUPS];
static struct queries queries = {.key = JOB_KEY_LOOKUP, .count = LOOKUPS, .list = asked_names};

_Static_assert(1 + JOBS_BACKGROUND <= LOOKUPS, "there is a place for each job");

/* Tells when a command has used nearly all that it may, before the next change makes it fail. */
static void memory_look(struct job *job)
{
        uint64_t used = 0, limit = 0;
        if (job->is_tight || !job->spawned.account ||
            sys_account_info(job->spawned.account, &used, &limit) != OUTCOME_OK ||
            limit - used >= JOB_MEMORY_SPARE)
                return;
        job->is_tight = true;
        rt_log("%s: it has used %lu of %lu KiB", job->words.word[0], used >> 10, limit >> 10);
}

/* ---- interface job -----------------------------------------------------------------------------
 */

static bool is_user(const struct job *job)
{
        return !jobs.screen.batch && job->number == 0;
}

static outcome_t line(struct request *request, const void **words, size_t *words_length,
                      const void **environment, size_t *environment_length, const void **folder,
                      size_t *folder_length, uint64_t *operators, uint64_t *user, uint64_t *rows,
                      uint64_t *columns)
{
        static char
            joined[sizeof((struct words *)0)->text]; /* the answer is sent before the next */
        const struct job *job = job_of(request->badge);
        unsigned screen_rows = 0, screen_columns = 0;
        if (!job)
                return answered(REASON_REFUSED);
        *words_length = 0;
        for (int i = 0; i < job->words.count; i++) {
                size_t length = strlen(job->words.word[i]) + 1;
                memcpy(joined + *words_length, job->words.word[i], length);
                *words_length += length;
        }
        *words = joined;
        *environment = environment_all(environment_length);
        *folder = folder_current();
        *folder_length = strlen(folder_current());
        *operators = job->words.operators;
        *user = is_user(job);
        if (*user)
                jobs.screen.size(&screen_rows, &screen_columns);
        *rows = screen_rows;
        *columns = screen_columns;
        return OUTCOME_OK;
}

static outcome_t show(struct request *request, uint64_t how, const void *data, size_t data_length)
{
        struct job *job = job_of(request->badge);
        /* Some is left behind a call that was given up. */
        if (!job || job->ended || job->writer || job->length > 0)
                return answered(REASON_REFUSED);
        if (data_length > JOB_CHUNK)
                return answered(REASON_INVALID);
        memory_look(job);
        memcpy(job->text, data, data_length);
        job->length = data_length;
        job->how =
            is_user(job) && asks_programs(&job->words) ? (enum job_shown)how : JOB_SHOWN_TEXT;
        if (job_output(job))
                return OUTCOME_OK;
        job->writer = request->reply;
        return RT_DEFERRED;
}

static outcome_t keys(struct request *request, const void **data, size_t *data_length,
                      uint64_t *rows, uint64_t *columns)
{
        struct job *job = job_of(request->badge);
        (void)data, (void)data_length, (void)rows, (void)columns;
        if (!job || job != jobs.foreground || !is_user(job) || job->ended || job->reader ||
            !asks_programs(&job->words))
                return answered(REASON_REFUSED);
        if (!job->has_keys)
                job->filter.pasting = jobs.screen.set_pasting(false);
        job->has_keys = true;
        job->hangs_at = 0;
        job->reader = request->reply;
        return RT_DEFERRED;
}

static outcome_t folder(struct request *request, const void *path, size_t path_length)
{
        char normal[FS_PATH_MAX], text[FS_PATH_MAX];
        const struct job *job = job_of(request->badge);
        if (!job || job->ended || !asks_folder(&job->words))
                return answered(REASON_REFUSED);
        if (path_length == 0 || path_length >= sizeof text || memchr(path, 0, path_length))
                return answered(REASON_INVALID);
        memcpy(text, path, path_length);
        text[path_length] = 0;
        if (text[0] != '/' || !folder_normal(text, normal))
                return answered(REASON_INVALID);
        if (job->number == 0)
                folder_change(normal);
        return OUTCOME_OK;
}

/* What its runtime has to say, as of an assertion that failed. */
static void log_line(struct request *request, const void *text, size_t text_length)
{
        const struct job *job = job_of(request->badge);
        if (job)
                rt_log("%.*s", (int)least(text_length, RT_LOG_LINE), (const char *)text);
}

static void ended(struct request *request, uint64_t status)
{
        struct job *job = job_of(request->badge);
        if (!job || job->ended)
                return;
        memory_look(job);
        job_end(job, (int)(status & 0xff));
}

static outcome_t orders(struct request *request, uint64_t *signals, uint64_t *foreground,
                        uint64_t *rows, uint64_t *columns)
{
        struct job *job = job_of(request->badge);
        (void)signals, (void)foreground, (void)rows, (void)columns;
        if (!job || job->ended || job->orderer || !asks_programs(&job->words))
                return answered(REASON_REFUSED);
        job->follows = true;
        job->orderer = request->reply;
        job_orders_work(job);
        return RT_DEFERRED;
}

void job_orders_work(struct job *job)
{
        unsigned rows = 0, columns = 0;
        if (!job->orderer || (job->signals == 0 && !job->foregrounded))
                return;
        if (!jobs.screen.batch)
                jobs.screen.size(&rows, &columns);
        job_orders_reply(job->orderer, job->signals, is_user(job), rows, columns);
        job->orderer = 0;
        job->signals = 0;
        job->foregrounded = false;
}

static outcome_t stopped(struct request *request, uint64_t *aside)
{
        struct job *job = job_of(request->badge);
        if (!job || job->ended || !job->follows)
                return answered(REASON_REFUSED);
        *aside = job_set_aside(job);
        return OUTCOME_OK;
}

static outcome_t continued(struct request *request)
{
        struct job *job = job_of(request->badge);
        if (!job || job->ended || !job->follows)
                return answered(REASON_REFUSED);
        job->stopped = false;
        return OUTCOME_OK;
}

/* ---- keys --------------------------------------------------------------------------------------
 */

/* A Ctrl-C that ended a command before has its byte here still: that is over. */
static bool is_over(char byte)
{
        return byte == SHELL_CANCEL && !terminal_interrupt_read();
}

static size_t filtered(struct job *job, const char *bytes, size_t count, uint64_t now, char *passed)
{
        size_t length = 0;
        for (size_t i = 0; i < count; i++) {
                bool sized = false;
                if (is_over(bytes[i]))
                        continue;
                if (bytes[i] == SHELL_CANCEL)
                        job->hangs_at = now + HANG_WAIT;
                length += keyboard_filter(&job->filter, bytes[i], passed + length, &sized);
                if (!sized)
                        continue;
                job->resized = true;
                jobs.screen.resized(job->filter.rows, job->filter.columns);
        }
        return length;
}

uint64_t job_keys_pass(struct job *job, uint64_t now)
{
        char bytes[KEYS_CHUNK], passed[KEYS_CHUNK + KEYBOARD_HELD];
        unsigned rows, columns;
        if (!job->reader)
                return TIME_NEVER;
        size_t count = terminal_read(bytes, sizeof bytes);
        size_t length = filtered(job, bytes, count, now, passed);
        if (count > 0)
                job->held_until = now + HELD_WAIT;
        else
                (void)terminal_take_gap();
        if (job->filter.length > 0 && now >= job->held_until)
                length += keyboard_filter_end(&job->filter, passed + length);
        if (length == 0 && !job->resized)
                return job->filter.length > 0 ? job->held_until : TIME_NEVER;
        jobs.screen.size(&rows, &columns);
        job_keys_reply(job->reader, passed, length, rows, columns);
        job->reader = 0;
        job->resized = false;
        return TIME_NEVER;
}

bool job_hangs(struct job *job, uint64_t now, uint64_t *until)
{
        if (job->reader)
                return false;
        if (!job->hangs_at && terminal_interrupt_waits())
                job->hangs_at = now + HANG_WAIT;
        if (!job->hangs_at)
                return false;
        *until = rt_earlier(*until, job->hangs_at);
        return now >= job->hangs_at;
}

/* The keys are the shell's again, those too that might have become a size. */
static void keys_end(struct job *job)
{
        char held[KEYBOARD_HELD];
        if (job->has_keys)
                jobs.screen.set_pasting(job->filter.pasting);
        job->has_keys = false;
        job->reader = 0;
        terminal_unread(held, keyboard_filter_end(&job->filter, held));
}

static outcome_t unread(struct request *request, const void *data, size_t data_length)
{
        struct job *job = job_of(request->badge);
        if (!job || job != jobs.foreground || !is_user(job) || job->ended || job->reader ||
            !asks_programs(&job->words))
                return answered(REASON_REFUSED);
        keys_end(job);
        return terminal_unread(data, data_length) ? OUTCOME_OK : answered(REASON_OVERLOADED);
}

/* ---- interface name ----------------------------------------------------------------------------
 */

static outcome_t look_up(struct request *request, const void *name, size_t name_length,
                         uint64_t wait, struct send_cap *right)
{
        const struct job *job = job_of(request->badge);
        (void)right;
        if (!job || job->ended || !asks_for(&job->words, name, name_length))
                return answered(REASON_REFUSED);
        return queries_begin(&queries, request, request->badge, name, name_length, wait);
}

/* The name service answers this at once, so the shell waits for it. */
static outcome_t names_list(struct request *request, const void *after, size_t after_length,
                            const void **names, size_t *names_length)
{
        static char lines[NAME_LIST_MAX]; /* the answer is sent before the next */
        const struct job *job = job_of(request->badge);
        if (!job || job->ended || !asks_names(&job->words))
                return answered(REASON_REFUSED);
        *names = lines;
        uint64_t deadline = rt_after(LIST_WAIT);
        outcome_t outcome;
        do
                outcome = name_list(rt_names(), deadline, after, after_length, lines, sizeof lines,
                                    names_length);
        while (rt_names_died(outcome, deadline));
        return outcome;
}

void job_lookup_completed(uint64_t key)
{
        queries_completed(&queries, key);
}

uint64_t job_lookups_work(uint64_t now)
{
        return queries_work(&queries, now);
}

/* ---- ends --------------------------------------------------------------------------------------
 */

void job_serve_end(struct job *job)
{
        keys_end(job);
        job->stopped = false;
        job->orderer = 0; /* gone with its task */
}

/* A job gives a call up to give the keys back; others end with its task, and with it the reply. */
static void on_cancel(struct server *server, uint64_t badge, handle_t reply)
{
        struct job *job = job_of(badge);
        (void)server;
        if (queries_cancel(&queries, reply) || remote_cancel(reply))
                return;
        rt_reply_outcome(reply, answered(REASON_CANCELLED));
        if (!job)
                return;
        if (job->reader == reply)
                keys_end(job);
        if (job->writer == reply)
                job->writer = 0;
        if (job->orderer == reply)
                job->orderer = 0;
}

/* Says where a job has faulted, and ends it. */
static outcome_t on_fault(struct server *server, struct request *request)
{
        uint64_t addresses[FRAMES_MOST];
        struct registers registers;
        char text[160];
        struct job *job = job_of(request->badge);
        (void)server;
        if (!job || job->ended || request->byte_count < sizeof registers)
                return answered(REASON_REFUSED);
        memcpy(&registers, request->bytes, sizeof registers);
        const struct image image = {jobs.program.data, jobs.program.size,
                                    job->spawned.displacement};
        rt_log("%s: %s at 0x%lx", job->words.word[0], fault_text(request->words[0]),
               request->words[1]);
        unsigned count =
            backtrace_read(job->spawned.task, &registers, &image, addresses, FRAMES_MOST);
        for (unsigned i = 0; i < count; i++) {
                backtrace_line(text, sizeof text, i, addresses[i], &image);
                rt_log("%s: %s", job->words.word[0], text);
        }
        job_crashed(job);
        return answered(REASON_REFUSED);
}

outcome_t job_serve_begin(void)
{
        static const struct job_server asked = {
            .line = line,
            .show = show,
            .keys = keys,
            .folder = folder,
            .ended = ended,
            .orders = orders,
            .stopped = stopped,
            .continued = continued,
            .unread = unread,
        };
        static const struct name_server names = {.lookup = look_up, .list = names_list};
        static const struct log_server log = {.write = log_line};
        queries.server = jobs.server;
        jobs.server->on_cancel = on_cancel;
        jobs.server->on_fault = on_fault;
        outcome_t outcome = rt_server_add(jobs.server, JOB_INTERFACE, job_dispatch, &asked, NULL);
        if (outcome == OUTCOME_OK)
                outcome = rt_server_add(jobs.server, NAME_INTERFACE, name_dispatch, &names, NULL);
        return outcome == OUTCOME_OK
                   ? rt_server_add(jobs.server, LOG_INTERFACE, log_dispatch, &log, NULL)
                   : outcome;
}
