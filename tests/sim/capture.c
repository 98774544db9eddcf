/* Frames as a pcapng file, as the testbed's switch writes them (tools/switch/capture.h): each once,
 * when it is sent. */
#include "netipc/crypto/keylog.h"
#include "tools/switch/capture.h"

#include <stdio.h>
#include <stdlib.h>
#include "tests/sim/sim.h"

static struct capture capture;

void capture_open(const char *path)
{
        const char *names[NODES_MAX];
        static char name[NODES_MAX][8];
        struct problem problem;
        for (unsigned i = 0; i < NODES_MAX; i++) {
                snprintf(name[i], sizeof name[i], "n%u", i + 1);
                names[i] = name[i];
        }
        if (path && !capture_start(&capture, path, names, the_sim.options.nodes, 0, -1, &problem)) {
                fprintf(stderr, "sim: %s cannot be written\n", path);
                exit(2);
        }
}

void capture_frame(const struct node *from, const void *bytes, size_t length)
{
        if (capture.state == CAPTURE_ON)
                capture_write(&capture, from->number, bytes, length, NULL, sim_time());
}

void sim_key_log(const char *line, size_t length)
{
        char whole[KEYLOG_LINE + 1];
        snprintf(whole, sizeof whole, "%.*s\n", (int)length, line);
        if (capture.state == CAPTURE_ON)
                capture_secrets(&capture, whole, length + 1);
}

void capture_close(void)
{
        capture_stop(&capture);
}
