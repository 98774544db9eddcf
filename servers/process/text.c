/* What a program is told when it begins: arguments, environment and folder, as whoever starts it
 * has said them. They are copied once, and stay until the process is freed. */
#include <string.h>

#include "servers/process/process.h"
#include "servers/rt/task/memory.h"

/* The last part of the path that its first argument is. */
static void name_set(struct process *process)
{
        const char *first = process->arguments.bytes, *slash;
        if (process->arguments.length == 0)
                first = "";
        while ((slash = strchr(first, '/')))
                first = slash + 1;
        strncpy(process->name, first, sizeof process->name - 1);
}

static bool text_valid(const char *folder, size_t folder_length, struct strings arguments,
                       struct strings environment)
{
        unsigned count;
        return strings_count(arguments, &count) && count > 0 &&
               strings_count(environment, &count) && folder_length > 0 && folder[0] == '/' &&
               !memchr(folder, 0, folder_length) &&
               arguments.length + environment.length + folder_length <= PROCESS_STRINGS_MOST;
}

outcome_t text_keep(struct process *process, struct strings arguments, struct strings environment,
                    const char *folder, size_t folder_length)
{
        if (!text_valid(folder, folder_length, arguments, environment))
                return answered(REASON_INVALID);
        process->text_bytes = arguments.length + environment.length + folder_length + 1;
        outcome_t outcome = rt_memory_allocate(process->text_bytes, (void **)&process->text);
        if (outcome != OUTCOME_OK)
                return outcome;
        char *at = (char *)process->text;
        memcpy(at, arguments.bytes, arguments.length);
        process->arguments = (struct strings){at, arguments.length};
        at += arguments.length;
        memcpy(at, environment.bytes, environment.length);
        process->environment = (struct strings){at, environment.length};
        at += environment.length;
        memcpy(at, folder, folder_length);
        at[folder_length] = 0;
        process->folder = at;
        name_set(process);
        return OUTCOME_OK;
}
