/* image: packs a folder into a cpio archive that the nodes' boot loader hands to init or to the
 * file server.
 *
 *      image [-n] [-m BYTES] -o FILE DIR
 *
 * The archive is written beside FILE and takes its name when it is complete, so FILE is never a
 * part of one. It holds everything below DIR or is not made: what cannot be packed is named. The
 * same folder gives the same bytes. -m refuses a folder for which a node has no room: the archive,
 * and what the file server needs for its entries. -n prints the number of entries and those bytes,
 * also of a folder that -m refuses. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "servers/proto/files.h"
#include "tools/image/newc.h"
#include "tools/image/tree.h"
#include "tools/lib/complain.h"

#define CHANGES "try again when nobody writes it"

static bool write_failed(const char *out)
{
        return complain("%s: %s; make room, or write elsewhere", out, strerror(errno));
}

/* ---- how much it is -------------------------------------------------------------------------- */

/* Bytes that an entry takes on a node: in the archive, and of the file server. */
static uint64_t entry_room(const struct tree_entry *entry)
{
        size_t target = entry->target ? strlen(entry->target) : 0;
        return newc_size(entry->path, entry->target ? target : entry->size) +
               fs_entry_cost(tree_name_length(entry->path), target);
}

static uint64_t tree_room(const struct tree *tree)
{
        uint64_t room = newc_end_size();
        for (size_t i = 0; i < tree->count; i++)
                room += entry_room(&tree->entries[i]);
        return room;
}

/* Whether a tree can become an archive: of what is refused, a complaint says why. */
enum weighed { FITS, TOO_LARGE, NOT_PACKED };

static enum weighed room_refuse(const struct tree *tree, uint64_t most)
{
        complain("%s: %zu files, folders and links take %" PRIu64
                 " KiB of a node, which has room for %" PRIu64
                 " KiB; give nodes more memory (MEM), or name a smaller folder",
                 tree->shown, tree->count, (tree_room(tree) + 1023) / 1024, most / 1024);
        return TOO_LARGE;
}

/* Replaces the sizes of files, which are as told, by counted ones, as long as everything has room:
 * before anything is written, since what is too large for a node may be for the disk, too. */
static enum weighed tree_weigh(struct tree *tree, uint64_t most)
{
        uint64_t room = newc_end_size(), largest = most < NEWC_SIZE_MAX ? most : NEWC_SIZE_MAX;
        for (size_t i = 0; i < tree->count; i++) {
                struct tree_entry *entry = &tree->entries[i];
                if (S_ISREG(entry->mode) && !tree_measure(tree, entry, largest))
                        return NOT_PACKED;
                room += entry_room(entry);
                if (room > most)
                        return room_refuse(tree, most);
                if (entry->size > NEWC_SIZE_MAX) {
                        tree_refuse(tree, entry->path,
                                    "it has 4 GiB or more, and a file of an archive less",
                                    "move it away");
                        return NOT_PACKED;
                }
        }
        return FITS;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Copies what tree_measure has counted: the header has announced as much. */
static bool bytes_copy(struct newc_writer *writer, struct tree *tree,
                       const struct tree_entry *entry, int file, const char *out)
{
        static char buffer[1 << 16];
        uint64_t left = entry->size;
        ssize_t count;
        while ((count = read(file, buffer, sizeof buffer)) > 0 && (uint64_t)count <= left) {
                if (!newc_data(writer, buffer, (size_t)count))
                        return write_failed(out);
                left -= (uint64_t)count;
        }
        if (count == 0 && left == 0)
                return true;
        return tree_refuse(tree, entry->path,
                           count < 0   ? strerror(errno)
                           : count > 0 ? "it became longer while it was read"
                                       : "it became shorter while it was read",
                           CHANGES);
}

static bool file_copy(struct newc_writer *writer, struct tree *tree, const struct tree_entry *entry,
                      const char *out)
{
        int file = tree_open(tree, entry);
        if (file < 0)
                return false;
        bool good = bytes_copy(writer, tree, entry, file, out);
        close(file);
        return good;
}

static bool entry_write(struct newc_writer *writer, struct tree *tree,
                        const struct tree_entry *entry, const char *out)
{
        size_t target = entry->target ? strlen(entry->target) : 0;
        struct newc_entry header = {.name = entry->path,
                                    .mode = entry->mode,
                                    .modified = entry->modified,
                                    .size = (uint32_t)(entry->target ? target : entry->size)};
        if (!newc_begin(writer, &header) || !newc_data(writer, entry->target, target))
                return write_failed(out);
        if (S_ISREG(entry->mode) && !file_copy(writer, tree, entry, out))
                return false;
        return newc_pad(writer) || write_failed(out);
}

static bool archive_write(FILE *stream, struct tree *tree, const char *out)
{
        struct newc_writer writer = {.stream = stream, .next_inode = 1};
        for (size_t i = 0; i < tree->count; i++)
                if (!entry_write(&writer, tree, &tree->entries[i], out))
                        return false;
        return newc_end(&writer) || write_failed(out);
}

static bool stream_write(const char *path, struct tree *tree, const char *out)
{
        FILE *stream = fopen(path, "wb");
        if (!stream)
                return write_failed(path);
        bool good = archive_write(stream, tree, out);
        if (fclose(stream) != 0 && good)
                good = write_failed(out);
        return good;
}

/* A device or a pipe is written to, not replaced. */
static bool is_special(const char *path)
{
        struct stat status;
        return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

static bool image_write(struct tree *tree, const char *out)
{
        char *part = NULL;
        if (is_special(out))
                return stream_write(out, tree, out);
        if (asprintf(&part, "%s.part", out) < 0)
                return complain("%s: %s; free some memory", out, strerror(errno));
        bool good = stream_write(part, tree, out);
        if (good && rename(part, out) != 0)
                good = write_failed(out);
        if (!good)
                unlink(part);
        free(part);
        return good;
}

/* ---- the program ----------------------------------------------------------------------------- */

struct options {
        const char *out, *folder;
        uint64_t most;
        bool numbers;
};

static bool size_parse(const char *text, uint64_t *size)
{
        char *end;
        *size = strtoull(text, &end, 10);
        return text[0] >= '0' && text[0] <= '9' && *end == 0;
}

static bool options_read(struct options *options, int count, char **arguments)
{
        int option;
        while ((option = getopt(count, arguments, "no:m:")) != -1)
                if (option == 'o')
                        options->out = optarg;
                else if (option == 'n')
                        options->numbers = true;
                else if (option != 'm' || !size_parse(optarg, &options->most))
                        return false;
        if (!options->out || optind != count - 1)
                return false;
        options->folder = arguments[optind];
        return true;
}

int main(int count, char **arguments)
{
        struct options options = {.most = UINT64_MAX};
        struct tree tree;
        if (!options_read(&options, count, arguments)) {
                fputs("usage: image [-n] [-m BYTES] -o FILE DIR\n", stderr);
                return 2;
        }
        enum weighed weighed =
            tree_read(&tree, options.folder) ? tree_weigh(&tree, options.most) : NOT_PACKED;
        bool good = weighed == FITS && image_write(&tree, options.out);
        if (options.numbers && (good || weighed == TOO_LARGE))
                printf("%zu %" PRIu64 "\n", tree.count, tree_room(&tree));
        tree_free(&tree);
        return good ? 0 : 1;
}
