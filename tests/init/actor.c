/* A component that behaves as its argument `do=` says: what the probe looks at from outside.
 *
 *      serve     registers its own name and serves
 *      fault     faults in the third of three functions, each time that it is started
 *      misuse    gives a wrong address to a function of libc
 *      overflow  says how large its stack is, and calls itself until that ends
 *      assert    asserts what is not so
 *      leave     ends at once, with status 0
 *      silent    never gives a sign of life
 *      forge     gives signs of life of all kinds, which are to help nobody else
 *      peer      serves as another node's directory, with one name: `far`
 *      mute      the same, but never answers a lookup
 *
 * Whoever serves does so with the directory's `lookup`, where some names are not to be found, but
 * do something: `say` writes to the log, `hang` never returns, `stall` waits for ever, `fault`
 * faults, `grow` makes a name `farther` in the directory. Others are found if something is so:
 * `bare` if what init gave it can be used, and neither copied nor sent away; `quiet` if its
 * directory has been asked for no changes since `quiet` was looked up last; `told` if it was told
 * of changes since `told` was; `meet` if `duet` gives a right by which it can be asked again. */
#include <assert.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "cluster/core/registry.h"
#include "servers/proto/directory.h"
#include "servers/rt/task/log.h"
#include "servers/rt/serve/serve.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/start/startup.h"

static struct server server;
static struct registry registry;
static bool mute;
static unsigned asked, told;

static volatile int *volatile nowhere = (volatile int *)0x10;

/* gcc gives it no frame. */
static __attribute__((noinline)) void actor_fault_here(void)
{
        *nowhere = 1;
}

static __attribute__((noinline)) void actor_fault_soon(void)
{
        actor_fault_here();
        __asm__ volatile("" ::: "memory"); /* no tail call: the frame is to be seen */
}

/* The fault is in the handler of a Linux system call, which has a stack of its own. */
static __attribute__((noinline)) void actor_misuse_here(void)
{
        if (clock_gettime(CLOCK_MONOTONIC, (struct timespec *)nowhere) < 0)
                rt_log("it is not written");
}

static __attribute__((noinline)) int actor_dive_once_more(volatile int *stop);

static __attribute__((noinline)) int actor_dive(volatile int *stop)
{
        volatile int deeper = *stop;
        return actor_dive_once_more(&deeper) + 1;
}

static int actor_dive_once_more(volatile int *stop)
{
        volatile int deeper = *stop;
        return deeper ? 0 : actor_dive(&deeper) + 1;
}

static int actor_overflow(volatile int *stop)
{
        struct rlimit limit = {0};
        if (getrlimit(RLIMIT_STACK, &limit) == 0)
                rt_log("its stack has %lu KiB", (uint64_t)limit.rlim_cur >> 10);
        return actor_dive(stop);
}

static __attribute__((noinline)) void actor_assert_here(volatile int *nothing)
{
        assert(*nothing == 1);
}

static __attribute__((noinline)) void actor_hang_here(void)
{
        for (;;)
                __asm__ volatile("" ::: "memory");
}

static __attribute__((noinline)) void actor_stall_here(void)
{
        sys_sleep(TIME_NEVER);
        __asm__ volatile("" ::: "memory");
}

static void forge(void)
{
        for (;;) {
                sys_event_signal(rt_handle("heartbeat"), ~0ull);
                sys_sleep(rt_after(100 * RT_MILLISECOND));
        }
}

static void behave(const char *name, size_t length)
{
        if (length == 3 && memcmp(name, "say", 3) == 0)
                rt_log("says something");
        if (length == 5 && memcmp(name, "fault", 5) == 0)
                actor_fault_soon();
        if (length == 4 && memcmp(name, "hang", 4) == 0)
                actor_hang_here();
        if (length == 5 && memcmp(name, "stall", 5) == 0)
                actor_stall_here();
        if (length == 4 && memcmp(name, "grow", 4) == 0)
                registry_add(&registry, "farther");
}

/* Whether the name is that of a count, and what it says of it. */
static bool is_so(const char *name, size_t length)
{
        bool quiet = length == 5 && memcmp(name, "quiet", 5) == 0 && asked == 0;
        bool heard = length == 4 && memcmp(name, "told", 4) == 0 && told > 0;
        if (length == 5 && memcmp(name, "quiet", 5) == 0)
                asked = 0;
        if (heard)
                told = 0;
        return quiet || heard;
}

/* The first right is one of the name service's, the second one of duet's own. */
static bool meets_duet(void)
{
        handle_t duet, again, nothing;
        return rt_find("duet", &duet) == OUTCOME_OK &&
               directory_lookup(duet, RT_DEADLINE, "far", 3, &again) == OUTCOME_OK &&
               directory_lookup(again, RT_DEADLINE, "far", 3, &nothing) == OUTCOME_OK;
}

static bool holds_only(const char *name, uint32_t rights)
{
        enum object_kind type;
        uint32_t held;
        uint64_t identity;
        return sys_handle_info(rt_handle(name), &type, &held, &identity) == OUTCOME_OK &&
               held == rights;
}

static outcome_t far_lookup(struct request *request, const void *name, size_t name_length,
                            struct send_cap *right)
{
        handle_t handle;
        if (mute)
                return RT_DEFERRED; /* for ever */
        behave(name, name_length);
        bool bare = name_length == 4 && memcmp(name, "bare", 4) == 0 &&
                    holds_only("name", RIGHT_SEND) && holds_only("log", RIGHT_SEND) &&
                    holds_only("heartbeat", RIGHT_SIGNAL);
        bool meets = name_length == 4 && memcmp(name, "meet", 4) == 0 && meets_duet();
        if (!bare && !meets && !is_so(name, name_length) &&
            (name_length != 3 || memcmp(name, "far", 3) != 0))
                return answered(REASON_NOT_FOUND);
        outcome_t outcome = rt_server_right(request->server, 7, &handle);
        *right = send_cap(handle, SEND_CAP_MOVE);
        return outcome;
}

static outcome_t far_changes(struct request *request, uint64_t instance, uint64_t version,
                             uint64_t *instance_out, uint64_t *version_out, uint64_t *digest,
                             uint64_t *complete, const void **records, size_t *records_length)
{
        static char buffer[REGISTRY_RECORDS];
        struct registry_answer answer;
        (void)request;
        asked++;
        *records_length = registry_changes(&registry, instance, version, buffer, &answer);
        *records = buffer;
        *instance_out = answer.instance;
        *version_out = answer.version;
        *digest = answer.digest;
        *complete = answer.complete;
        return OUTCOME_OK;
}

static outcome_t far_changed(struct request *request, const void *node, size_t node_length,
                             uint64_t instance, uint64_t version)
{
        (void)request;
        (void)instance;
        (void)version;
        told += node_length == 2 && memcmp(node, "n1", 2) == 0;
        return OUTCOME_OK;
}

static const struct directory_server directory = {
    .lookup = far_lookup, .changes = far_changes, .changed = far_changed};

static int serve(void)
{
        handle_t right;
        registry_init(&registry, "n2", 77);
        registry_add(&registry, "far");
        if (rt_server_init(&server) != OUTCOME_OK ||
            rt_server_add(&server, DIRECTORY_INTERFACE, directory_dispatch, &directory, NULL) !=
                OUTCOME_OK ||
            rt_server_right(&server, 1, &right) != OUTCOME_OK ||
            rt_register(rt_component(), right) != OUTCOME_OK)
                return 1;
        rt_serve(&server);
        return 1;
}

int main(int count, char **arguments)
{
        const char *what = count > 1 ? arguments[1] : "";
        if (strcmp(what, "do=fault") == 0)
                actor_fault_soon();
        if (strcmp(what, "do=misuse") == 0)
                actor_misuse_here();
        volatile int zero = 0;
        if (strcmp(what, "do=overflow") == 0)
                return actor_overflow(&zero);
        if (strcmp(what, "do=assert") == 0)
                actor_assert_here(&zero);
        if (strcmp(what, "do=leave") == 0)
                return 0;
        if (strcmp(what, "do=silent") == 0)
                actor_stall_here();
        if (strcmp(what, "do=forge") == 0)
                forge();
        mute = strcmp(what, "do=mute") == 0;
        return serve();
}
