/* Commands about folders and the names in them: ls, cd, pwd, mkdir, ln, mv, rm. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "servers/proto/files.h"
#include "servers/proto/fs.h"
#include "servers/proto/job.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/pure/visible.h"
#include "servers/shell/commands/binding.h"
#include "servers/shell/commands/command.h"
#include "servers/shell/environment.h"
#include "servers/shell/folder.h"

/* ---- ls ---- */

struct listing {
        struct job *job;
        bool details;
        struct bound_path at;
};

static void print_date(struct job *job, uint64_t seconds)
{
        time_t time = (time_t)seconds;
        struct tm date;
        char text[32];
        if (seconds == 0 || !gmtime_r(&time, &date) ||
            strftime(text, sizeof text, "%Y-%m-%d %H:%M", &date) == 0)
                strcpy(text, "-");
        job_print(job, "%16s", text);
}

/* A name on one line, whatever it has in it. */
static void print_name(struct job *job, const char *name, size_t length)
{
        for (size_t at = 0; at < length;) {
                char shown[VISIBLE_MOST];
                size_t used;
                at += visible_next(name + at, length - at, shown, &used);
                job_write(job, shown, used);
        }
}

/* ` -> TARGET` of the link `name` in the folder that is listed (`name` empty: the path itself). */
static void print_target(struct listing *listing, const char *name, size_t length)
{
        char path[FS_PATH_MAX], target[FS_PATH_MAX];
        size_t target_length = 0, folder = listing->at.length;
        if (folder + 1 + length > sizeof path)
                return;
        memcpy(path, listing->at.path, folder);
        path[folder] = '/';
        memcpy(path + folder + 1, name, length);
        size_t whole = length > 0 ? folder + 1 + length : folder;
        outcome_t outcome = fs_readlink(listing->at.service, RT_DEADLINE, path, whole, target,
                                        sizeof target, &target_length);
        if (outcome != OUTCOME_OK)
                return;
        job_print(listing->job, " -> ");
        print_name(listing->job, target, target_length);
}

static void print_entry(struct listing *listing, const struct fs_entry *record, bool whole_path)
{
        const char *name = record->name;
        static const char kinds[] = {[FS_FILE] = '-', [FS_FOLDER] = 'd', [FS_LINK] = 'l'};
        struct job *job = listing->job;
        if (listing->details) {
                bool known = record->kind >= FS_FILE && record->kind <= FS_LINK;
                job_print(job, "%c %10llu ", known ? kinds[record->kind] : '?',
                          (unsigned long long)record->size);
                print_date(job, record->modified);
                job_write(job, " ", 1);
        }
        print_name(job, name, record->name_length);
        if (listing->details && record->kind == FS_LINK)
                print_target(listing, whole_path ? "" : name, whole_path ? 0 : record->name_length);
        job_write(job, "\n", 1);
}

/* A folder's entries. Each answer goes on after the last name of the one before. */
static outcome_t list_folder(struct listing *listing)
{
        char after[FS_NAME_MAX];
        size_t after_length = 0, length = 0;
        outcome_t outcome = OUTCOME_OK;
        char *records = malloc(FS_LIST_MAX);
        if (!records)
                return not_executed(REASON_NO_MEMORY);
        do {
                struct fs_entry record;
                outcome =
                    fs_list(listing->at.service, RT_DEADLINE, listing->at.path, listing->at.length,
                            after, after_length, optional_none(), records, FS_LIST_MAX, &length);
                if (outcome != OUTCOME_OK)
                        break;
                struct unpacker from = unpacker_of(records, length);
                while (fs_entry_next(&from, &record) && record.name_length <= sizeof after) {
                        print_entry(listing, &record, false);
                        memcpy(after, record.name, record.name_length);
                        after_length = record.name_length;
                }
                /* What was not passed would be asked for again and again. */
                if (from.left > 0)
                        outcome = perhaps_executed(REASON_MALFORMED);
        } while (outcome == OUTCOME_OK && !fs_list_ended(length));
        free(records);
        return outcome;
}

static outcome_t list_path(struct listing *listing, const char *path)
{
        uint64_t kind, size, identity, modified;
        outcome_t outcome = path_bind(path, &listing->at);
        if (outcome == OUTCOME_OK)
                outcome = fs_stat(listing->at.service, RT_DEADLINE, listing->at.path,
                                  listing->at.length, !listing->details, &kind, &size, &identity,
                                  &modified, NULL, NULL, NULL);
        if (outcome == OUTCOME_OK && kind == FS_FOLDER) {
                outcome = list_folder(listing);
        } else if (outcome == OUTCOME_OK) {
                struct fs_entry record = {.name = path,
                                          .name_length = strlen(path),
                                          .kind = kind,
                                          .size = size,
                                          .modified = modified};
                print_entry(listing, &record, true);
        }
        path_release(&listing->at);
        return outcome;
}

/* What is above the services has no server. It lists the one file service, "fs", also while its
 * server is away. */
static void list_above(struct job *job)
{
        handle_t service = 0;
        outcome_t outcome = rt_find("fs", &service);
        if (service)
                sys_handle_close(service);
        if (outcome_reason(outcome) != REASON_NOT_FOUND)
                job_print(job, "fs\n");
}

static int ls(struct job *job, int count, char **arguments)
{
        struct listing listing = {.job = job};
        int first = 1, status = STATUS_OK;
        if (count > 1 && strcmp(arguments[1], "-l") == 0) {
                listing.details = true;
                first++;
        }
        if (first < count && arguments[first][0] == '-')
                return job_complain(job, "%s: no such option; -l is the only one",
                                    arguments[first]);
        static char here[] = ".";
        static char *nothing_given[] = {here};
        char **paths = first < count ? arguments + first : nothing_given;
        int path_count = first < count ? count - first : 1;
        for (int i = 0; i < path_count; i++) {
                if (path_count > 1)
                        job_print(job, "%s:\n", paths[i]);
                outcome_t outcome = OUTCOME_OK;
                if (path_is_above(paths[i]))
                        list_above(job);
                else
                        outcome = list_path(&listing, paths[i]);
                if (outcome != OUTCOME_OK)
                        status = path_fail(job, paths[i], outcome);
        }
        return status;
}

/* ---- cd, pwd ---- */

static outcome_t folder_check(const char *path)
{
        struct bound_path at;
        uint64_t kind, size, identity, modified;
        outcome_t outcome = path_bind(path, &at);
        if (outcome == OUTCOME_OK)
                outcome = fs_stat(at.service, RT_DEADLINE, at.path, at.length, 1, &kind, &size,
                                  &identity, &modified, NULL, NULL, NULL);
        path_release(&at);
        if (outcome == OUTCOME_OK && kind != FS_FOLDER)
                outcome = answered(REASON_NOT_DIRECTORY);
        return outcome;
}

static int cd(struct job *job, int count, char **arguments)
{
        const char *home = environment_get("HOME"), *path = count > 1 ? arguments[1] : home;
        char folder[FS_PATH_MAX];
        if (!path)
                return job_complain(job, "which folder? HOME is not set");
        if (!folder_normal(path, folder))
                return job_fail(job, path, answered(REASON_NAME_TOO_LONG));
        outcome_t outcome = path_is_above(folder) ? OUTCOME_OK : folder_check(folder);
        if (outcome != OUTCOME_OK)
                return path_fail(job, path, outcome);
        outcome = job_folder(rt_handle("job"), RT_DEADLINE, folder, strlen(folder));
        return outcome == OUTCOME_OK ? STATUS_OK : job_fail(job, path, outcome);
}

static int pwd(struct job *job, int count, char **arguments)
{
        (void)count;
        (void)arguments;
        job_print(job, "%s\n", folder_current());
        return STATUS_OK;
}

/* ---- the others ---- */

static int mkdir_command(struct job *job, int count, char **arguments)
{
        int status = STATUS_OK;
        for (int i = 1; i < count; i++) {
                struct bound_path at;
                outcome_t outcome = path_bind(arguments[i], &at);
                if (outcome == OUTCOME_OK)
                        outcome = fs_mkdir(at.service, RT_DEADLINE, at.path, at.length, 0755);
                path_release(&at);
                if (outcome != OUTCOME_OK)
                        status = path_fail(job, arguments[i], outcome);
        }
        return status;
}

static int rm(struct job *job, int count, char **arguments)
{
        int status = STATUS_OK;
        for (int i = 1; i < count; i++) {
                struct bound_path at;
                outcome_t outcome = path_bind(arguments[i], &at);
                if (outcome == OUTCOME_OK)
                        outcome = fs_unlink(at.service, RT_DEADLINE, at.path, at.length);
                if (outcome == answered(REASON_IS_DIRECTORY))
                        outcome = fs_rmdir(at.service, RT_DEADLINE, at.path, at.length);
                path_release(&at);
                if (outcome != OUTCOME_OK)
                        status = path_fail(job, arguments[i], outcome);
        }
        return status;
}

static int ln(struct job *job, int count, char **arguments)
{
        (void)count;
        struct bound_path at;
        if (!arguments[1][0])
                return job_complain(job, "a link must have a target");
        outcome_t outcome = path_bind(arguments[2], &at);
        if (outcome == OUTCOME_OK)
                outcome = fs_symlink(at.service, RT_DEADLINE, arguments[1], strlen(arguments[1]),
                                     at.path, at.length);
        path_release(&at);
        return outcome == OUTCOME_OK ? STATUS_OK : path_fail(job, arguments[2], outcome);
}

/* A name moves within one service: to another one the file would have to be copied. */
static int mv(struct job *job, int count, char **arguments)
{
        (void)count;
        struct bound_path from, to = {0};
        const char *failed = arguments[1];
        outcome_t outcome = path_bind(arguments[1], &from);
        if (outcome == OUTCOME_OK) {
                failed = arguments[2];
                outcome = path_bind(arguments[2], &to);
        }
        bool apart = outcome == OUTCOME_OK && strcmp(from.name, to.name) != 0;
        if (outcome == OUTCOME_OK && !apart) {
                failed = arguments[1];
                outcome = fs_rename(from.service, RT_DEADLINE, from.path, from.length, to.path,
                                    to.length);
        }
        path_release(&to);
        path_release(&from);
        if (apart)
                return job_complain(job, "%s: not of the same service as %s", arguments[2],
                                    arguments[1]);
        if (outcome == answered(REASON_INVALID) && path_ends_in_name(failed)) {
                if (path_ends_in_name(arguments[2]))
                        return job_complain(job, "%s: a folder cannot move into itself", failed);
                failed = arguments[2];
        }
        return outcome == OUTCOME_OK ? STATUS_OK : path_fail(job, failed, outcome);
}

const struct command folder_commands[] = {
    {"ls", "[-l] [PATH...]",
     "lists folders, the current one if none is given\n"
     "With -l: kind (- file, d folder, l link), size in bytes, date, name, and a link's target.",
     0, -1, ls},
    {"cd", "[FOLDER]",
     "goes to a folder, where paths without a slash in front begin\n"
     "Without FOLDER to HOME. Programs that are started begin there, too.",
     0, 1, cd},
    {"pwd", "", "prints the current folder", 0, 0, pwd},
    {"mkdir", "PATH...", "makes folders", 1, -1, mkdir_command},
    {"ln", "TARGET PATH", "makes a symbolic link to TARGET", 2, 2, ln},
    {"mv", "FROM TO", "gives a file, folder or link another name", 2, 2, mv},
    {"rm", "PATH...", "removes files, links and empty folders", 1, -1, rm},
    {0},
};
