/* describe: checks a system description before a cluster boots, and writes the one that it boots
 * with.
 *
 *      describe [--root DIR] [--place NAME:PLACE[,NAME:PLACE...]] --nodes n1,n2... [--nic CARDS]
 *               [-o OUT] FILE
 *      describe --runs NAME [--place ...] --nodes n1,n2... FILE
 *
 * The first form reads the manifests from DIR/manifest, looks for the programs in DIR/bin (DIR:
 * build/boot/root beside this program), checks everything, and with -o writes the description with
 * the places that --place asks for. The second prints the nodes that run NAME, one a line. */
#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tools/check/system_checks.h"

struct options {
        const char *root, *place, *nodes, *nic, *out, *runs, *file;
};

static int usage(void)
{
        fprintf(stderr, "usage: describe [--root DIR] [--place NAME:PLACE,...] --nodes n1,n2,...\n"
                        "                [--nic virtio|e1000|mixed] [-o OUT] FILE\n"
                        "       describe --runs NAME [--place ...] --nodes n1,n2,... FILE\n");
        return 2;
}

static int fail(const char *what, const char *why, const char *next)
{
        fprintf(stderr, "describe: %s: %s; %s\n", what, why, next);
        return 1;
}

static bool options_read(struct options *options, int count, char **arguments)
{
        static const struct option known[] = {
            {"root", required_argument, NULL, 'r'},  {"place", required_argument, NULL, 'p'},
            {"nodes", required_argument, NULL, 'n'}, {"nic", required_argument, NULL, 'c'},
            {"runs", required_argument, NULL, 'w'},  {NULL, 0, NULL, 0}};
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

/* ---- places ---------------------------------------------------------------------------------- */

/* Puts NAME:PLACE of --place into the description; the texts go on pointing into the option. */
static bool placement_apply(struct system *system, struct text placement)
{
        struct text name, whole = placement;
        struct described_component *component;
        if (!text_next(&placement, ':', &name) || name.length == whole.length ||
            !place_valid(placement)) {
                fprintf(stderr, "describe: --place: `%.*s` is not NAME:NODE, such as fs:n3\n",
                        (int)whole.length, whole.at);
                return false;
        }
        component = system_component(system, name);
        if (!component) {
                fprintf(stderr, "describe: --place: %s has no component %.*s; it lists them\n",
                        system->file.path, (int)name.length, name.at);
                return false;
        }
        component->place = placement;
        return true;
}

static bool placements_apply(struct system *system, const char *option)
{
        struct text rest = text_of(option), placement;
        while (text_next(&rest, ',', &placement))
                if (!placement_apply(system, placement))
                        return false;
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
static void description_print(FILE *stream, const struct system *system,
                              const struct description *original)
{
        const char *from = system->file.text.at;
        const char *end = from + system->file.text.length;
        for (unsigned i = 0; i < original->count; i++) {
                struct text was = original->components[i].place;
                struct text is = system->description.components[i].place;
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

static int description_write(const char *path, const struct system *system,
                             const struct description *original)
{
        FILE *stream = fopen(path, "wb");
        if (!stream)
                return fail(path, strerror(errno), "choose another file for -o");
        description_print(stream, system, original);
        bool failed = ferror(stream) != 0;
        if (fclose(stream) != 0 || failed) {
                int error = errno;
                remove_part(path);
                return fail(path, strerror(error), "make room, or choose another file for -o");
        }
        return 0;
}

/* ---- the two forms --------------------------------------------------------------------------- */

static int runs(struct system *system, const char *name)
{
        const struct described_component *component = system_component(system, text_of(name));
        if (!component)
                return fail(name, "no such component", "the description lists them");
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

static int check(struct system *system, const struct options *options,
                 const struct description *original)
{
        system_read_manifests(system, options->root ? options->root : root_default());
        check_places(system);
        check_names(system);
        check_conflicts(system);
        check_cycles(system);
        if (options->nic)
                check_nic(system, options->nic);
        if (system->errors > 0)
                return 1;
        return !options->out ? 0 : description_write(options->out, system, original);
}

static bool nic_known(const char *nic)
{
        return !nic || strcmp(nic, "virtio") == 0 || strcmp(nic, "e1000") == 0 ||
               strcmp(nic, "mixed") == 0;
}

static int describe(struct system *system, const struct options *options)
{
        static struct description original;
        if (!nodes_valid(system->nodes))
                return fail(options->nodes, "no list of nodes", "write --nodes n1,n2,n3");
        if (!nic_known(options->nic))
                return fail(options->nic, "unknown network card", "choose virtio, e1000 or mixed");
        if (!system_read(system, options->file))
                return 1;
        original = system->description;
        if (options->place && !placements_apply(system, options->place))
                return 1;
        if (options->runs)
                return runs(system, options->runs);
        return check(system, options, &original);
}

int main(int count, char **arguments)
{
        static struct system system;
        struct options options = {0};
        if (!options_read(&options, count, arguments))
                return usage();
        system.complaints = stderr;
        system.nodes = text_of(options.nodes);
        int status = describe(&system, &options);
        system_free(&system);
        return status;
}
