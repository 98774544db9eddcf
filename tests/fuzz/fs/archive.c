/* libFuzzer: any bytes as a cpio archive give a tree whose invariants hold, within its budget, and
 * all of it is given back. */
#include <stdlib.h>
#include "servers/fs/archive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct tree tree;
        struct archive_report report;
        /* The last byte chooses a budget, so that space ends at many places. */
        size_t limit = size > 0 ? 512u + data[size - 1] * 256u : 4096;
        if (tree_start(&tree, limit, "/fs") != OUTCOME_OK)
                abort();
        archive_load(&tree, data, size, 0, &report);
        if (!tree_check(&tree))
                abort();
        tree_end(&tree);
        if (tree.budget.used != 0)
                abort();
        return 0;
}
