/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the blocks; see secrets.h. Their type is not asked for: a line of a key log says what it
 * is. */
#include "tools/wireshark/secrets.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wiretap/wtap.h>

enum {
        SECTION_HEADER = 0x0a0d0d0a, /* the same in both byte orders */
        GZIP = 0x8b1f,               /* RFC 1952, section 2.3.1; Wireshark unpacks it */
};

/* For the callback, which has no context. */
static void (*taker)(const void *text, size_t length);

static void block_take(guint32 type, const void *secrets, guint size)
{
        (void)type;
        taker(secrets, size);
}

static bool is_capture(const char *path)
{
        struct stat status;
        guint32 first = 0;
        int fd = stat(path, &status) == 0 && S_ISREG(status.st_mode)
                     ? open(path, O_RDONLY | O_CLOEXEC)
                     : -1;
        if (fd < 0)
                return false;
        bool whole = read(fd, &first, sizeof(first)) == sizeof(first);
        close(fd);
        return whole && (first == SECTION_HEADER || (guint16)first == GZIP);
}

/* Blocks come as they are met: all of the file has to be read. */
static void file_read(const char *path)
{
        int error;
        gchar *why = NULL;
        gint64 offset;
        wtap_rec record;
        Buffer buffer;
        wtap *file = wtap_open_offline(path, WTAP_TYPE_AUTO, &error, &why, FALSE);
        if (file) {
                wtap_rec_init(&record);
                ws_buffer_init(&buffer, 1514);
                wtap_set_cb_new_secrets(file, block_take);
                while (wtap_read(file, &record, &buffer, &error, &why, &offset))
                        wtap_rec_reset(&record);
                ws_buffer_free(&buffer);
                wtap_rec_cleanup(&record);
                wtap_close(file);
        }
        g_free(why);
}

void secrets_read(void (*take)(const void *text, size_t length))
{
        static const char folder[] = "/proc/self/fd";
        const char *name;
        GDir *open_files = g_dir_open(folder, 0, NULL);
        taker = take;
        while (open_files && (name = g_dir_read_name(open_files))) {
                char *path = g_build_filename(folder, name, NULL);
                if (is_capture(path))
                        file_read(path);
                g_free(path);
        }
        if (open_files)
                g_dir_close(open_files);
}
