/* complete FOLDER, or -c, -p, -n: the names that a word can become, for the shell's Tab
 * (completion.h), a line each: the name, and what stands behind it when it is complete. Those in
 * the folder, or those of commands and programs, of programs, of nodes. */
#include <stdlib.h>
#include <string.h>

#include "servers/proto/fs.h"
#include "servers/shell/commands/binding.h"
#include "servers/shell/commands/command.h"
#include "servers/shell/commands/nodes.h"
#include "servers/shell/environment.h"

/* A user who types waits no longer. */
#define LIST_WAIT RT_SECOND

static void offer(struct job *job, const char *name, size_t length, char end)
{
        if (!memchr(name, '\n', length))
                job_print(job, "%.*s%c\n", (int)length, name, end);
}

static void command_offer(void *context, const struct command *command)
{
        offer(context, command->name, strlen(command->name), ' ');
}

static void nodes_offer(struct job *job, char end)
{
        struct nodes *nodes;
        if (nodes_read(&nodes) != OUTCOME_OK)
                return;
        for (size_t i = 0; i < nodes->count; i++)
                offer(job, nodes->node[i].name, strlen(nodes->node[i].name), end);
        free(nodes);
}

/* Offers what one answer has, and keeps the last name. False: there is no more. */
static bool entries_offer(struct job *job, const char *entries, size_t length, bool programs,
                          char after[FS_NAME_MAX], size_t *after_length)
{
        struct unpacker from = unpacker_of(entries, length);
        struct fs_entry entry;
        while (fs_entry_next(&from, &entry) && entry.name_length <= FS_NAME_MAX) {
                const bool folder = entry.kind == FS_FOLDER;
                if (!folder || !programs)
                        offer(job, entry.name, entry.name_length, folder ? '/' : ' ');
                memcpy(after, entry.name, entry.name_length);
                *after_length = entry.name_length;
        }
        return from.left == 0 && !fs_list_ended(length);
}

/* programs: what may be one. */
static void folder_offer(struct job *job, const char *folder, bool programs)
{
        char entries[FS_LIST_MAX], after[FS_NAME_MAX];
        size_t length = 0, after_length = 0;
        struct bound_path at;
        const uint64_t deadline = rt_after(LIST_WAIT);
        bool more = path_bind(folder, &at) == OUTCOME_OK;
        while (more)
                more = fs_list(at.service, deadline, at.path, at.length, after, after_length,
                               optional_none(), entries, sizeof entries, &length) == OUTCOME_OK &&
                       entries_offer(job, entries, length, programs, after, &after_length);
        path_release(&at);
}

/* Folders that have services, and beside them, at the top, nodes that have. */
static void above_offer(struct job *job, const char *folder)
{
        offer(job, "fs", 2, '/');
        if (!folder[strspn(folder, "/")])
                nodes_offer(job, '/');
}

static void programs_offer(struct job *job)
{
        char folder[FS_PATH_MAX];
        const char *folders = environment_get("PATH");
        while (folders && *folders) {
                size_t length = strcspn(folders, ":");
                if (length > 0 && length < sizeof folder) {
                        memcpy(folder, folders, length);
                        folder[length] = 0;
                        folder_offer(job, folder, true);
                }
                folders += length;
                folders += *folders == ':';
        }
}

static int complete(struct job *job, int count, char **arguments)
{
        const char *what = arguments[1];
        (void)count;
        if (strcmp(what, "-c") == 0)
                commands_each(command_offer, job);
        if (strcmp(what, "-c") == 0 || strcmp(what, "-p") == 0)
                programs_offer(job);
        else if (strcmp(what, "-n") == 0)
                nodes_offer(job, ' ');
        else if (path_is_above(what))
                above_offer(job, what);
        else
                folder_offer(job, what, false);
        return STATUS_OK;
}

const struct command name_commands[] = {
    {"complete", "", NULL, 1, 1, complete},
    {0},
};
