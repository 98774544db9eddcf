/* abi: what is made of the lists in kernel/abi.
 *
 *      abi stubs FILE           the stubs of the system calls, as a C header
 *      abi handlers FILE        how their handlers get the arguments, as a C header
 *      abi reference FILE       the reference, in Markdown
 *      abi manual FOLDER        a manual page a system call, NAME.2
 *
 * A file is replaced only when all of it is there. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include "tools/abi/list.h"

static bool fail(const char *path)
{
        fprintf(stderr, "abi: %s: %s\n", path, strerror(errno));
        return false;
}

static bool write_file(const char *path, void (*write)(FILE *file, const struct system_call *call),
                       const struct system_call *call)
{
        char made[PATH_MAX];
        if (snprintf(made, sizeof made, "%s.new", path) >= (int)sizeof made) {
                errno = ENAMETOOLONG;
                return fail(path);
        }
        FILE *file = fopen(made, "w");
        if (!file)
                return fail(made);
        write(file, call);
        bool good = !ferror(file);
        good = !fclose(file) && good;
        if (!good || rename(made, path)) {
                fail(path);
                remove(made);
                return false;
        }
        return true;
}

static void stubs(FILE *file, const struct system_call *call)
{
        (void)call;
        stubs_write(file);
}

static void handlers(FILE *file, const struct system_call *call)
{
        (void)call;
        handlers_write(file);
}

static void reference(FILE *file, const struct system_call *call)
{
        (void)call;
        reference_write(file);
}

static bool manual(const char *folder)
{
        char path[PATH_MAX];
        for (unsigned i = 0; i < call_count; i++) {
                snprintf(path, sizeof path, "%.4000s/%s.2", folder, calls[i].name);
                if (!write_file(path, manual_write, &calls[i]))
                        return false;
        }
        return true;
}

int main(int count, char **arguments)
{
        if (!list_parse())
                return 1;
        if (count == 3 && !strcmp(arguments[1], "stubs"))
                return !write_file(arguments[2], stubs, NULL);
        if (count == 3 && !strcmp(arguments[1], "handlers"))
                return !write_file(arguments[2], handlers, NULL);
        if (count == 3 && !strcmp(arguments[1], "reference"))
                return !write_file(arguments[2], reference, NULL);
        if (count == 3 && !strcmp(arguments[1], "manual"))
                return !manual(arguments[2]);
        fprintf(stderr, "usage: abi stubs FILE | handlers FILE | reference FILE | manual FOLDER\n");
        return 2;
}
