/* Reads the key file, and wipes what it does not need of it; see keyring.h. */
#include "netipc/server/keyring.h"

#include <string.h>
#include "servers/rt/task/fw_cfg_ports.h"
#include "servers/rt/task/log.h"

static struct keys keys;

/* What is wrong with keys that can be read; NULL: nothing. */
static const char *misfit(const char *node, uint64_t cluster)
{
        if (strcmp(keys.nodes[keys.self].name, node) != 0)
                return "they are another node's";
        return keys.cluster == cluster ? NULL : "they are of another cluster than cluster= says";
}

const struct keys *keyring_read(handle_t fw_cfg_ports, const char *node, uint64_t cluster)
{
        char text[KEYS_TEXT];
        size_t length = 0;
        struct keys_error error;
        outcome_t outcome =
            fw_cfg_read_ports(fw_cfg_ports, FW_CFG_KEYS, text, sizeof(text), &length);
        if (outcome != OUTCOME_OK) {
                rt_log(outcome == not_executed(REASON_NOT_FOUND)
                           ? "keys: none: QEMU gave no file " FW_CFG_KEYS
                           : "warning: keys: " FW_CFG_KEYS " is too long; `ptl keys` makes them");
                return NULL;
        }
        bool read = keys_read(text, length, &keys, &error);
        explicit_bzero(text, sizeof(text));
        const char *wrong = read ? misfit(node, cluster) : error.what;
        if (!wrong)
                return &keys;
        rt_log("warning: keys: " FW_CFG_KEYS ", line %u: %s; `ptl keys` makes them", error.line,
               wrong);
        explicit_bzero(&keys, sizeof(keys));
        return NULL;
}
