/* includes: who may include whom. Reads the `#include` lines of the C files named as arguments
 * (paths relative to the repository's top) and says which break the rules of the table below, or
 * name a file of the project by anything but its path from the top.
 *
 *      includes FILE...          exit 1 if any rule is broken */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

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
static const char *const pure_headers[] = {"sodium.h", "stdint.h",    "stddef.h", "stdbool.h",
                                           "limits.h", "stdatomic.h", "string.h", "assert.h",
                                           "cpuid.h",  NULL};

static const char *const text_headers[] = {"stdarg.h", "stdint.h", "stddef.h", "stdbool.h",
                                           "stdio.h",  "string.h", NULL};

/* What all code may include, and what all programs may. */
#define PURE   "kernel/abi/", "kernel/common/", "servers/common/"
#define SHARED PURE, "servers/rt/", "servers/proto/"

static const struct rule rules[] = {
    {"kernel/abi/", 2, {OWN}, abi_headers},
    {"kernel/common/", 2, {OWN, "kernel/abi/"}, free_headers},
    {"servers/common/", 2, {OWN}, free_headers},
    {"kernel/", 1, {OWN}, free_headers}, /* among its folders: kernel/layers */
    {"netipc/core/", 2, {OWN, PURE, "netipc/crypto/"}, pure_headers},
    {"netipc/crypto/", 2, {OWN, PURE}, pure_headers},
    {"cluster/core/", 2, {OWN, PURE}, pure_headers},
    {"cluster/system/", 2, {OWN, PURE}, text_headers},
    {"netipc/", 2, {OWN, SHARED, "netipc/core/", "netipc/crypto/", "cluster/core/"}, NULL},
    {"cluster/", 2, {OWN, SHARED, "netipc/core/", "cluster/core/"}, NULL},
    {"servers/rt/", 2, {OWN, SHARED}, NULL},
    {"servers/proto/", 2, {OWN, "kernel/abi/"}, NULL},
    {"servers/examples/", 3, {OWN, SHARED}, NULL},
    {"servers/init/", 2, {OWN, SHARED, "cluster/system/", "drivers/bus/pci/"}, NULL},
    {"servers/", 2, {OWN, SHARED, "cluster/core/", "cluster/system/"}, NULL},
    {"drivers/lib/", 2, {OWN, SHARED}, NULL},
    {"drivers/", 3, {OWN, SHARED, "drivers/lib/"}, NULL},
    {"tools/",
     2,
     {OWN, "tools/lib/", SHARED, "netipc/core/", "netipc/crypto/", "cluster/core/",
      "cluster/system/"},
     NULL},
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
        for (unsigned i = 0; i < depth && strchr(at, '/'); i++)
                at = strchr(at, '/') + 1;
        return at - path;
}

static bool may_include(const struct rule *rule, const char *file, const char *target)
{
        for (unsigned i = 0; i < MAY && rule->may[i]; i++) {
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
        if (!rule->standard)
                return true;
        for (const char *const *allowed = rule->standard; *allowed; allowed++)
                if (strcmp(*allowed, header) == 0)
                        return true;
        return false;
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
        if (!end || end - line > PATH_BYTES)
                return false;
        snprintf(header, PATH_BYTES, "%.*s", (int)(end - line - 1), line + 1);
        return true;
}

/* What is wrong with a line, as a format for the header; NULL if nothing is. */
static const char *line_problem(const struct rule *rule, const char *file, const char *line,
                                char header[PATH_BYTES])
{
        bool standard;
        if (!include_parse(line, header, &standard))
                return NULL;
        if (standard)
                return standard_allowed(rule, header) ? NULL : "may not include <%s>";
        if (!rule_of(header))
                return "\"%s\" is no path from the top";
        return may_include(rule, file, header) ? NULL : "may not include %s";
}

/* The number of broken rules, each of them printed. */
static unsigned file_check(const char *file)
{
        const struct rule *rule = rule_of(file);
        char line[LINE_BYTES], header[PATH_BYTES];
        unsigned number = 0, broken = 0;
        if (!rule) {
                fprintf(stderr, "%s:1: no rule says what a file in this folder may include\n",
                        file);
                return 1;
        }
        FILE *stream = fopen(file, "r");
        if (!stream) {
                fprintf(stderr, "%s:1: cannot be read\n", file);
                return 1;
        }
        while (fgets(line, sizeof line, stream)) {
                number++;
                const char *problem = line_problem(rule, file, line, header);
                if (!problem)
                        continue;
                fprintf(stderr, "%s:%u: ", file, number);
                fprintf(stderr, problem, header);
                fprintf(stderr, "\n");
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
