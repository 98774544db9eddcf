/* `ptl keys`: the keys of a site's own cluster, a folder with one file a node. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "servers/common/name.h"
#include "tools/lib/complain.h"
#include "tools/ptl/advice.h"
#include "tools/ptl/keys.h"
#include "tools/ptl/verbs.h"

#define SUFFIX ".keys"

/* --- folders */

static bool path_make(char path[PATH_MAX], const char *folder, const char *name)
{
        return snprintf(path, PATH_MAX, "%s/%s" SUFFIX, folder, name) < PATH_MAX ||
               complain("%s: the path is too long", folder);
}

/* Writes the files of all nodes. A file that is there already is written over. */
static bool set_write(const struct key_set *set, const char *folder)
{
        char path[PATH_MAX];
        for (unsigned i = 0; i < set->count; i++)
                if (!path_make(path, folder, set->nodes[i].name) || !key_file_write(set, i, path))
                        return false;
        return true;
}

static bool same_cluster(const struct key_set *set, const struct keys *keys)
{
        return set->cluster == keys->cluster && set->count == keys->count &&
               !memcmp(set->psk, keys->psk, sizeof set->psk) &&
               !memcmp(set->nodes, keys->nodes, sizeof set->nodes);
}

/* Takes a file into the set; the first one says who is in the cluster. */
static bool file_take(struct key_set *set, const char *folder, const char *name)
{
        struct keys keys;
        char path[PATH_MAX];
        if (!path_make(path, folder, name) || !key_file_read(path, &keys))
                return false;
        if (strcmp(keys.nodes[keys.self].name, name))
                return complain("%s: it is the file of %s", path, keys.nodes[keys.self].name);
        if (!set->count) {
                set->cluster = keys.cluster;
                set->count = keys.count;
                memcpy(set->psk, keys.psk, sizeof set->psk);
                memcpy(set->nodes, keys.nodes, sizeof set->nodes);
        }
        bool same = same_cluster(set, &keys);
        set->pairs[keys.self] = keys.pair;
        sodium_memzero(&keys, sizeof keys);
        return same || complain("%s: it does not fit the other files of that folder; "
                                "`ptl keys make` another folder",
                                path);
}

/* The name of the node whose file this is; false: it is no key file. */
static bool file_name(const char *file, char name[KEYS_NAME])
{
        size_t length = strlen(file), suffix = strlen(SUFFIX);
        if (length <= suffix || length - suffix >= KEYS_NAME ||
            strcmp(file + length - suffix, SUFFIX))
                return false;
        memcpy(name, file, length - suffix);
        name[length - suffix] = 0;
        return true;
}

/* Reads the files that a folder has: *files of them. */
static bool set_read(struct key_set *set, const char *folder, unsigned *files)
{
        struct dirent *entry;
        char name[KEYS_NAME];
        bool good = true;
        DIR *opened = opendir(folder);
        *files = 0;
        if (!opened)
                return complain("%s: %s; %s", folder, strerror(errno), advice(errno));
        while (good && (entry = readdir(opened)))
                if (file_name(entry->d_name, name)) {
                        good = file_take(set, folder, name);
                        ++*files;
                }
        closedir(opened);
        return good;
}

/* The whole cluster's keys. */
static bool set_read_all(struct key_set *set, const char *folder)
{
        unsigned files;
        if (!set_read(set, folder, &files))
                return false;
        if (!files)
                return complain("%s: no key files there; `ptl keys make %s NODES` makes some",
                                folder, folder);
        return files == set->count ||
               complain("%s: %u key files for a cluster of %u nodes; all are needed", folder, files,
                        set->count);
}

/* --- what the user asks for */

/* n1,n2,…: the names that the nodes are to have. */
static bool names_read(struct key_set *set, char *list)
{
        char *rest = NULL;
        for (char *name = strtok_r(list, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
                if (!is_name(name, strlen(name), NODE_NAME_LONGEST))
                        return complain("%s: no name of a node: a letter, then up to 14 of a-z, "
                                        "0-9, - and _",
                                        name);
                for (unsigned i = 0; i < set->count; i++)
                        if (!strcmp(set->nodes[i].name, name))
                                return complain("%s is named twice", name);
                if (set->count == KEYS_NODES)
                        return complain("a cluster has at most %d nodes", KEYS_NODES);
                strcpy(set->nodes[set->count++].name, name);
        }
        return set->count || complain("name the nodes: n1,n2,n3");
}

static bool draw_all(struct key_set *set)
{
        bool drawn = key_set_draw_psk(set);
        for (unsigned i = 0; i < set->count && drawn; i++)
                drawn = key_set_draw_node(set, i);
        return drawn;
}

static bool make(struct key_set *set, const char *folder, char *list)
{
        unsigned files;
        if (!names_read(set, list))
                return false;
        if (mkdir(folder, 0700) && errno != EEXIST)
                return complain("%s: %s; %s", folder, strerror(errno), advice(errno));
        struct key_set there = {.count = 0};
        if (!set_read(&there, folder, &files))
                return false;
        if (files)
                return complain("%s: there are keys already; `ptl keys rotate` makes new ones, or "
                                "name another folder",
                                folder);
        do
                if (getrandom(&set->cluster, sizeof set->cluster, 0) != sizeof set->cluster)
                        return complain("the host gives no random numbers: %s", strerror(errno));
        while (!set->cluster);
        return draw_all(set) && set_write(set, folder);
}

static bool rotate(struct key_set *set, const char *folder, const char *name)
{
        if (!set_read_all(set, folder))
                return false;
        if (!name)
                return draw_all(set) && set_write(set, folder);
        for (unsigned i = 0; i < set->count; i++)
                if (!strcmp(set->nodes[i].name, name))
                        return key_set_draw_node(set, i) && set_write(set, folder);
        return complain("%s: no such node in %s", name, folder);
}

/* All that is no secret. */
static void show(const struct key_set *set)
{
        char key[2 * NOISE_KEY + 1];
        printf("cluster %016" PRIx64 "\n", set->cluster);
        for (unsigned i = 0; i < set->count; i++)
                printf("%-15s id %016" PRIx64 " key %s\n", set->nodes[i].name,
                       identity_short(set->nodes[i].public_key),
                       sodium_bin2hex(key, sizeof key, set->nodes[i].public_key, NOISE_KEY));
}

static bool keys_do(struct key_set *set, int argc, char **argv)
{
        if (!strcmp(argv[1], "make") && argc == 4)
                return make(set, argv[2], argv[3]);
        if (!strcmp(argv[1], "show") && argc == 3)
                return set_read_all(set, argv[2]);
        if (!strcmp(argv[1], "rotate"))
                return rotate(set, argv[2], argc == 4 ? argv[3] : NULL);
        return complain("usage: ptl keys make DIR NODE,NODE…, ptl keys show DIR, or "
                        "ptl keys rotate DIR [NODE]");
}

int verb_keys(int argc, char **argv)
{
        static struct key_set set;
        bool done = keys_do(&set, argc, argv);
        if (done)
                show(&set);
        if (done && !strcmp(argv[1], "rotate"))
                fprintf(stderr, "ptl: nodes with the new keys do not hear those with the old ones: "
                                "give each its file, and restart all\n");
        sodium_memzero(&set, sizeof set);
        return done ? EXIT_OK : EXIT_FAILED;
}
