/* complete [FOLDER]: the names that a word can become, for the shell's Tab (completion.h), a line
 * each: the name, and what stands behind it when it is complete. Without FOLDER those of
 * commands. */
#include <string.h>

#include "servers/proto/fs.h"
#include "servers/shell/commands/binding.h"
#include "servers/shell/commands/command.h"

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

/* Offers what one answer has, and keeps the last name. False: there is no more. */
static bool entries_offer(struct job *job, const char *entries, size_t length,
                          char after[FS_NAME_MAX], size_t *after_length)
{
        struct unpacker from = unpacker_of(entries, length);
        struct fs_entry entry;
        while (fs_entry_next(&from, &entry) && entry.name_length <= FS_NAME_MAX) {
                offer(job, entry.name, entry.name_length, entry.kind == FS_FOLDER ? '/' : ' ');
                memcpy(after, entry.name, entry.name_length);
                *after_length = entry.name_length;
        }
        return from.left == 0 && !fs_list_ended(length);
}

static void folder_offer(struct job *job, const char *folder)
{
        char entries[FS_LIST_MAX], after[FS_NAME_MAX];
        size_t length = 0, after_length = 0;
        struct bound_path at;
        const uint64_t deadline = rt_after(LIST_WAIT);
        if (path_is_above(folder)) {
                offer(job, "fs", 2, '/');
                return;
        }
        bool more = path_bind(folder, &at) == OUTCOME_OK;
        while (more)
                more = fs_list(at.service, deadline, at.path, at.length, after, after_length,
                               optional_none(), entries, sizeof entries, &length) == OUTCOME_OK &&
                       entries_offer(job, entries, length, after, &after_length);
        path_release(&at);
}

static int complete(struct job *job, int count, char **arguments)
{
        if (count > 1) {
                folder_offer(job, arguments[1]);
                return STATUS_OK;
        }
        commands_each(command_offer, job);
        folder_offer(job, "/fs/bin");
        return STATUS_OK;
}

const struct command name_commands[] = {
    {"complete", "", NULL, 0, 1, complete},
    {0},
};
