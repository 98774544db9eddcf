/* up and down. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/lib/clock.h"
#include "tools/lib/complain.h"
#include "tools/lib/socket.h"
#include "tools/ptl/advice.h"
#include "tools/ptl/cluster.h"
#include "tools/ptl/files.h"
#include "tools/ptl/lock.h"
#include "tools/ptl/owner.h"
#include "tools/ptl/processes.h"
#include "tools/ptl/verbs.h"

enum {
        DOWN_MS = 15000,  /* what a keeper may take to end all */
        NOTICE_MS = 5000, /* … and to notice that its run directory is gone */
};

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

/* Asks the keeper to end the cluster. True if it has, or is about to. */
static bool keeper_ask(void)
{
        struct control control;
        control_adopt(&control, socket_connect(CONTROL_SOCKET));
        control.quiet = true;
        if (control.fd < 0)
                return false;
        bool done = control_ask(&control, "down", clock_ms() + DOWN_MS);
        close(control.fd);
        return done;
}

/* With the lock in hand, what is still there is what a killed keeper left. */
static bool directory_clear(const struct layout *layout)
{
        int lock = lock_take(clock_ms() + DOWN_MS);
        if (lock < 0)
                return errno == EWOULDBLOCK
                           ? complain("%s/" LOCK_FILE
                                      ": an unknown process holds it; `fuser -k` of "
                                      "that file ends it",
                                      layout->shown)
                           : complain("%s/" LOCK_FILE ": %s; %s", layout->shown, strerror(errno),
                                      advice(errno));
        files_remove();
        close(lock);
        return true;
}

int verb_down(int argc, char **argv)
{
        struct layout layout;
        bool missing;
        char mark[MARK_TEXT];
        (void)argc, (void)argv;
        bool there = layout_enter(&layout, false, &missing);
        if (!there && !missing)
                return EXIT_FAILED;
        cluster_mark(layout.real, mark);
        /* Whoever does not listen is ended by force, but one whose run directory is gone ends by
         * itself. */
        int patience = !there ? NOTICE_MS : keeper_ask() ? DOWN_MS : 0;
        if (!processes_end(mark, patience))
                return EXIT_FAILED;
        if (there && directory_is_used() && (!owner_check(&layout) || !directory_clear(&layout)))
                return EXIT_FAILED;
        return EXIT_OK;
}
