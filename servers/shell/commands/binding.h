/* From names that the user gives to services. Everything is looked up for each command, so that a
 * service that was restarted or has moved is found again by the next try. */
#ifndef SHELL_BINDING_H
#define SHELL_BINDING_H

#include <stdbool.h>
#include <stddef.h>
#include "servers/proto/files.h"
#include "servers/rt/file/reader.h"
#include "servers/rt/message/message.h"
#include "servers/shell/commands/job.h"
#include "servers/rt/start/startup.h"
#include "servers/shell/number.h"

/* How long a service that is not there may take to come, as after a restart. */
#define BIND_WAIT (2 * RT_SECOND)

/* Looks [NODE/]NAME up as rt_bind does, waiting BIND_WAIT for what is not running. The handle is
 * the caller's. */
outcome_t bind_service(const char *name, handle_t *right);

/* The same for a service of that node and of no other (NULL: this one). */
outcome_t bind_on_node(const char *node, const char *service, handle_t *right);

/* The same, and what nobody knows of is waited for as well: a node that has come up says a moment
 * later what it has. */
outcome_t await_on_node(const char *node, const char *service, handle_t *right);

/* The same at once, for what need not be there. */
outcome_t find_on_node(const char *node, const char *service, handle_t *right);

/* A path such as /fs/folder/file or /n2/fs/folder/file, or one from the current folder on
 * (folder.h): it begins with the name of a file service, and the rest is the path there. */
struct bound_path {
        handle_t service;
        char name[2 * STARTUP_NAME]; /* of the service */
        char full[FS_PATH_MAX];      /* the whole path */
        const char *path;
        size_t length;
};

/* NOT_FOUND if the path does not begin with a service; else as bind_service. To be ended with
 * path_release(), also after a failure. */
outcome_t path_bind(const char *path, struct bound_path *bound);
void path_release(struct bound_path *bound);

/* Opens the file of a path; flags of fs.open (servers/proto/files.h). The handle is the caller's;
 * *size is what it holds now. IS_DIRECTORY: it is a folder. */
outcome_t path_open(const char *path, uint64_t flags, handle_t *file, uint64_t *size);

/* The same to read a file, or a part of it, by `reader` (reader_read; closed by reader_close beside
 * the handle). */
outcome_t path_open_reader(const char *path, struct reader *reader, handle_t *file);

/* Whether a path ends in the name of a file or folder, so not in a service's, in `.` or in `..`. */
bool path_ends_in_name(const char *path);

/* Reports a failure with a path, as job_fail does. Where it is no path, or has no name at its end
 * for an operation that needs one, it says what it must look like. */
int path_fail(struct job *job, const char *path, outcome_t outcome);

/* Whether the path is a folder that belongs to no service, but has them: "/", and "/NODE" of a node
 * that has files. */
bool path_is_above(const char *path);

#endif
