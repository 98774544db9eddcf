/* idl: makes C of interface descriptions.
 *
 *      idl stubs DIRECTORY FILE.idl...    DIRECTORY/NAME.h, NAME.c and NAME_values.c: client
 *                                         stubs, dispatch; enums and records
 *      idl names DIRECTORY FILE.idl...    DIRECTORY/names.h and names.c: the table of all names
 *      idl reference FILE.idl...          the reference page, on standard output
 *
 * Errors go to standard error as `FILE:LINE: what`, exit status 1; nothing is written then. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tools/idl/check.h"
#include "tools/idl/generate.h"
#include "tools/idl/parse.h"
#include "tools/lib/complain.h"

enum { DESCRIPTION_MAX = 1 << 20, INTERFACES_MAX = 256 };

static void fail_file(const char *path, const char *doing)
{
        complain("cannot %s %s: %s", doing, path, strerror(errno));
        exit(1);
}

static void fail_at(const char *path, const struct idl_error *error)
{
        fprintf(stderr, "%s:%u: %s\n", path, error->line, error->text);
        exit(1);
}

static struct interface *interface_read(const char *path)
{
        static char text[DESCRIPTION_MAX];
        FILE *file = fopen(path, "r");
        if (!file)
                fail_file(path, "open");
        size_t length = fread(text, 1, sizeof text, file);
        if (ferror(file))
                fail_file(path, "read");
        fclose(file);
        struct idl_error error = {0};
        if (length == sizeof text) {
                snprintf(error.text, sizeof error.text, "longer than %d bytes", DESCRIPTION_MAX);
                fail_at(path, &error);
        }
        struct interface *interface = idl_parse(text, length, path, &error);
        if (!interface)
                fail_at(path, &error);
        return interface;
}

static FILE *output_open(const char *directory, const char *name, const char *suffix, char *path,
                         size_t path_bytes)
{
        int length = snprintf(path, path_bytes, "%s/%s%s", directory, name, suffix);
        if (length < 0 || (size_t)length >= path_bytes) {
                errno = ENAMETOOLONG;
                fail_file(directory, "write into");
        }
        FILE *file = fopen(path, "w");
        if (!file)
                fail_file(path, "write");
        return file;
}

static void output_close(FILE *file, const char *path)
{
        int bad = ferror(file);
        if (fclose(file) || bad) {
                remove(path);
                fail_file(path, "write");
        }
}

static void stubs_make(const char *directory, const struct interface *interface)
{
        char path[4096];
        FILE *file = output_open(directory, interface->name, ".h", path, sizeof path);
        header_write(file, interface);
        output_close(file, path);
        file = output_open(directory, interface->name, ".c", path, sizeof path);
        source_write(file, interface);
        output_close(file, path);
        file = output_open(directory, interface->name, "_values.c", path, sizeof path);
        values_write(file, interface);
        output_close(file, path);
}

static void names_make(const char *directory, struct interface *const *interfaces, unsigned count)
{
        char path[4096];
        FILE *file = output_open(directory, "names", ".h", path, sizeof path);
        names_header_write(file);
        output_close(file, path);
        file = output_open(directory, "names", ".c", path, sizeof path);
        names_source_write(file, interfaces, count);
        output_close(file, path);
}

static int usage(void)
{
        fputs("usage: idl stubs DIRECTORY FILE.idl...\n"
              "       idl names DIRECTORY FILE.idl...\n"
              "       idl reference FILE.idl...\n",
              stderr);
        return 2;
}

int main(int argc, char **argv)
{
        if (argc < 3)
                return usage();
        bool stubs = strcmp(argv[1], "stubs") == 0, names = strcmp(argv[1], "names") == 0;
        if (!stubs && !names && strcmp(argv[1], "reference") != 0)
                return usage();
        int first = stubs || names ? 3 : 2;
        unsigned count = argc > first ? (unsigned)(argc - first) : 0;
        if (count == 0 || count > INTERFACES_MAX)
                return usage();

        struct interface *interfaces[INTERFACES_MAX];
        for (unsigned i = 0; i < count; i++)
                interfaces[i] = interface_read(argv[first + (int)i]);
        struct idl_error error;
        unsigned which;
        if (!interfaces_check(interfaces, count, &which, &error))
                fail_at(interfaces[which]->file, &error);

        for (unsigned i = 0; stubs && i < count; i++)
                stubs_make(argv[2], interfaces[i]);
        if (names)
                names_make(argv[2], interfaces, count);
        if (!stubs && !names)
                reference_write(stdout, interfaces, count);
        for (unsigned i = 0; i < count; i++)
                interface_free(interfaces[i]);
        return 0;
}
