/* Looks services up; see binding.h. */
#include "servers/shell/commands/binding.h"

#include <stdio.h>
#include <string.h>

#include "servers/proto/files.h"
#include "servers/proto/fs.h"
#include "servers/rt/serve/service.h"
#include "servers/shell/folder.h"

outcome_t bind_service(const char *name, handle_t *right)
{
        *right = 0;
        outcome_t outcome = rt_bind(name, rt_after(BIND_WAIT), right);
        /* No service can have such a name. */
        return outcome == answered(REASON_INVALID) ? answered(REASON_NOT_FOUND) : outcome;
}

/* NODE/SERVICE, or ./SERVICE; false: it is too long. */
static bool node_name(char name[2 * STARTUP_NAME], const char *node, const char *service)
{
        return snprintf(name, 2 * STARTUP_NAME, "%s/%s", node ? node : ".", service) <
               2 * STARTUP_NAME;
}

outcome_t bind_on_node(const char *node, const char *service, handle_t *right)
{
        char name[2 * STARTUP_NAME];
        *right = 0;
        return node_name(name, node, service) ? bind_service(name, right)
                                              : answered(REASON_NAME_TOO_LONG);
}

outcome_t await_on_node(const char *node, const char *service, handle_t *right)
{
        char name[2 * STARTUP_NAME];
        *right = 0;
        return node_name(name, node, service) ? rt_lookup(name, rt_after(BIND_WAIT), right)
                                              : answered(REASON_NAME_TOO_LONG);
}

outcome_t find_on_node(const char *node, const char *service, handle_t *right)
{
        char name[2 * STARTUP_NAME];
        *right = 0;
        return node_name(name, node, service) ? rt_find(name, right)
                                              : answered(REASON_NAME_TOO_LONG);
}

/* /bin and /tmp are what programs find there (servers/rt/linux/paths.c). False: it is too long. */
static bool path_expand(char full[FS_PATH_MAX])
{
        static const char service[] = "/fs";
        const char *begin = full + strspn(full, "/");
        size_t length = strcspn(begin, "/"), rest = strlen(begin) + 1;
        if (length != 3 || (memcmp(begin, "bin", 3) != 0 && memcmp(begin, "tmp", 3) != 0))
                return true;
        if (sizeof service + rest > FS_PATH_MAX)
                return false;
        memmove(full + sizeof service, begin, rest);
        memcpy(full, service, sizeof service - 1);
        full[sizeof service - 1] = '/';
        return true;
}

outcome_t path_bind(const char *path, struct bound_path *bound)
{
        *bound = (struct bound_path){0};
        if (!*path)
                return answered(REASON_NOT_FOUND);
        if (!folder_path(path, bound->full) || !path_expand(bound->full))
                return answered(REASON_NAME_TOO_LONG);
        const char *begin = bound->full + strspn(bound->full, "/");
        size_t length = file_service_length(begin);
        if (length == 0 || length >= sizeof bound->name)
                return answered(REASON_NOT_FOUND);
        memcpy(bound->name, begin, length);
        bound->path = begin + length;
        bound->length = strlen(bound->path);
        return bind_service(bound->name, &bound->service);
}

void path_release(struct bound_path *bound)
{
        if (bound->service)
                sys_handle_close(bound->service);
        bound->service = 0;
}

/* What was opened is no folder; else it is closed again. */
static outcome_t file_check(uint64_t kind, handle_t *file)
{
        if (kind != FS_FOLDER)
                return OUTCOME_OK;
        sys_handle_close(*file);
        *file = 0;
        return answered(REASON_IS_DIRECTORY);
}

outcome_t path_open(const char *path, uint64_t flags, handle_t *file, uint64_t *size)
{
        struct bound_path bound;
        uint64_t kind;
        *file = 0;
        outcome_t outcome = path_bind(path, &bound);
        if (outcome == OUTCOME_OK)
                outcome =
                    fs_open(bound.service, RT_DEADLINE, bound.path, bound.length, flags, 0, 0, 0644,
                            file, size, &kind, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL);
        path_release(&bound);
        return outcome == OUTCOME_OK ? file_check(kind, file) : outcome;
}

outcome_t path_open_reader(const char *path, struct reader *reader, handle_t *file)
{
        struct bound_path bound;
        uint64_t kind;
        *file = 0;
        *reader = (struct reader){0};
        outcome_t outcome = path_bind(path, &bound);
        if (outcome == OUTCOME_OK)
                outcome = reader_open(reader, bound.service, bound.path, bound.length, FS_OPEN_READ,
                                      0, file, &kind);
        path_release(&bound);
        return outcome == OUTCOME_OK ? file_check(kind, file) : outcome;
}

bool path_ends_in_name(const char *path)
{
        char full[FS_PATH_MAX];
        if (!folder_path(path, full))
                return false;
        const char *rest = full + strspn(full, "/");
        rest += file_service_length(rest);
        size_t end = strlen(rest), begin;
        while (end > 0 && rest[end - 1] == '/')
                end--;
        for (begin = end; begin > 0 && rest[begin - 1] != '/'; begin--)
                ;
        size_t dots = strspn(rest + begin, ".");
        return begin < end && (dots < end - begin || dots > 2);
}

int path_fail(struct job *job, const char *path, outcome_t outcome)
{
        if (outcome == answered(REASON_INVALID) && !path_ends_in_name(path))
                return job_complain(job, "%s: it must end in the name of a file or folder", path);
        bool from_top = path[0] != '/' && !folder_current()[1];
        if (!from_top || outcome_reason(outcome) != REASON_NOT_FOUND)
                return job_fail(job, path, outcome);
        return job_complain(job, "%s: not found; a path begins with a service, as in /fs/%s", path,
                            path);
}

bool path_is_above(const char *path)
{
        char full[FS_PATH_MAX];
        handle_t service = 0;
        if (!*path || !folder_normal(path, full) || strchr(full + 1, '/'))
                return false;
        if (!full[1])
                return true;
        if (file_service_length(full + 1) > 0)
                return false;
        outcome_t outcome = find_on_node(full + 1, "fs", &service);
        if (service)
                sys_handle_close(service);
        return outcome == OUTCOME_OK || (outcome_reason(outcome) != REASON_NOT_FOUND &&
                                         outcome_reason(outcome) != REASON_INVALID);
}
