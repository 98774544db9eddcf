/* The whole state of the first task, and what its parts share.
 *
 *      boot         what the kernel and the boot loader gave: modules, command line
 *      components   what is to run here: description, manifests, state of each
 *      together     components that share a task
 *      admitters    who hands out rights that say who holds them: name service, log, bus server
 *      described    the names that the whole cluster's components may register
 *      kept         what a new name service is told
 *      installed    programs that were put in the place of the archive's
 *      fence        silencing devices before the bus server's memory goes
 *      fault        the report of a fault or a hang
 *      supervise    deaths, back-off, giving up, signs of life
 *      start        a component's account and task, with all that its manifest grants
 *      launch       its way there: admissions, start
 *      control      the interfaces proc and supervisor
 *
 * Each includes those above it in this list, and none below.
 *
 * A component's states (enum process_state of servers/proto/processes.h):
 *
 *               ┌────────────────── start, or back-off is over ───────────────┐
 *               v                                                             │
 *            WAITING ──admitted by name, log, bus──> RUNNING ──death, kill──> BACKING_OFF
 *               │                                       │
 *               └──no device, no program──> GIVEN_UP    ├──too often──> GIVEN_UP
 *                                                       └──restart never, status 0──> ENDED
 *
 * A program that was installed and fails goes back to the one before, by BACKING_OFF.
 *
 * Each run has a number that is never used again; badges carry it, so a message of an earlier run
 * finds nobody. Everything of a run is charged to an account of its own, and goes with it;
 * what shares a task shares the account (together.h).
 *
 * After its start init never blocks on a component: it asks by asynchronous calls, one at a time
 * for each component, started from the event loop, and never waits for a log server.
 *
 * Context of all functions: init's only thread. */
#ifndef INIT_INIT_H
#define INIT_INIT_H

#include "servers/init/boot.h"
#include "servers/common/name.h"
#include "servers/proto/pci_layout.h"
#include "servers/proto/processes.h"
#include "cluster/system/description.h"
#include "cluster/system/manifest.h"
#include "cluster/system/share.h"
#include "servers/rt/serve/serve.h"
#include "servers/rt/start/spawn.h"

enum {
        COMPONENT_NAME = NAME_LONGEST + 1,
        NAMES_BYTES = 2 * MANIFEST_NAMES * COMPONENT_NAME,
        KEPT_MOST = 192, /* services and watches that a name service takes */
};

/* Bits of init's event. */
enum init_event {
        INIT_TASK_DIED = 1 << 0,
        INIT_CALL_ENDED = 1 << 1,
        INIT_WORK = 1 << 2,
};

/* Badges of rights to init's port: kind << 56 | number of the run. */
enum badge_kind {
        BADGE_FAULT = 1,
        BADGE_SUPERVISOR = 2,
        BADGE_LIST = 3,
        BADGE_CONTROL = 4,
        BADGE_INSTALL = 5,
};

enum { BADGE_KIND_SHIFT = 56 };

static inline uint64_t badge_of(enum badge_kind kind, uint64_t run)
{
        return (uint64_t)kind << BADGE_KIND_SHIFT | run;
}

/* What an asynchronous call of a component's launch is for. */
enum launch_step { LAUNCH_NONE, LAUNCH_ADMIT, LAUNCH_TELL };

/* How a running component gets from a name service that has died to its successor. All components
 * are given their new right together, when all names are registered again: nobody finds one
 * missing.
 *
 *      HELD ──it dies──> LOST ──admitted──> TELLING ──what was kept is registered──> TOLD ──> HELD
 */
enum name_path { NAME_HELD, NAME_LOST, NAME_TELLING, NAME_TOLD };

struct component {
        char name[COMPONENT_NAME];
        const struct described_component *described;
        struct manifest manifests[COMPONENT_ALTERNATIVES];
        unsigned alternative; /* the manifest in use */

        /* Whose task it runs in: itself, unless the description has it `with` another. */
        struct component *home;
        struct spawn_place place; /* in that task */

        enum process_state state;
        uint64_t run; /* number of the present run, or of the last one */
        unsigned restarts;
        unsigned failures; /* deaths in a row, none of which came long after its start */
        unsigned refusals; /* starts in a row to which others did not admit it */
        uint64_t wake_at;  /* BACKING_OFF: when to start it */
        uint64_t started_at;

        /* Signs of life, for those whose manifest wants them. The event is the run's own, so that
         * nobody can give them for another. */
        handle_t heartbeat; /* the event */
        handle_t keeps;     /* memory, the same for each run; 0: none yet, or it keeps none */
        uint64_t heard_at;  /* the last look that found one; before the first: its start */
        uint64_t look_at;   /* when to look for the next one */
        unsigned missed;    /* looks in a row that found none */
        uint64_t cpu_time;  /* ns of its thread, at the last look that found none */

        enum launch_step step; /* the call under way */
        handle_t call;
        enum admission asked;        /* ADMIT: for what */
        handle_t rights[ADMISSIONS]; /* of the present run, by which it is known */
        unsigned without;            /* 1 << admission: there is nobody to be admitted by */
        unsigned renewed; /* RUNNING, 1 << admission: its right has died, and may be had again */
        enum name_path names; /* RUNNING */
        unsigned told;        /* TELLING: where to go on (kept.h) */
        handle_t admission;   /* by which it is asked to admit others; 0: it does not, or not yet */
        struct spawned spawned; /* RUNNING */
        struct text program;    /* its ELF file */

        /* What was put in the place of the archive's program, and what was there before that
         * (installed.h); NULL: the archive's. */
        struct text installed, before;
        bool on_trial, served; /* served: `installed` has, in one of its runs */
        handle_t installer;    /* whoever waits for its start; 0: nobody */

        /* What an admission under way sends: it must stay. */
        char provides[NAMES_BYTES], asks[NAMES_BYTES];
        struct pci_id devices[PCI_ADMIT_IDS];
};

/* What a component has registered, or watches: kept.h. */
struct kept {
        struct component *component;
        char name[COMPONENT_NAME];
        uint64_t bits; /* of an event that watches the name; 0: a right registered as it */
        handle_t what; /* 0: the place is free */
};

struct init {
        struct server server;
        handle_t event;
        struct boot boot;
        struct description description;
        uint64_t rest; /* bytes that a component gets on top whose manifest says `rest` */
        uint64_t next_run;
        unsigned count;
        struct component components[DESCRIPTION_COMPONENTS];
        struct kept kept[KEPT_MOST];
        bool said_up;    /* the line `boot: servers` */
        bool line_given; /* a driver of the serial line was started before */

        /* Putting `proc` and the others under their names. */
        handle_t register_call;
        uint64_t registered_with; /* the name service's run */
        unsigned registered;      /* of them */
        bool registering;
};

/* The loop is to go on with what waits, soon, and at `time` at the latest. */
void init_work(struct init *init);
void init_wake_at(struct init *init, uint64_t time);

#endif
