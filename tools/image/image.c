/* image: packs a folder into a cpio archive that the nodes' boot loader hands to init or to the
 * file server.
 *
 *      image [-m BYTES] -o FILE DIR
 *
 * The archive is written beside FILE and takes its name when it is complete, so FILE is never a
 * part of one. The same folder gives the same bytes. -m refuses an archive that is larger: what a
 * node has room for. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tools/image/newc.h"
#include "tools/image/tree.h"

static bool fail(const char *what, const char *why, const char *next)
{
        fprintf(stderr, "image: %s: %s; %s\n", what, why, next);
        return false;
}

static bool write_failed(const char *out)
{
        return fail(out, strerror(errno), "make room, or choose another file for -o");
}

/* Copies exactly the bytes that the header announced: a file that shrinks meanwhile is an error,
 * one that grows is cut. */
static bool file_copy(struct newc_writer *writer, const char *path, uint64_t size, const char *out)
{
        static char buffer[1 << 16];
        int file = open(path, O_RDONLY | O_NOFOLLOW);
        if (file < 0)
                return fail(path, strerror(errno), "make it readable or move it away");
        while (size > 0) {
                ssize_t count =
                    read(file, buffer, size < sizeof buffer ? (size_t)size : sizeof buffer);
                if (count <= 0) {
                        const char *why =
                            count < 0 ? strerror(errno) : "it became shorter while it was read";
                        close(file);
                        return fail(path, why, "try again when nobody writes it");
                }
                if (!newc_data(writer, buffer, count)) {
                        close(file);
                        return write_failed(out);
                }
                size -= count;
        }
        close(file);
        return true;
}

static bool entry_write(struct newc_writer *writer, const char *folder,
                        const struct tree_entry *entry, const char *out)
{
        uint64_t size = entry->target ? strlen(entry->target) : entry->size;
        char *path = NULL;
        bool good = true;
        if (size > NEWC_SIZE_MAX)
                return fail(entry->path, "larger than 4 GiB", "move it away");
        if (strlen(entry->path) > NEWC_NAME_MAX)
                return fail(entry->path, "its path is too long", "move it away");
        if (!newc_begin(writer, entry->path, entry->mode, (uint32_t)entry->modified,
                        (uint32_t)size))
                return write_failed(out);
        if (entry->target) {
                good = newc_data(writer, entry->target, size) || write_failed(out);
        } else if (S_ISREG(entry->mode)) {
                if (asprintf(&path, "%s/%s", folder, entry->path) < 0)
                        return fail(entry->path, strerror(errno), "free some memory");
                good = file_copy(writer, path, size, out);
                free(path);
        }
        return good && (newc_pad(writer) || write_failed(out));
}

static bool archive_write(FILE *stream, const char *folder, const struct tree *tree,
                          const char *out)
{
        struct newc_writer writer = {.stream = stream, .next_inode = 1};
        for (size_t i = 0; i < tree->count; i++)
                if (!entry_write(&writer, folder, &tree->entries[i], out))
                        return false;
        return newc_end(&writer) || write_failed(out);
}

/* What archive_write writes. */
static uint64_t archive_size(const struct tree *tree)
{
        uint64_t size = newc_size(NEWC_TRAILER, 0);
        for (size_t i = 0; i < tree->count; i++) {
                const struct tree_entry *entry = &tree->entries[i];
                size += newc_size(entry->path, entry->target ? strlen(entry->target) : entry->size);
        }
        return size;
}

static bool stream_write(const char *path, const char *folder, const struct tree *tree,
                         const char *out)
{
        FILE *stream = fopen(path, "wb");
        if (!stream)
                return write_failed(path);
        bool good = archive_write(stream, folder, tree, out);
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

static bool image_write(const char *folder, const struct tree *tree, const char *out)
{
        char *part = NULL;
        if (is_special(out))
                return stream_write(out, folder, tree, out);
        if (asprintf(&part, "%s.part", out) < 0)
                return fail(out, strerror(errno), "free some memory");
        bool good = stream_write(part, folder, tree, out);
        if (good && rename(part, out) != 0)
                good = write_failed(out);
        if (!good)
                unlink(part);
        free(part);
        return good;
}

/* Before anything is written: what is too large for a node may be for the disk, too. */
static bool size_check(const struct tree *tree, const char *folder, uint64_t most)
{
        uint64_t size = archive_size(tree);
        char why[128];
        if (size <= most)
                return true;
        snprintf(why, sizeof why, "%" PRIu64 " KiB packed, but a node has room for %" PRIu64 " KiB",
                 (size + 1023) / 1024, most / 1024);
        return fail(folder, why, "give nodes more memory (MEM), or name a smaller folder");
}

static bool size_parse(const char *text, uint64_t *size)
{
        char *end;
        *size = strtoull(text, &end, 10);
        return text[0] >= '0' && text[0] <= '9' && *end == 0;
}

int main(int count, char **arguments)
{
        const char *out = NULL;
        uint64_t most = UINT64_MAX;
        struct tree tree;
        bool usable = true;
        int option;
        while ((option = getopt(count, arguments, "o:m:")) != -1)
                if (option == 'o')
                        out = optarg;
                else
                        usable = option == 'm' && size_parse(optarg, &most) && usable;
        if (!usable || !out || optind != count - 1) {
                fputs("usage: image [-m BYTES] -o FILE DIR\n", stderr);
                return 2;
        }
        bool good = tree_read(&tree, arguments[optind], stderr) &&
                    size_check(&tree, arguments[optind], most) &&
                    image_write(arguments[optind], &tree, out);
        tree_free(&tree);
        return good ? 0 : 1;
}
