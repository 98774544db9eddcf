/* `ptl run NODE FILE`, a program of the host on a node, and `ptl push NODE/NAME FILE`, as a
 * component's own there. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "servers/common/name.h"
#include "tools/lib/complain.h"
#include "tools/ptl/cluster.h"
#include "tools/ptl/remote.h"
#include "tools/ptl/verbs.h"

enum { STATUS_PIPE = 128 + 13 /* as a program that SIGPIPE has ended */ };

/* Bytes, or with K or M behind. */
static bool memory_read(const char *text, uint64_t *bytes)
{
        char *end;
        unsigned long long value = strtoull(text, &end, 10);
        unsigned shift = *end == 'K' ? 10 : *end == 'M' ? 20 : 0;
        *bytes = value << shift;
        return text[0] >= '1' && text[0] <= '9' && end[shift != 0] == 0 && value < 1ull << 40;
}

static int remote_status(const char *node, enum remote_end end, int status)
{
        switch (end) {
        case REMOTE_DONE:
                return status;
        case REMOTE_WRONG:
        case REMOTE_FILE:
                return EXIT_NO_NODE; /* it was told why */
        case REMOTE_CLOSED:
                return STATUS_PIPE;
        case REMOTE_INTERRUPTED:
                return EXIT_INTERRUPTED;
        default:
                complain("%s: %s", node, remote_end_text(end));
                return EXIT_NO_NODE;
        }
}

int verb_execute(int argc, char **argv)
{
        struct layout layout;
        char path[PATH_MAX];
        uint64_t memory = 0;
        int status = 0;
        if (argc > 4 && !strcmp(argv[1], "-m") && memory_read(argv[2], &memory)) {
                argv += 2;
        } else if (argv[1][0] == '-') {
                complain(
                    "usage: ptl run [-m BYTES] NODE FILE [ARGUMENT]…; BYTES may end with K or M");
                return EXIT_NO_NODE;
        }
        unsigned number = node_argument(argv[1]);
        if (!number || !cluster_enter(&layout) || !cluster_is_up(&layout) ||
            !layout_user_path(&layout, argv[2], path))
                return EXIT_NO_NODE;
        int signals = signals_take();
        if (signals < 0)
                return EXIT_NO_NODE;
        enum remote_end end = remote_run(number, path, argv + 2, memory, signals, &status);
        return remote_status(argv[1], end, status);
}

/* NODE/NAME: the number of the node, and *component within it. 0: a complaint says what is
 * wrong. */
static unsigned component_argument(char *place, const char **component)
{
        char *slash = strchr(place, '/');
        if (!slash || !is_name(slash + 1, strlen(slash + 1), NAME_LONGEST)) {
                complain("%s: not NODE/NAME, as in n2/fs; `ptl ps` lists the names", place);
                return 0;
        }
        *slash = 0;
        *component = slash + 1;
        return node_argument(place);
}

int verb_push(int argc, char **argv)
{
        struct layout layout;
        char path[PATH_MAX];
        const char *component = NULL;
        int status = 0;
        (void)argc;
        unsigned number = component_argument(argv[1], &component);
        if (!number || !cluster_enter(&layout) || !cluster_is_up(&layout) ||
            !layout_user_path(&layout, argv[2], path))
                return EXIT_NO_NODE;
        int signals = signals_take();
        if (signals < 0)
                return EXIT_NO_NODE;
        enum remote_end end = remote_push(number, component, path, signals, &status);
        return remote_status(argv[1], end, status);
}
