/* up and down. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/lib/clock.h"
#include "tools/lib/complain.h"
#include "tools/ptl/cluster.h"
#include "tools/ptl/files.h"
#include "tools/ptl/lock.h"
#include "tools/ptl/verbs.h"

enum { DOWN_MS = 15000, TERM_MS = 15000, KILL_MS = 5000 };

/* NAME=VALUE arguments are options, as behind `make run`. */
static bool arguments_take(int argc, char **argv)
{
        for (int i = 1; i < argc; i++) {
                char *equals = strchr(argv[i], '=');
                if (!equals)
                        return complain("%s: options are NAME=VALUE, such as N=5", argv[i]);
                *equals = 0;
                if (!option_known(argv[i]))
                        return complain("%s: no such option; `ptl --help` lists them", argv[i]);
                setenv(argv[i], equals + 1, 1);
        }
        return true;
}

int verb_up(int argc, char **argv)
{
        static struct cluster cluster; /* large */
        if (!arguments_take(argc, argv))
                return EXIT_USAGE;
        if (!cluster_start(&cluster))
                return cluster.broken ? EXIT_INTERRUPTED : EXIT_FAILED;
        return cluster_release(&cluster) ? EXIT_OK : EXIT_FAILED;
}

/* Ends a keeper that does not listen. */
static int keeper_force(pid_t holder, const char *shown)
{
        static const struct {
                int signal, wait;
        } tries[] = {{SIGTERM, TERM_MS}, {SIGKILL, KILL_MS}};
        for (size_t i = 0; i < sizeof tries / sizeof *tries && holder > 0; i++) {
                kill(holder, tries[i].signal);
                int lock = lock_take(clock_ms() + tries[i].wait, &holder);
                if (lock >= 0)
                        return lock;
        }
        if (holder >= 0)
                complain("%s: process %d holds " LOCK_FILE " and does not end", shown, (int)holder);
        return -1;
}

int verb_down(int argc, char **argv)
{
        struct layout layout;
        struct control control;
        bool missing;
        pid_t holder;
        (void)argc, (void)argv;
        if (!layout_enter(&layout, false, &missing))
                return missing ? EXIT_OK : EXIT_FAILED;
        int lock = lock_take(clock_ms(), &holder);
        if (lock < 0 && holder >= 0) {
                if (control_open(&control, &layout))
                        control_ask(&control, "down", clock_ms() + DOWN_MS);
                lock = lock_take(clock_ms() + DOWN_MS, &holder);
        }
        if (lock < 0 && holder >= 0)
                lock = keeper_force(holder, layout.shown);
        if (lock < 0)
                return EXIT_FAILED;
        /* With the lock in hand, what is still there is what a killed keeper left. */
        files_remove();
        close(lock);
        return EXIT_OK;
}
