/* Another program in this process: execve(2). All is looked at before the process server is asked;
 * when it has loaded the program, it ends this task, and with it whatever waits here. Up to then
 * nothing is changed but that pipes are streams.
 *
 *      path ──> file ──script──> interpreter ──> …       SCRIPTS at most
 *                  └──program──> exec, descriptors, start ──> the next program
 */
#include <errno.h>
#include <fcntl.h>

#include "servers/proto/file.h"
#include "servers/proto/fs.h"
#include "servers/proto/process.h"
#include "servers/proto/programs.h"
#include "servers/rt/linux/current.h"
#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/inherit.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/local_pipe.h"
#include "servers/rt/linux/made.h"
#include "servers/rt/linux/paths.h"
#include "servers/rt/linux/signals.h"
#include "servers/rt/linux/vfork.h"
#include "servers/rt/message/message.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/pure/format.h"
#include "servers/rt/pure/program.h"
#include "servers/rt/pure/script.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/memory.h"

enum {
        SCRIPTS = 4, /* one of which the next one runs, and so on; as on Linux */
        ANYBODY_RUNS = 0111,
};

/* How long a program may take to be loaded, from wherever it lies. */
#define LOAD_WAIT (120 * RT_SECOND)

/* What is to be run. Context: `files`, as of all here. */
static struct {
        handle_t file;
        unsigned scripts;
        struct script script[SCRIPTS];
        const char *paths[SCRIPTS]; /* of each of them, as it was called */
        uint8_t head[PROGRAM_HEAD];
        struct program program;
        char path[JOINED_MAX + 1]; /* of that file */
} next;

/* ---- the file -------------------------------------------------------------------------------- */

/* What is memory of this node is no program. */
static bool may_run(uint64_t attributes, uint64_t identity)
{
        return fs_mode(attributes) & ANYBODY_RUNS && !(identity & FS_IDENTITY_MEMORY);
}

/* Opens a program's file and reads its beginning. 0, or a negated errno. */
static int64_t file_begin(int directory, const char *path, size_t *length, uint64_t *size)
{
        char joined[JOINED_MAX];
        struct service_path at;
        struct reader reader;
        struct made made;
        outcome_t outcome;
        uint64_t kind;
        int64_t error = path_lead(directory, path, true, joined, &made, &at);
        if (!error && !at.right)
                error = at.made && made.kind == MADE_NOTHING ? -ENOENT : -EACCES;
        if (error)
                return error;
        do
                outcome = reader_open(&reader, at.right, at.path, at.length, FS_OPEN_READ, 0,
                                      &next.file, &kind);
        while (path_again(&at, outcome));
        error = path_result(outcome);
        /* A path that cannot be told is none. */
        const bool told = !at.folder || (!error && !path_whole(&at, joined, sizeof joined));
        next.path[0] = told ? '/' : 0;
        path_tidied(told ? joined : "", next.path + 1, sizeof next.path - 1);
        if (error)
                return error == -EISDIR ? -EACCES : error;
        if (kind == FS_FILE && may_run(reader.attributes, reader.identity))
                error = file_error(
                    reader_read(&reader, next.file, 0, next.head, sizeof next.head, length));
        else
                error = -EACCES;
        *size = reader.size > *length ? reader.size : *length;
        reader_close(&reader);
        return error;
}

/* The same of a file that is open: execveat(2), AT_EMPTY_PATH. Its path is not known; if it is a
 * script, it is read as that descriptor. */
static int64_t open_file_begin(int file, const char **path, size_t *length, uint64_t *size)
{
        static char named[24];
        const struct open_file *open = open_file_of(file);
        uint64_t kind, identity, attributes;
        if (!open)
                return -EBADF;
        if (open->kind != OPEN_FILE || (open->flags & O_ACCMODE) == O_WRONLY)
                return -EACCES;
        outcome_t outcome = sys_handle_copy(open->right, RIGHTS_ALL, &next.file);
        if (outcome == OUTCOME_OK)
                outcome = file_stat(next.file, RT_DEADLINE, &kind, size, &identity, NULL,
                                    &attributes, NULL, NULL);
        if (outcome != OUTCOME_OK)
                return file_error(outcome);
        if (!may_run(attributes, identity))
                return -EACCES;
        format_line(named, sizeof named, "/dev/fd/%u", (unsigned)file);
        *path = named;
        next.path[0] = 0;
        return file_error(file_read(next.file, RT_DEADLINE, 0, sizeof next.head, 0, NULL, NULL,
                                    NULL, next.head, sizeof next.head, length));
}

static void file_end(void)
{
        if (next.file)
                sys_handle_close(next.file);
        next.file = 0;
}

/* From a path to the file of a program; is_open: it is `directory` itself. 0, or a negated errno.
 */
static int64_t program_find(int directory, const char *path, bool is_open)
{
        char said[PROGRAM_WRONG];
        for (next.scripts = 0;; directory = AT_FDCWD, is_open = false) {
                size_t length = 0;
                uint64_t size;
                int64_t error = is_open ? open_file_begin(directory, &path, &length, &size)
                                        : file_begin(directory, path, &length, &size);
                if (error)
                        return error;
                struct script *script = &next.script[next.scripts % SCRIPTS];
                enum script_kind kind = script_read((const char *)next.head, length, script);
                if (kind == SCRIPT_NONE)
                        return program_read(next.head, length, size, 0, &next.program, said)
                                   ? -ENOEXEC
                                   : 0;
                if (kind == SCRIPT_BROKEN)
                        return -ENOEXEC;
                if (next.scripts == SCRIPTS)
                        return -ELOOP;
                next.paths[next.scripts++] = path;
                path = script->interpreter;
                file_end();
        }
}

/* ---- arguments and environment --------------------------------------------------------------- */

/* Strings one after the other, in a buffer of PROCESS_STRINGS_MOST bytes. */
struct texts {
        char *bytes;
        size_t length;
        bool full;
};

static void text_add(struct texts *texts, const char *text)
{
        size_t bytes = string_length(text) + 1;
        texts->full |= bytes > PROCESS_STRINGS_MOST - texts->length;
        if (texts->full)
                return;
        bytes_copy(texts->bytes + texts->length, text, bytes);
        texts->length += bytes;
}

static void texts_add(struct texts *texts, const char *const *list)
{
        for (; list && *list; list++)
                text_add(texts, *list);
}

/* The last script's interpreter comes first, and the path of the first script in the place of the
 * program's own name. */
static void arguments_add(struct texts *texts, const char *const *list)
{
        if (!next.scripts) {
                if (!list || !*list)
                        text_add(texts, "");
                texts_add(texts, list);
                return;
        }
        for (unsigned i = next.scripts; i-- > 0;) {
                text_add(texts, next.script[i].interpreter);
                if (next.script[i].argument)
                        text_add(texts, next.script[i].argument);
                if (i == 0)
                        text_add(texts, next.paths[0]);
        }
        texts_add(texts, list && *list ? list + 1 : NULL);
}

/* ---- the process server ---------------------------------------------------------------------- */

static int64_t exec_error(outcome_t outcome)
{
        switch (outcome_reason(outcome)) {
        case REASON_INVALID:
                return -ENOEXEC;
        case REASON_TOO_LONG:
                return -EMFILE;
        default:
                return linux_error(outcome);
        }
}

/* Comes back only if it fails. */
static int64_t exec_ask(const struct texts *texts, size_t arguments)
{
        const handle_t server = rt_handle("log");
        char folder[FS_PATH_MAX + 1] = "/";
        string_set(folder + 1, sizeof folder - 1, current_text());
        outcome_t outcome = local_pipes_promote();
        if (outcome == OUTCOME_OK)
                outcome = process_exec(server, RT_DEADLINE, texts->bytes, arguments,
                                       texts->bytes + arguments, texts->length - arguments, folder,
                                       string_length(folder), cap_copy(next.file),
                                       signals_ignored(), thread_self()->blocked,
                                       *next.path ? next.path : NULL, string_length(next.path));
        if (outcome == OUTCOME_OK && next.scripts)
                outcome =
                    process_named(server, RT_DEADLINE, next.paths[0], string_length(next.paths[0]));
        if (outcome == OUTCOME_OK)
                outcome = process_mask(server, RT_DEADLINE, mode_mask());
        if (outcome == OUTCOME_OK)
                outcome = descriptors_hand_on(server);
        if (outcome == OUTCOME_OK) {
                char wrong[PROGRAM_WRONG];
                size_t length;
                loan_give_back();
                outcome = process_start(server, rt_after(LOAD_WAIT), wrong, sizeof wrong, &length);
        }
        if (outcome != OUTCOME_OK) /* what it was to have is nobody's, above all ends of pipes */
                process_unfork(server, RT_DEADLINE, 0);
        return exec_error(outcome);
}

static int64_t exec_program(const char *const *arguments, const char *const *environment)
{
        struct texts texts = {0};
        void *memory;
        if (rt_memory_allocate(PROCESS_STRINGS_MOST, &memory) != OUTCOME_OK)
                return -ENOMEM;
        texts.bytes = memory;
        arguments_add(&texts, arguments);
        size_t length = texts.length;
        texts_add(&texts, environment);
        int64_t error = texts.full ? -E2BIG : exec_ask(&texts, length);
        rt_memory_free(memory, PROCESS_STRINGS_MOST);
        return error;
}

int64_t linux_execve(int directory, const char *path, const char *const *arguments,
                     const char *const *environment, int flags)
{
        const struct startup *startup = rt_startup();
        if (!startup || !startup->program.entry)
                return -ENOSYS; /* a component is what its manifest says */
        if (flags & ~AT_EMPTY_PATH)
                return -EINVAL;
        int64_t error = program_find(directory, path, flags && !*path);
        if (!error)
                error = exec_program(arguments, environment);
        file_end();
        return error;
}
