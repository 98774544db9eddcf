/* Makes copies, and compares them with their originals; see copies.h. */
#include "tools/ptl/copies.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/lib/complain.h"
#include "tools/ptl/advice.h"
#include "tools/ptl/boot.h"

enum { COPY_STEP = 1 << 20 };

/* The description as the user wrote it, beside the one that the nodes load. */
#define DESCRIPTION_SOURCE BOOT_FOLDER "/" DESCRIPTION ".source"

bool file_write(const char *path, const char *text)
{
        char fresh[PATH_MAX];
        snprintf(fresh, sizeof fresh, "%s.new", path);
        FILE *file = fopen(fresh, "we");
        if (!file)
                return false;
        bool written = fputs(text, file) >= 0;
        written = fclose(file) == 0 && written;
        if (written && rename(fresh, path) == 0)
                return true;
        int error = errno;
        unlink(fresh);
        errno = error;
        return false;
}

static bool bytes_copy(int from, int to)
{
        static char bytes[COPY_STEP]; /* large */
        ssize_t count;
        while ((count = read(from, bytes, sizeof bytes)) > 0)
                for (ssize_t done = 0, written; done < count; done += written) {
                        written = write(to, bytes + done, (size_t)(count - done));
                        if (written < 0)
                                return false;
                }
        return count == 0;
}

/* Copies a file of the user into the run directory. */
bool file_copy(const struct layout *layout, const char *from, const char *to)
{
        int in = open(from, O_RDONLY | O_CLOEXEC);
        if (in < 0)
                return complain("%s: %s; name a file that can be read", layout_shown(layout, from),
                                strerror(errno));
        int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        bool copied = out >= 0 && bytes_copy(in, out);
        int error = errno;
        close(in);
        if (out >= 0 && close(out) && copied) {
                copied = false;
                error = errno;
        }
        return copied ||
               complain("%s/%s: %s; %s", layout->shown, to, strerror(error), advice(error));
}

bool description_path(const struct layout *layout, const struct options *options,
                      char path[PATH_MAX])
{
        return options->system ? layout_user_path(layout, options->system, path)
                               : layout_path(layout, PLACE_CLONE,
                                             options->one_port ? "cluster/one-port.description"
                                                               : "cluster/" DESCRIPTION,
                                             path);
}

/* What the nodes load as it lies in the clone. */
static const struct loaded {
        enum place place;
        const char *file;
        const char *copy;
} loaded[] = {
    {PLACE_BUILD, "boot/portolan.elf", BOOT_FOLDER "/portolan.elf"},
    {PLACE_BUILD, "boot/init.elf", BOOT_FOLDER "/init.elf"},
    {PLACE_BUILD, "boot/boot.cpio", BOOT_FOLDER "/boot.cpio"},
    {PLACE_CLONE, "cluster/boot/boot.ipxe", BOOT_FOLDER "/boot.ipxe"},
};

enum { LOADED = sizeof loaded / sizeof *loaded };

bool copies_make(const struct layout *layout)
{
        char from[PATH_MAX];
        for (size_t i = 0; i < LOADED; i++)
                if (!layout_find(layout, loaded[i].place, loaded[i].file, from) ||
                    !file_copy(layout, from, loaded[i].copy))
                        return false;
        return true;
}

bool description_keep(const struct layout *layout, const struct options *options)
{
        char path[PATH_MAX];
        return description_path(layout, options, path) &&
               file_copy(layout, path, DESCRIPTION_SOURCE);
}

/* Whether both can be read and differ. */
static bool files_differ(const char *one, const char *other)
{
        FILE *first = fopen(one, "re"), *second = fopen(other, "re");
        bool differ = false;
        int byte = 0;
        while (first && second && !differ && byte != EOF) {
                byte = getc_unlocked(first);
                differ = byte != getc_unlocked(second);
        }
        if (first)
                fclose(first);
        if (second)
                fclose(second);
        return differ;
}

bool copies_changed(const struct layout *layout, const struct options *options, char path[PATH_MAX])
{
        for (size_t i = 0; i < LOADED; i++)
                if (layout_path(layout, loaded[i].place, loaded[i].file, path) &&
                    files_differ(path, loaded[i].copy))
                        return true;
        return description_path(layout, options, path) && files_differ(path, DESCRIPTION_SOURCE);
}
