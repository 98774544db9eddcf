/* Reads the key file, and wipes what it does not need of it; see keyring.h. */
#include "netipc/server/keyring.h"

#include <string.h>
#include "servers/rt/task/fw_cfg_ports.h"
#include "servers/rt/message/syscall.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/memory.h"

enum { PAGE_BYTES = 4096 };

_Static_assert((int)KEYS_TEXT <= (int)PAGE_BYTES, "a key file is no longer than a page");

static struct keys keys;

/* What is wrong with keys that can be read; NULL: nothing. */
static const char *misfit(const char *node, uint64_t cluster)
{
        if (strcmp(keys.nodes[keys.self].name, node) != 0)
                return "they are another node's";
        return keys.cluster == cluster ? NULL : "they are of another cluster than cluster= says";
}

/* The boot loader's module: whole pages, of which the first is enough; the text ends at its first
 * 0. */
static outcome_t module_read(char text[KEYS_TEXT], size_t *length)
{
        handle_t module = rt_handle("keys");
        void *page;
        if (!module)
                return not_executed(REASON_NOT_FOUND);
        outcome_t outcome = rt_memory_map(module, 0, PAGE_BYTES, MAP_READ, &page);
        sys_handle_close(module);
        if (outcome != OUTCOME_OK)
                return outcome;
        *length = strnlen(page, KEYS_TEXT);
        memcpy(text, page, *length);
        rt_memory_free(page, PAGE_BYTES);
        return *length < KEYS_TEXT ? OUTCOME_OK : not_executed(REASON_TOO_LONG);
}

/* The text, and where it is from. */
static outcome_t text_read(handle_t fw_cfg_ports, char text[KEYS_TEXT], size_t *length,
                           const char **from)
{
        *from = "QEMU's file " FW_CFG_KEYS;
        outcome_t outcome = fw_cfg_read_ports(fw_cfg_ports, FW_CFG_KEYS, text, KEYS_TEXT, length);
        if (outcome != not_executed(REASON_NOT_FOUND))
                return outcome;
        *from = "the boot module `keys`";
        return module_read(text, length);
}

const struct keys *keyring_read(handle_t fw_cfg_ports, const char *node, uint64_t cluster)
{
        char text[KEYS_TEXT];
        size_t length = 0;
        struct keys_error error;
        const char *from;
        outcome_t outcome = text_read(fw_cfg_ports, text, &length, &from);
        if (outcome == not_executed(REASON_NOT_FOUND)) {
                rt_log("keys: none: QEMU gave no file " FW_CFG_KEYS
                       ", and the boot loader no module `keys`");
                return NULL;
        }
        if (outcome != OUTCOME_OK) {
                rt_log("warning: keys: %s cannot be read (%s); `ptl keys` makes them", from,
                       reason_text(outcome_reason(outcome)));
                return NULL;
        }
        bool read = keys_read(text, length, &keys, &error);
        explicit_bzero(text, sizeof(text));
        const char *wrong = read ? misfit(node, cluster) : error.what;
        if (!wrong) {
                rt_log("keys: from %s", from);
                return &keys;
        }
        rt_log("warning: keys: %s, line %u: %s; `ptl keys` makes them", from, error.line, wrong);
        explicit_bzero(&keys, sizeof(keys));
        return NULL;
}
