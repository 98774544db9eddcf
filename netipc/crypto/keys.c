/* Key files; see keys.h. Secrets pass no buffer but the caller's. */
#include "netipc/crypto/keys.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "servers/common/name.h"
#include "netipc/crypto/hex.h"

static const char title[] = "portolan-keys 1";

/* --- in */

/* What is left of a text, and of the line at hand. */
struct reader {
        const char *at, *end;
        const char *word, *line_end;
        unsigned line;
};

/* Takes the next line. False: there are no more. */
static bool line_next(struct reader *reader)
{
        if (reader->at == reader->end)
                return false;
        const char *feed = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
        reader->word = reader->at;
        reader->line_end = feed ? feed : reader->end;
        reader->at = feed ? feed + 1 : reader->end;
        reader->line++;
        return true;
}

/* Takes the next word of the line; its length, 0: there is none. */
static size_t word_next(struct reader *reader, const char **word)
{
        size_t rest = (size_t)(reader->line_end - reader->word);
        const char *blank = memchr(reader->word, ' ', rest);
        *word = reader->word;
        reader->word = blank ? blank + 1 : reader->line_end;
        return blank ? (size_t)(blank - *word) : rest;
}

static bool word_is(struct reader *reader, const char *expected)
{
        const char *word;
        size_t length = word_next(reader, &word);
        return length == strlen(expected) && memcmp(word, expected, length) == 0;
}

/* The last word of a line: `count` bytes. */
static bool bytes_end(struct reader *reader, void *bytes, size_t count)
{
        const char *word;
        return word_next(reader, &word) == 2 * count && word + 2 * count == reader->line_end &&
               hex_read(word, bytes, count);
}

static bool name_next(struct reader *reader, char name[KEYS_NAME])
{
        const char *word;
        size_t length = word_next(reader, &word);
        if (length >= KEYS_NAME || !is_name(word, length, NODE_NAME_LONGEST))
                return false;
        memset(name, 0, KEYS_NAME);
        memcpy(name, word, length);
        return true;
}

static const char *cluster_read(struct reader *reader, struct keys *keys)
{
        uint8_t bytes[sizeof(keys->cluster)];
        if (!word_is(reader, "cluster") || !bytes_end(reader, bytes, sizeof(bytes)))
                return "expected `cluster` and 16 hexadecimal digits";
        keys->cluster = 0;
        for (unsigned i = 0; i < sizeof(bytes); i++)
                keys->cluster = keys->cluster << 8 | bytes[i];
        return keys->cluster ? NULL : "0 is no cluster";
}

static const char *node_read(struct reader *reader, struct keys *keys)
{
        struct keys_node node;
        if (!name_next(reader, node.name) ||
            !bytes_end(reader, node.public_key, sizeof(node.public_key)))
                return "expected `node`, a name and 64 hexadecimal digits";
        uint64_t id = identity_short(node.public_key);
        if (!id || keys_of_id(keys, id))
                return "that key, or its short id, is there twice: make keys anew";
        if (keys_of_name(keys, node.name))
                return "that name is there twice";
        if (keys->count == KEYS_NODES)
                return "more than 32 nodes";
        keys->nodes[keys->count++] = node;
        return NULL;
}

static const char *self_read(struct reader *reader, struct keys *keys)
{
        char name[KEYS_NAME];
        uint8_t secret[NOISE_KEY];
        if (!name_next(reader, name) || !bytes_end(reader, secret, sizeof(secret)))
                return "expected `self`, a name and 64 hexadecimal digits";
        noise_pair_make(&keys->pair, secret);
        sodium_memzero(secret, sizeof(secret));
        const struct keys_node *self = keys_of_name(keys, name);
        if (!self)
                return "no line `node` has that name";
        if (memcmp(self->public_key, keys->pair.public_key, NOISE_KEY) != 0)
                return "the secret key is not that of the node's public one";
        keys->self = (unsigned)(self - keys->nodes);
        return reader->at == reader->end ? NULL : "expected nothing behind `self`";
}

/* The lines behind the first three, up to the end. */
static const char *nodes_read(struct reader *reader, struct keys *keys)
{
        while (line_next(reader)) {
                const char *word, *wrong;
                size_t length = word_next(reader, &word);
                if (length != 4 || (memcmp(word, "node", 4) != 0 && memcmp(word, "self", 4) != 0))
                        return "expected `node` or `self`";
                if (word[0] == 's')
                        return self_read(reader, keys);
                if ((wrong = node_read(reader, keys)))
                        return wrong;
        }
        return "the line `self` is missing";
}

static const char *all_read(struct reader *reader, struct keys *keys)
{
        const char *wrong;
        if (!line_next(reader) || (size_t)(reader->line_end - reader->word) != strlen(title) ||
            memcmp(reader->word, title, strlen(title)) != 0)
                return "no key file: it does not begin with `portolan-keys 1`";
        if (!line_next(reader))
                return "the line `cluster` is missing";
        if ((wrong = cluster_read(reader, keys)))
                return wrong;
        if (!line_next(reader) || !word_is(reader, "psk") ||
            !bytes_end(reader, keys->psk, sizeof(keys->psk)))
                return "expected `psk` and 64 hexadecimal digits";
        return nodes_read(reader, keys);
}

bool keys_read(const char *text, size_t length, struct keys *keys, struct keys_error *error)
{
        struct reader reader = {.at = text, .end = text + length};
        memset(keys, 0, sizeof(*keys));
        error->what = all_read(&reader, keys);
        error->line = reader.line;
        return !error->what;
}

/* --- out */

static char *text_put(char *to, const char *text)
{
        size_t length = strlen(text);
        memcpy(to, text, length);
        return to + length;
}

static char *line_put(char *to, const char *word, const char *name, const void *bytes, size_t count)
{
        to = text_put(to, word);
        to = text_put(to, name);
        *to++ = ' ';
        to = hex_write(to, bytes, count);
        *to++ = '\n';
        return to;
}

size_t keys_write(const struct keys *keys, char text[KEYS_TEXT])
{
        char *to = text_put(text, title);
        uint8_t cluster[sizeof(keys->cluster)];
        for (unsigned i = 0; i < sizeof(cluster); i++)
                cluster[i] = (uint8_t)(keys->cluster >> (56 - 8 * i));
        *to++ = '\n';
        to = line_put(to, "cluster", "", cluster, sizeof(cluster));
        to = line_put(to, "psk", "", keys->psk, NOISE_KEY);
        for (unsigned i = 0; i < keys->count; i++) {
                to = text_put(to, "node ");
                to = line_put(to, "", keys->nodes[i].name, keys->nodes[i].public_key, NOISE_KEY);
        }
        to = text_put(to, "self ");
        to = line_put(to, "", keys->nodes[keys->self].name, keys->pair.secret, NOISE_KEY);
        *to = 0;
        assert(to - text < KEYS_TEXT);
        return (size_t)(to - text);
}

/* --- nodes */

const struct keys_node *keys_of_id(const struct keys *keys, uint64_t id)
{
        for (unsigned i = 0; i < keys->count; i++)
                if (identity_short(keys->nodes[i].public_key) == id)
                        return &keys->nodes[i];
        return NULL;
}

const struct keys_node *keys_of_name(const struct keys *keys, const char *name)
{
        for (unsigned i = 0; i < keys->count; i++)
                if (strcmp(keys->nodes[i].name, name) == 0)
                        return &keys->nodes[i];
        return NULL;
}
