/* Key files, written under a name that nobody reads and then renamed; see keys.h. */
#include "tools/ptl/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "tools/lib/complain.h"
#include "tools/ptl/advice.h"

/* --- drawing */

static bool draw(void *bytes, size_t count)
{
        return getrandom(bytes, count, 0) == (ssize_t)count ||
               complain("the host gives no random numbers: %s", strerror(errno));
}

bool key_set_draw_psk(struct key_set *set)
{
        return draw(set->psk, sizeof set->psk);
}

/* Two nodes with one short id could not be told apart. */
static bool id_taken(const struct key_set *set, unsigned node, uint64_t id)
{
        for (unsigned i = 0; i < set->count; i++)
                if (i != node && identity_short(set->nodes[i].public_key) == id)
                        return true;
        return id == 0;
}

bool key_set_draw_node(struct key_set *set, unsigned node)
{
        uint8_t random[NOISE_KEY];
        do {
                if (!draw(random, sizeof random))
                        return false;
                noise_pair_make(&set->pairs[node], random);
        } while (id_taken(set, node, identity_short(set->pairs[node].public_key)));
        memcpy(set->nodes[node].public_key, set->pairs[node].public_key, NOISE_KEY);
        sodium_memzero(random, sizeof random);
        return true;
}

/* --- files */

/* Writes a file that only its owner can read, as a whole. False with errno. */
static bool secret_write(const char *path, const void *bytes, size_t count)
{
        char fresh[PATH_MAX];
        if (snprintf(fresh, sizeof fresh, "%s.new", path) >= (int)sizeof fresh) {
                errno = ENAMETOOLONG;
                return false;
        }
        unlink(fresh); /* what an interrupted ptl left; it may have another mode */
        int file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (file < 0)
                return false;
        bool written = write(file, bytes, count) == (ssize_t)count && !fsync(file);
        int error = errno;
        close(file);
        if (written && !rename(fresh, path))
                return true;
        error = written ? errno : error;
        unlink(fresh);
        errno = error;
        return false;
}

bool key_file_write(const struct key_set *set, unsigned node, const char *path)
{
        char text[KEYS_TEXT];
        struct keys keys = {.cluster = set->cluster, .count = set->count, .self = node};
        memcpy(keys.psk, set->psk, sizeof keys.psk);
        memcpy(keys.nodes, set->nodes, sizeof keys.nodes);
        keys.pair = set->pairs[node];
        bool written = secret_write(path, text, keys_write(&keys, text));
        sodium_memzero(text, sizeof text);
        sodium_memzero(&keys, sizeof keys);
        return written || complain("%s: %s; %s", path, strerror(errno), advice(errno));
}

bool key_file_read(const char *path, struct keys *keys)
{
        char text[KEYS_TEXT];
        struct keys_error error;
        FILE *file = fopen(path, "re");
        if (!file)
                return complain("%s: %s", path, strerror(errno));
        size_t length = fread(text, 1, sizeof text, file);
        bool failed = ferror(file);
        fclose(file);
        bool read = !failed && keys_read(text, length, keys, &error);
        sodium_memzero(text, sizeof text);
        if (failed)
                return complain("%s: cannot be read", path);
        return read || complain("%s:%u: %s", path, error.line, error.what);
}

/* --- the testbed's */

bool keys_make(unsigned nodes, uint64_t cluster)
{
        struct key_set set = {.cluster = cluster, .count = nodes};
        char path[NODE_FILE];
        bool made = key_set_draw_psk(&set);
        for (unsigned i = 0; i < nodes && made; i++) {
                node_name(i + 1, set.nodes[i].name);
                made = key_set_draw_node(&set, i);
        }
        for (unsigned i = 0; i < nodes && made; i++) {
                node_file(i + 1, "keys", path);
                made = key_file_write(&set, i, path);
        }
        sodium_memzero(&set, sizeof set);
        return made;
}

bool seed_make(unsigned node)
{
        uint8_t seed[SEED_BYTES];
        char path[NODE_FILE];
        node_file(node, "seed", path);
        bool made =
            getrandom(seed, sizeof seed, 0) == sizeof seed && secret_write(path, seed, sizeof seed);
        sodium_memzero(seed, sizeof seed);
        return made;
}

bool keylog_make(unsigned node)
{
        char path[NODE_FILE];
        node_file(node, "keylog", path);
        return secret_write(path, "", 0);
}
