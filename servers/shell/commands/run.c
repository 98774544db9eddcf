/* run: starts programs, also several whose streams are connected, each on a node of its own.
 *
 *      program ──its 1 and 2──> pipe ──> this job's output
 *      program ──its 1──> pipe ──> the next one's 0
 *      in the foreground of an interactive shell, what no file or pipe is for:
 *      program ──its 0, 1 and 2──> terminal ──> the user's keys and screen (screen.h)
 *
 * A program is given its file, the descriptors that the line says and nothing else of the shell's.
 * The job holds the right to each process, so that they end with the job. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "servers/proto/files.h"
#include "servers/proto/process.h"
#include "servers/proto/stream.h"
#include "servers/shell/commands/binding.h"
#include "servers/shell/commands/command.h"
#include "servers/shell/commands/pipeline.h"
#include "servers/shell/environment.h"
#include "servers/shell/folder.h"

/* Loading a program from afar takes its time. */
#define START_WAIT (60 * RT_SECOND)

/* A stream for a program: one end of a pipe, or the terminal. */
struct end {
        handle_t right; /* 0: none */
        uint64_t kind;  /* enum descriptor_kind */
};

/* ---- the line ----------------------------------------------------------------------------------
 */

static int refuse(struct job *job, const char *text)
{
        job_complain(job, "%s", text);
        return STATUS_USAGE;
}

/* Bytes, or with K or M behind. */
static bool memory_parse(const char *text, uint64_t *bytes)
{
        char digits[16];
        size_t length = strlen(text);
        unsigned shift = 0;
        if (length == 0 || length >= sizeof digits)
                return false;
        strcpy(digits, text);
        if (digits[length - 1] == 'K' || digits[length - 1] == 'M') {
                shift = digits[length - 1] == 'K' ? 10 : 20;
                digits[length - 1] = 0;
        }
        if (!number_parse(digits, 1ull << 40, bytes))
                return false;
        *bytes <<= shift;
        return *bytes > 0;
}

/* Takes what stands before the program: `run`, `-n NODE`, `-m BYTES`. */
static int options_take(struct job *job, struct stage *stage, bool first)
{
        if (!first && stage->count > 0 && strcmp(stage->words[0], "run") == 0) {
                stage->words++;
                stage->count--;
        }
        while (stage->count > 0 && stage->words[0][0] == '-') {
                const char *option = stage->words[0], *value = stage->words[1];
                if (stage->count < 2)
                        return refuse(job, "an option has a value: -n NODE, -m BYTES");
                if (strcmp(option, "-n") == 0)
                        stage->node = value;
                else if (strcmp(option, "-m") != 0)
                        return refuse(job, "the options are -n NODE and -m BYTES, as 16M");
                else if (!memory_parse(value, &stage->memory))
                        return refuse(job, "-m takes a number of bytes, or with K or M behind it");
                stage->words += 2;
                stage->count -= 2;
        }
        return stage->count > 0 ? STATUS_OK : refuse(job, "which program? `help run`");
}

static int redirection_take(struct job *job, struct stage *stage, const char *sign,
                            const char *path)
{
        if (!path)
                return refuse(job, "a file must follow <, >, >>, 2> and 2>>");
        if (sign[0] == '<')
                stage->input = path;
        else if (sign[0] == '2')
                stage->errors = path;
        else
                stage->output = path;
        stage->append = stage->append || strcmp(sign, ">>") == 0;
        stage->append_errors = stage->append_errors || strcmp(sign, "2>>") == 0;
        return STATUS_OK;
}

/* Sorts the words behind `run` into stages. Redirections are taken out of the words. */
static int line_parse(struct job *job, int count, char **words, struct pipeline *line)
{
        int first = (int)(words - job->words.word), status = STATUS_OK;
        struct stage *stage = &line->stages[0];
        *line = (struct pipeline){.count = 1};
        *stage = (struct stage){.words = words};
        for (int i = 0; i < count && status == STATUS_OK; i++) {
                if (!word_is_operator(&job->words, first + i)) {
                        stage->words[stage->count++] = words[i];
                } else if (words[i][0] != '|') {
                        bool value = i + 1 < count && !word_is_operator(&job->words, first + i + 1);
                        status =
                            redirection_take(job, stage, words[i], value ? words[i + 1] : NULL);
                        i++;
                } else if (line->count == STAGES) {
                        status = refuse(job, "at most four programs can stand between |");
                } else {
                        stage = &line->stages[line->count++];
                        *stage = (struct stage){.words = &words[i + 1]};
                }
        }
        for (int i = 0; i < line->count && status == STATUS_OK; i++)
                status = options_take(job, &line->stages[i], i == 0);
        return status;
}

/* ---- starting ----------------------------------------------------------------------------------
 */

/* Opens the program's file: as a path, or by its name in the folders of PATH. path: where it is. */
static outcome_t program_open(const char *name, char path[FS_PATH_MAX], handle_t *file)
{
        const char *folders = environment_get("PATH");
        uint64_t size;
        outcome_t outcome = answered(REASON_NOT_FOUND);
        if (strchr(name, '/')) {
                snprintf(path, FS_PATH_MAX, "%s", name);
                return path_open(name, FS_OPEN_READ, file, &size);
        }
        while (*name && folders && *folders && outcome == answered(REASON_NOT_FOUND)) {
                int length = (int)strcspn(folders, ":");
                if (snprintf(path, FS_PATH_MAX, "%.*s/%s", length, folders, name) >= FS_PATH_MAX)
                        return answered(REASON_NAME_TOO_LONG);
                outcome = path_open(path, FS_OPEN_READ, file, &size);
                folders += length;
                folders += *folders == ':';
        }
        return outcome;
}

/* Strings one after the other, each with its 0. */
static size_t strings_join(char *to, char **words, int count)
{
        size_t length = 0;
        for (int i = 0; i < count; i++) {
                strcpy(to + length, words[i]);
                length += strlen(words[i]) + 1;
        }
        return length;
}

/* leader: of the line, which is one group and session, on whatever nodes; 0: this one. */
static int process_make(struct job *job, struct stage *stage, uint64_t leader)
{
        size_t environment_length;
        const char *environment = environment_all(&environment_length);
        char arguments[2 * SHELL_LINE_MAX], path[FS_PATH_MAX];
        handle_t file = 0, server = 0;
        size_t length = strings_join(arguments, stage->words, stage->count);
        outcome_t outcome = program_open(stage->words[0], path, &file);
        if (outcome == answered(REASON_NOT_FOUND) && !strchr(stage->words[0], '/')) {
                job_complain(job, "%s: no such program in the folders of PATH, %s", stage->words[0],
                             environment_get("PATH"));
                return STATUS_UNKNOWN;
        }
        if (outcome != OUTCOME_OK)
                return path_fail(job, stage->words[0], outcome);
        outcome = await_on_node(stage->node, "process", &server);
        if (outcome != OUTCOME_OK) {
                sys_handle_close(file);
                return job_fail(job, stage->node ? stage->node : "process", outcome);
        }
        outcome =
            process_create(server, RT_DEADLINE, arguments, length, environment, environment_length,
                           folder_current(), strlen(folder_current()), cap_move(file),
                           optional_nonzero(stage->memory), optional_none(), optional_none(),
                           *path == '/' ? path : NULL, strlen(path), &stage->process, &stage->id);
        sys_handle_close(server);
        if (outcome == OUTCOME_OK && leader)
                outcome = process_group(stage->process, RT_DEADLINE, leader);
        return outcome == OUTCOME_OK ? STATUS_OK : job_fail(job, stage->words[0], outcome);
}

/* Gives a right to the process as a descriptor; it is the process's then. */
static int descriptor_give(struct job *job, struct stage *stage, uint64_t number, uint64_t kind,
                           uint64_t flags, handle_t right)
{
        outcome_t outcome =
            process_descriptor(stage->process, RT_DEADLINE, number, kind, flags, 0, right);
        return outcome == OUTCOME_OK ? STATUS_OK : job_fail(job, stage->words[0], outcome);
}

static int file_give(struct job *job, struct stage *stage, uint64_t number, const char *path,
                     uint64_t open, uint64_t flags)
{
        handle_t file;
        uint64_t size;
        outcome_t outcome = path_open(path, open, &file, &size);
        return outcome == OUTCOME_OK
                   ? descriptor_give(job, stage, number, DESCRIPTOR_FILE, flags, file)
                   : path_fail(job, path, outcome);
}

static int output_give(struct job *job, struct stage *stage, uint64_t number, const char *path,
                       bool append)
{
        const uint64_t make = FS_OPEN_WRITE | FS_OPEN_CREATE;
        return file_give(job, stage, number, path, append ? make : make | FS_OPEN_TRUNCATE,
                         append ? O_WRONLY | O_APPEND : O_WRONLY);
}

/* The same stream may be that of several descriptors: each gets a copy. */
static int stream_give(struct job *job, struct stage *stage, uint64_t number, struct end end)
{
        handle_t copy;
        uint64_t flags = end.kind == DESCRIPTOR_TERMINAL ? O_RDWR : number ? O_WRONLY : O_RDONLY;
        outcome_t outcome = sys_handle_copy(end.right, RIGHTS_ALL, &copy);
        return outcome == OUTCOME_OK ? descriptor_give(job, stage, number, end.kind, flags, copy)
                                     : job_fail(job, stage->words[0], outcome);
}

/* input: may be none; output: that of the next program, or the job's. */
static int descriptors_give(struct job *job, struct stage *stage, struct end input,
                            struct end output, struct end errors)
{
        int status = STATUS_OK;
        if (stage->input)
                status = file_give(job, stage, 0, stage->input, FS_OPEN_READ, O_RDONLY);
        else if (input.right)
                status = stream_give(job, stage, 0, input);
        if (status == STATUS_OK && stage->output)
                status = output_give(job, stage, 1, stage->output, stage->append);
        else if (status == STATUS_OK)
                status = stream_give(job, stage, 1, output);
        if (status == STATUS_OK && stage->errors)
                status = output_give(job, stage, 2, stage->errors, stage->append_errors);
        else if (status == STATUS_OK)
                status = stream_give(job, stage, 2, errors);
        return status;
}

static int process_begin(struct job *job, struct stage *stage)
{
        char wrong[256] = "";
        size_t length = 0;
        outcome_t outcome =
            process_start(stage->process, rt_after(START_WAIT), wrong, sizeof wrong - 1, &length);
        if (outcome != OUTCOME_OK)
                return job_fail(job, stage->words[0], outcome);
        wrong[length] = 0;
        return length == 0 ? STATUS_OK : job_complain(job, "%s: %s", stage->words[0], wrong);
}

static void handle_drop(handle_t *handle)
{
        if (*handle)
                sys_handle_close(*handle);
        *handle = 0;
}

/* Where the first program reads, and all of them say what no file or pipe takes. */
static outcome_t ends_make(struct job *job, struct pipeline *line, handle_t streams,
                           struct end *input, struct end *output)
{
        line->terminal = job->user;
        output->kind = input->kind = line->terminal ? DESCRIPTOR_TERMINAL : DESCRIPTOR_PIPE;
        if (!line->terminal)
                return stream_pipe(streams, RT_DEADLINE, &line->output, &output->right);
        outcome_t outcome = stream_terminal(streams, RT_DEADLINE, job->rows, job->columns,
                                            &line->output, &output->right);
        return outcome == OUTCOME_OK ? sys_handle_copy(output->right, RIGHTS_ALL, &input->right)
                                     : outcome;
}

/* Makes all processes with their pipes, then starts them. */
static int pipeline_start(struct job *job, struct pipeline *line, handle_t streams)
{
        struct end errors = {0}, input = {0};
        int status = STATUS_OK;
        outcome_t outcome = ends_make(job, line, streams, &input, &errors);
        for (int i = 0; i < line->count && status == STATUS_OK && outcome == OUTCOME_OK; i++) {
                struct end next = {.kind = DESCRIPTOR_PIPE}, between = {.kind = DESCRIPTOR_PIPE};
                status = process_make(job, &line->stages[i], i ? line->stages[0].id : 0);
                if (status == STATUS_OK && i + 1 < line->count)
                        outcome = stream_pipe(streams, RT_DEADLINE, &next.right, &between.right);
                if (status == STATUS_OK && outcome == OUTCOME_OK)
                        status = descriptors_give(job, &line->stages[i], input,
                                                  between.right ? between : errors, errors);
                handle_drop(&input.right);
                handle_drop(&between.right);
                input = next;
        }
        handle_drop(&input.right);
        handle_drop(&errors.right);
        if (outcome != OUTCOME_OK)
                return job_fail(job, "stream", outcome);
        for (int i = 0; i < line->count && status == STATUS_OK; i++)
                status = process_begin(job, &line->stages[i]);
        return status;
}

/* ---- the command ------------------------------------------------------------------------------
 */

static int line_run(struct job *job, int count, char **words)
{
        struct pipeline line;
        handle_t streams = 0;
        int status = line_parse(job, count, words, &line);
        if (status != STATUS_OK)
                return status;
        outcome_t outcome = bind_on_node(NULL, "stream", &streams);
        if (outcome != OUTCOME_OK)
                return job_fail(job, "stream", outcome);
        status = pipeline_start(job, &line, streams);
        handle_drop(&streams);
        if (status == STATUS_OK)
                status = pipeline_follow(job, &line);
        pipeline_drop(&line);
        return status;
}

static int run(struct job *job, int count, char **arguments)
{
        return line_run(job, count - 1, arguments + 1);
}

int program_run(struct job *job, int count, char **words)
{
        handle_t file = 0;
        char path[FS_PATH_MAX];
        const char *before = job->name;
        if (program_open(words[0], path, &file) != OUTCOME_OK)
                return STATUS_UNKNOWN;
        sys_handle_close(file);
        job->name = words[0];
        int status = line_run(job, count, words);
        job->name = before;
        return status;
}

const struct command program_commands[] = {
    {"run", "[-n NODE] [-m BYTES] PROGRAM [ARGUMENT...]",
     "runs a program, on this node or another\n"
     "PROGRAM is a static ELF file for Linux: a path, or a name in a folder of PATH. `< FILE`, `> "
     "FILE`,\n"
     "`>> FILE`, `2> FILE` and `2>> FILE` are its files; `| [run -n NODE] PROGRAM...` hands its "
     "output on. -m: "
     "the\n"
     "most memory that it may use, as 16M (4M and its file's length otherwise), and each process "
     "that\n"
     "it makes as much again. The status is the last program's own. Without options a program runs "
     "by\n"
     "its name alone, if no command has that name. In an interactive shell's foreground it has the "
     "keys:\n"
     "Ctrl-C interrupts it, Ctrl-Z stops it (`help fg`), Ctrl-\\ twice ends it whatever it does, "
     "Ctrl-D\n"
     "is the end of what it reads.",
     1, -1, run},
    {0},
};
