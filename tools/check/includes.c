/* includes: who may include whom. Reads the `#include` lines of the C files named as arguments
 * (paths relative to the repository's top, where it runs) and says which break the rules of the
 * table below.
 *
 *      includes FILE...          exit 1 if any rule is broken */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 512, LINE_BYTES = 1024, MAY = 12 };

/* Stands for the including component's own folder. */
#define OWN "."

/* The first rule whose `from` begins the file's path holds. */
struct rule {
        const char *from;
        unsigned own_depth;          /* folders that make up a component's path */
        const char *may[MAY];        /* begin the paths that may be included; "" allows all */
        const char *const *standard; /* the <headers> allowed; NULL allows all */
};

static const char *const abi_headers[] = {"stdint.h", "stddef.h", NULL};
static const char *const free_headers[] = {"stdint.h", "stddef.h",    "stdbool.h", "stdarg.h",
                                           "limits.h", "stdatomic.h", "cpuid.h",   NULL};
static const char *const pure_headers[] = {"sodium.h",  "stdint.h", "stddef.h",
                                           "stdbool.h", "limits.h", "stdatomic.h",
                                           "string.h",  "assert.h", NULL};

#define SHARED "kernel/abi/", "servers/rt/", "servers/proto/"

static const struct rule rules[] = {
    {"kernel/abi/", 2, {OWN}, abi_headers},
    {"kernel/arch/", 1, {OWN}, free_headers},
    {"kernel/",
     2,
     {OWN, "kernel/abi/", "kernel/include/", "kernel/object/", "kernel/ipc/", "kernel/mm/",
      "kernel/sched/", "kernel/syscall/", "kernel/debug/", "kernel/main.h"},
     free_headers},
    {"netipc/core/", 2, {OWN, "kernel/abi/"}, pure_headers},
    {"cluster/core/", 2, {OWN, "kernel/abi/"}, pure_headers},
    {"netipc/", 2, {OWN, SHARED, "netipc/core/", "cluster/core/"}, NULL},
    {"cluster/", 2, {OWN, SHARED, "netipc/core/", "cluster/core/"}, NULL},
    {"servers/rt/", 2, {OWN, SHARED}, NULL},
    {"servers/proto/", 2, {OWN, "kernel/abi/"}, NULL},
    {"servers/examples/", 3, {OWN, SHARED}, NULL},
    {"servers/", 2, {OWN, SHARED, "cluster/core/"}, NULL},
    {"drivers/lib/", 2, {OWN, SHARED}, NULL},
    {"drivers/", 3, {OWN, SHARED, "drivers/lib/"}, NULL},
    {"tools/", 2, {OWN, SHARED, "netipc/core/", "cluster/core/"}, NULL},
    {"tests/", 1, {""}, NULL},
};

static const struct rule *rule_of(const char *path)
{
        for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
                if (strncmp(path, rules[i].from, strlen(rules[i].from)) == 0)
                        return &rules[i];
        return NULL;
}

/* Length of the first `depth` folders of a path, with the slash. */
static size_t folders_length(const char *path, unsigned depth)
{
        const char *at = path;

        for (unsigned i = 0; i < depth && strchr(at, '/') != NULL; i++)
                at = strchr(at, '/') + 1;
        return at - path;
}

static bool may_include(const struct rule *rule, const char *file, const char *target)
{
        for (unsigned i = 0; i < MAY && rule->may[i] != NULL; i++) {
                bool own = strcmp(rule->may[i], OWN) == 0;
                const char *prefix = own ? file : rule->may[i];
                size_t length = own ? folders_length(file, rule->own_depth) : strlen(prefix);

                if (strncmp(target, prefix, length) == 0)
                        return true;
        }
        return false;
}

static bool standard_allowed(const struct rule *rule, const char *header)
{
        if (rule->standard == NULL)
                return true;
        for (const char *const *allowed = rule->standard; *allowed != NULL; allowed++)
                if (strcmp(*allowed, header) == 0)
                        return true;
        return false;
}

/* Removes `name/../` and `./` from a relative path, in place. */
static void path_simplify(char *path)
{
        char *dots;

        while ((dots = strstr(path, "/../")) != NULL) {
                char *begin = dots;

                while (begin > path && begin[-1] != '/')
                        begin--;
                memmove(begin, dots + 4, strlen(dots + 4) + 1);
        }
        while ((dots = strstr(path, "/./")) != NULL)
                memmove(dots, dots + 2, strlen(dots + 2) + 1);
}

#define KERNEL_INCLUDE "kernel/include/"

/* prefix and header, cut where there is no room: then no file has that path. */
static void path_set(char target[PATH_BYTES], const char *prefix, size_t length, const char *header)
{
        size_t rest = strlen(header);

        if (length > PATH_BYTES - 1)
                length = PATH_BYTES - 1;
        if (rest > PATH_BYTES - 1 - length)
                rest = PATH_BYTES - 1 - length;
        memcpy(target, prefix, length);
        memcpy(target + length, header, rest);
        target[length + rest] = 0;
}

/* Where a quoted header is, seen from the top: beside the file, at the top, in the kernel's include
 * folder; else it is one that is generated. */
static void target_find(const char *file, const char *header, char target[PATH_BYTES])
{
        size_t folder = strrchr(file, '/') != NULL ? strrchr(file, '/') + 1 - file : 0;

        path_set(target, file, folder, header);
        path_simplify(target);
        if (access(target, R_OK) == 0)
                return;
        path_set(target, "", 0, header);
        if (access(target, R_OK) == 0)
                return;
        path_set(target, KERNEL_INCLUDE, strlen(KERNEL_INCLUDE), header);
        if (access(target, R_OK) != 0)
                path_set(target, "", 0, header);
}

/* Takes the header out of an include line; false if it is none. *standard: it stands in <>. */
static bool include_parse(const char *line, char header[PATH_BYTES], bool *standard)
{
        line += strspn(line, " \t");
        if (*line++ != '#')
                return false;
        line += strspn(line, " \t");
        if (strncmp(line, "include", 7) != 0)
                return false;
        line += 7 + strspn(line + 7, " \t");
        if (*line != '<' && *line != '"')
                return false;
        *standard = *line == '<';
        const char *end = strchr(line + 1, *standard ? '>' : '"');
        if (end == NULL || end - line > PATH_BYTES)
                return false;
        snprintf(header, PATH_BYTES, "%.*s", (int)(end - line - 1), line + 1);
        return true;
}

static bool line_allowed(const struct rule *rule, const char *file, const char *line,
                         char target[PATH_BYTES])
{
        char header[PATH_BYTES];
        bool standard;

        if (!include_parse(line, header, &standard))
                return true;
        if (standard && rule_of(header) == NULL) {
                path_set(target, "", 0, header);
                return standard_allowed(rule, header);
        }
        target_find(file, header, target);
        return may_include(rule, file, target);
}

/* The number of broken rules, each of them printed. */
static unsigned file_check(const char *file)
{
        const struct rule *rule = rule_of(file);
        char line[LINE_BYTES], target[PATH_BYTES];
        unsigned number = 0, broken = 0;

        if (rule == NULL) {
                fprintf(stderr, "%s:1: no rule says what a file in this folder may include\n",
                        file);
                return 1;
        }
        FILE *stream = fopen(file, "r");
        if (stream == NULL) {
                fprintf(stderr, "%s:1: cannot be read\n", file);
                return 1;
        }
        while (fgets(line, sizeof line, stream) != NULL) {
                number++;
                if (line_allowed(rule, file, line, target))
                        continue;
                fprintf(stderr, "%s:%u: may not include %s\n", file, number, target);
                broken++;
        }
        fclose(stream);
        return broken;
}

int main(int count, char **files)
{
        unsigned broken = 0;

        for (int i = 1; i < count; i++)
                broken += file_check(files[i]);
        return broken > 0;
}
