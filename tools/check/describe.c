/* describe: checks a system description before a cluster boots, and writes the one that it boots
 * with.
 *
 *      describe [--root DIR] [--place NAME:PLACE[,NAME:PLACE...]] --nodes n1,n2... [--nic CARDS]
 *               [--testbed] [--files] [-o OUT] FILE
 *      describe --runs NAME [--place ...] --nodes n1,n2... FILE
 *      describe --memory [--root DIR] [--place ...] --nodes n1,n2... FILE
 *
 * The first form reads the manifests from DIR/manifest, looks for the programs in DIR/bin (DIR:
 * build/boot/root beside this program), checks everything, and with -o writes the description with
 * the places that --place asks for. --testbed: it must have what ptl talks to (PURPOSE_TESTBED),
 * --files: what serves files of the host. The second prints the nodes that run NAME, one a line:
 * none, if there is no such component. The third prints for each node what its components take of
 * its memory, and what a small node may go without (share.h): `NODE LEAST AGAIN`, in KiB. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tools/lib/complain.h"
#include "cluster/system/checks.h"
#include "cluster/system/cycles.h"
#include "cluster/system/roles.h"
#include "cluster/system/together.h"
#include "tools/check/files.h"
#include "tools/check/nic.h"
#include "tools/check/placement.h"

struct options {
        const char *root, *place, *nodes, *nic, *out, *runs, *file;
        unsigned purposes; /* enum purpose */
        bool memory;
};

static int usage(void)
{
        fprintf(stderr,
                "usage: describe [--root DIR] [--place NAME:PLACE,...] --nodes n1,n2,...\n"
                "                [--nic CARD|mixed] [--testbed] [--files] [-o OUT] FILE\n"
                "       describe --runs NAME [--place ...] --nodes n1,n2,... FILE\n"
                "       describe --memory [--root DIR] [--place ...] --nodes n1,n2,... FILE\n");
        return 2;
}

static bool options_read(struct options *options, int count, char **arguments)
{
        static const struct option known[] = {{"root", required_argument, NULL, 'r'},
                                              {"place", required_argument, NULL, 'p'},
                                              {"nodes", required_argument, NULL, 'n'},
                                              {"nic", required_argument, NULL, 'c'},
                                              {"runs", required_argument, NULL, 'w'},
                                              {"testbed", no_argument, NULL, 't'},
                                              {"files", no_argument, NULL, 'f'},
                                              {"memory", no_argument, NULL, 'm'},
                                              {NULL, 0, NULL, 0}};
        int option;
        while ((option = getopt_long(count, arguments, "o:", known, NULL)) != -1)
                switch (option) {
                case 'r':
                        options->root = optarg;
                        break;
                case 'p':
                        options->place = optarg;
                        break;
                case 'n':
                        options->nodes = optarg;
                        break;
                case 'c':
                        options->nic = optarg;
                        break;
                case 'w':
                        options->runs = optarg;
                        break;
                case 't':
                        options->purposes |= PURPOSE_TESTBED;
                        break;
                case 'f':
                        options->purposes |= PURPOSE_FILES;
                        break;
                case 'm':
                        options->memory = true;
                        break;
                case 'o':
                        options->out = optarg;
                        break;
                default:
                        return false;
                }
        if (!options->nodes || optind != count - 1)
                return false;
        options->file = arguments[optind];
        return true;
}

/* ---- results --------------------------------------------------------------------------------- */

static void nodes_print(const struct system *system, const struct described_component *component)
{
        struct text rest = system->nodes, node;
        while (text_next(&rest, ',', &node))
                if (place_includes(component->place, node, system->nodes))
                        printf("%.*s\n", (int)node.length, node.at);
}

/* The file as it was read, with the places as they are now. `original` has those that it was parsed
 * with, which point into the file's text. */
static void description_print(FILE *stream, const struct files *files,
                              const struct description *original)
{
        const char *from = files->text.at;
        const char *end = from + files->text.length;
        for (unsigned i = 0; i < original->count; i++) {
                struct text was = original->components[i].place;
                struct text is = files->system.description.components[i].place;
                fwrite(from, 1, was.at - from, stream);
                fwrite(is.at, 1, is.length, stream);
                from = was.at + was.length;
        }
        fwrite(from, 1, end - from, stream);
}

/* What was written in part is removed, unless it is a device. */
static void remove_part(const char *path)
{
        struct stat status;
        if (lstat(path, &status) == 0 && S_ISREG(status.st_mode))
                unlink(path);
}

static bool description_write(const char *path, const struct files *files,
                              const struct description *original)
{
        FILE *stream = fopen(path, "wb");
        if (!stream)
                return complain("%s: %s; write elsewhere", path, strerror(errno));
        description_print(stream, files, original);
        bool failed = ferror(stream) != 0;
        if (fclose(stream) != 0 || failed) {
                int error = errno;
                remove_part(path);
                return complain("%s: %s; make room, or write elsewhere", path, strerror(error));
        }
        return true;
}

/* ---- the three forms ----------------------------------------------------------------------- */

static int runs(struct system *system, const char *name)
{
        const struct described_component *component = system_component(system, text_of(name));
        if (!component)
                return 0;
        check_place(system, component);
        if (system->errors > 0)
                return 1;
        nodes_print(system, component);
        return 0;
}

/* Where `make` puts programs and manifests: relative to build/tools/check/describe. */
static const char *root_default(void)
{
        static char path[PATH_MAX];
        char program[PATH_MAX / 2];
        ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
        if (length < 0)
                return "build/boot/root";
        program[length] = 0;
        snprintf(path, sizeof path, "%s/../../boot/root", dirname(program));
        return path;
}

/* A manifest that cannot be read would be missed everywhere: what is lacking is looked for only in
 * what is whole. */
static void check_all(struct system *system, const struct options *options)
{
        if (system->errors == 0)
                check_roles(system, options->purposes);
        check_places(system);
        check_arguments(system);
        check_names(system);
        check_conflicts(system);
        check_cycles(system);
        check_together(system);
        if (options->nic)
                check_nic(system, options->nic);
}

static int check(struct files *files, const struct options *options,
                 const struct description *original)
{
        files_manifests(files, options->root ? options->root : root_default());
        check_all(&files->system, options);
        if (files->system.errors > 0)
                return 1;
        return options->out && !description_write(options->out, files, original);
}

static int memory(struct files *files, const struct options *options)
{
        struct text rest = files->system.nodes, node;
        files_manifests(files, options->root ? options->root : root_default());
        while (text_next(&rest, ',', &node)) {
                struct share share = system_share(&files->system, node);
                printf("%.*s %" PRIu64 " %" PRIu64 "\n", (int)node.length, node.at,
                       share_least(&share) >> 10, share.again >> 10);
        }
        return files->system.errors > 0;
}

static int describe(struct files *files, const struct options *options)
{
        static struct description original;
        struct system *system = &files->system;
        if (!nodes_valid(system->nodes))
                return !complain("%s: no list of nodes; write --nodes n1,n2,n3", options->nodes);
        if (options->nic && !nic_known(options->nic))
                return !complain("%s: unknown network card; choose mixed, or one of "
                                 "drivers/net/*/card",
                                 options->nic);
        if (!files_description(files, options->file))
                return 1;
        original = system->description;
        if (options->place && !placement_apply(system, options->place))
                return 1;
        if (options->runs)
                return runs(system, options->runs);
        if (options->memory)
                return memory(files, options);
        return check(files, options, &original);
}

/* FILE:LINE: WHAT, where compilers write it. */
static void complaint_print(struct system *system, const char *file, unsigned line,
                            const char *what)
{
        (void)system;
        if (line != 0)
                fprintf(stderr, "%s:%u: %s\n", file, line, what);
        else
                fprintf(stderr, "%s: %s\n", file, what);
}

int main(int count, char **arguments)
{
        static struct files files;
        struct options options = {0};
        if (!options_read(&options, count, arguments))
                return usage();
        files.system.complain = complaint_print;
        files.system.nodes = text_of(options.nodes);
        int status = describe(&files, &options);
        files_free(&files);
        return status;
}
