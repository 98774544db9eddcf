/* QEMU's fw_cfg of a node (servers/rt/pure/fw_cfg.h), with one file: the node's keys. A run in
 * clear has none. The keys of a cluster follow from its size alone, so they are made once. */
#include <stdlib.h>
#include <string.h>
#include "netipc/crypto/keys.h"
#include "servers/rt/pure/fw_cfg.h"
#include "tests/sim/sim.h"

enum { KEY_SIGNATURE = 0, KEY_DIRECTORY = 0x19, KEY_KEYS = 0x20, ENTRY = 64, ENTRY_NAME = 8 };

/* --- the keys --------------------------------------------------------------------------------- */

static char (*texts)[KEYS_TEXT];

static void keys_make(unsigned count)
{
        struct noise_pair pairs[NODES_MAX];
        struct keys keys = {.cluster = 1, .psk = {1, 2, 3}, .count = count};
        texts = calloc(count, sizeof *texts);
        if (!texts)
                abort();
        for (unsigned i = 0; i < count; i++) {
                const uint8_t random[NOISE_KEY] = {4, (uint8_t)i};
                noise_pair_make(&pairs[i], random);
                memcpy(keys.nodes[i].public_key, pairs[i].public_key, NOISE_KEY);
                strcpy(keys.nodes[i].name, the_sim.node[i].name);
        }
        for (unsigned i = 0; i < count; i++) {
                keys.self = i;
                keys.pair = pairs[i];
                keys_write(&keys, texts[i]);
        }
}

static const char *keys_of(const struct node *node)
{
        if (the_sim.clear)
                return NULL;
        if (!texts)
                keys_make(the_sim.options.nodes);
        return texts[node->number];
}

/* --- the device ------------------------------------------------------------------------------- */

static void put32(uint8_t *to, uint32_t value)
{
        for (unsigned i = 0; i < 4; i++)
                to[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* The byte at that place of the directory; numbers in it are big-endian. */
static uint8_t directory_byte(const char *keys, size_t at)
{
        uint8_t all[4 + ENTRY] = {0};
        put32(all, keys ? 1 : 0);
        if (keys) {
                put32(all + 4, (uint32_t)strlen(keys));
                put32(all + 8, KEY_KEYS << 16);
                strcpy((char *)all + 4 + ENTRY_NAME, FW_CFG_KEYS);
        }
        return at < sizeof all ? all[at] : 0;
}

uint8_t fw_cfg_next(struct node *node)
{
        static const char signature[] = "QEMU";
        const char *keys = keys_of(node);
        size_t at = node->fw_cfg.at++;
        switch (node->fw_cfg.key) {
        case KEY_SIGNATURE:
                return at < sizeof signature ? (uint8_t)signature[at] : 0;
        case KEY_DIRECTORY:
                return directory_byte(keys, at);
        case KEY_KEYS:
                return keys && at < strlen(keys) ? (uint8_t)keys[at] : 0;
        default:
                return 0;
        }
}
