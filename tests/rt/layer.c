/* Programs for Linux beside the Linux layer. The test plays the process server: it makes stacks
 * grow, is the pipe that a program writes to, and sends it the signals that it asks for there. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "servers/proto/process.h"
#include "servers/proto/programs.h"
#include "servers/proto/tty.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/serve/serve.h"
#include "tests/rt/guest.h"

enum { ENDED = 1, GO_ON = 2, MEMORY = 16 << 20, PROCESS = 7001, OUTPUT = 512, SENDER = 4711 };

static struct {
        struct server server;
        handle_t event;
        struct spawned process;
        char output[OUTPUT];
        size_t length;
        uint64_t faults;
        bool crashed;
        handle_t signals;    /* 0: it can be sent none */
        uint64_t sent;       /* bit N: signal N is to be taken */
        uint64_t count;      /* where it counts as long as it runs */
        unsigned stops;      /* how often it has stopped */
        uint64_t foreground; /* group that has the terminal, its standard input; 0: it has none */
} play;

static void signal_send(unsigned signal)
{
        play.sent |= 1ull << signal;
        CHECK_OK(sys_event_signal(play.signals, PROCESS_SIGNALS));
}

static outcome_t on_fault(struct server *server, struct request *request)
{
        play.faults++;
        if (request->words[0] == FAULT_PAGE && spawn_stack_grow(&play.process, request->words[1]))
                return OUTCOME_OK;
        play.crashed = server->stop = true;
        return answered(REASON_REFUSED);
}

static void on_event(struct server *server, uint64_t key, uint64_t bits)
{
        (void)key;
        server->stop = bits & ENDED;
        if (!(bits & GO_ON))
                return;
        signal_send(SIGCONT);
}

static outcome_t next(struct request *request, struct optional_word standard, uint64_t *signal,
                      uint64_t *code, uint64_t *sender, uint64_t *value)
{
        (void)request;
        (void)standard;
        *signal = play.sent ? (uint64_t)__builtin_ctzll(play.sent) : 0;
        play.sent &= play.sent - 1;
        *code = *value = 0;
        *sender = SENDER;
        return OUTCOME_OK;
}

/* The program has every chance to go on, which it must not use. */
static outcome_t stopped(struct request *request, uint64_t signal)
{
        (void)request;
        CHECK(signal == SIGTSTP || signal == SIGSTOP);
        uint64_t before = 0, after = 1;
        play.stops++;
        CHECK_OK(sys_task_read(play.process.task, play.count, &before, sizeof before));
        sys_sleep(rt_after(10 * RT_MILLISECOND));
        CHECK_OK(sys_task_read(play.process.task, play.count, &after, sizeof after));
        CHECK_EQ(after, before);
        return sys_event_signal(play.event, GO_ON);
}

static outcome_t take(struct request *request, const void *data, size_t length, uint64_t *count)
{
        const uint8_t *bytes = data;
        (void)request;
        *count = length;
        if (play.signals && length == 2 && bytes[0] == 'S')
                signal_send(bytes[1]);
        else if (play.signals && length == sizeof play.count)
                memcpy(&play.count, data, length);
        if (play.signals)
                return OUTCOME_OK;
        if (length > sizeof play.output - 1 - play.length)
                return answered(REASON_NO_SPACE);
        memcpy(play.output + play.length, data, length);
        play.length += length;
        return OUTCOME_OK;
}

/* ---- the terminal and its groups: the program is alone in its own ---- */

static outcome_t read_as(struct request *request, uint64_t count, uint64_t group, const void **data,
                         size_t *length, uint64_t *lost)
{
        (void)request;
        (void)count;
        *data = "k";
        *length = 1;
        *lost = 0;
        return group == play.foreground ? OUTCOME_OK : answered(REASON_STALE);
}

static outcome_t foreground(struct request *request, uint64_t *group)
{
        (void)request;
        *group = play.foreground;
        return OUTCOME_OK;
}

static outcome_t set_foreground(struct request *request, uint64_t group)
{
        (void)request;
        play.foreground = group;
        return OUTCOME_OK;
}

static outcome_t member(struct request *request, uint64_t process, uint64_t *group,
                        uint64_t *session)
{
        (void)request;
        CHECK_EQ(process, 0);
        *group = *session = PROCESS;
        return OUTCOME_OK;
}

static outcome_t send_signal(struct request *request, uint64_t target, uint64_t signal,
                             uint64_t code, uint64_t value, uint64_t *own)
{
        (void)request;
        (void)signal;
        (void)code;
        (void)value;
        *own = target == 0 || (int64_t)target == -PROCESS;
        return *own ? OUTCOME_OK : answered(REASON_NOT_FOUND);
}

static void play_begin(void)
{
        static const struct tty_server handlers = {.write = take,
                                                   .read_as = read_as,
                                                   .foreground = foreground,
                                                   .set_foreground = set_foreground};
        memset(&play, 0, sizeof play);
        CHECK_OK(rt_server_init(&play.server));
        play.server.on_fault = on_fault;
        play.server.on_event = on_event;
        CHECK_OK(rt_server_add(&play.server, TTY_INTERFACE, tty_dispatch, &handlers, NULL));
        CHECK_OK(rt_server_event(&play.server, &play.event));
}

static void play_end(void)
{
        sys_object_destroy(play.server.port);
        sys_object_destroy(play.event);
}

static struct spawn program_spawn(const char *module)
{
        static const char environment[] = "LANG=C\0PATH=/fs/bin";
        struct spawn spawn = {
            .component = module,
            .memory = MEMORY,
            .priority = PRIORITY_DEFAULT,
            .process = PROCESS,
            .environment = {environment, sizeof environment},
            .folder = "/etc",
        };
        spawn.elf = module_map(module, &spawn.elf_size);
        spawn.layer = module_map("layer", &spawn.layer_size);
        return spawn;
}

/* Runs a program to its end; its status. */
static uint64_t run(struct spawn spawn, const struct spawn_grant *grants, unsigned grant_count)
{
        uint64_t alive, status = 0, bits;
        const char *wrong = NULL;
        handle_t pipe;
        CHECK_OK(rt_server_right(&play.server, 1, &spawn.fault_right));
        CHECK_OK(rt_server_right(&play.server, 2, &pipe));
        const struct startup_descriptor descriptors[] = {
            {.number = 0,
             .kind = play.foreground ? DESCRIPTOR_TERMINAL : DESCRIPTOR_NULL,
             .handle = play.foreground ? pipe : 0,
             .flags = 2},
            {.number = 1, .kind = DESCRIPTOR_PIPE, .handle = pipe, .flags = 1},
        };
        spawn.descriptors = descriptors;
        spawn.descriptor_count = 2;
        spawn.grants = grants;
        spawn.grant_count = grant_count;
        CHECK_OK(spawn_task(&spawn, &play.process, &wrong));
        CHECK_OK(sys_watch(play.process.task, play.event, ENDED));
        CHECK_OK(spawn_start(&play.process));
        play.server.stop = play.crashed = false;
        CHECK_OK(rt_serve(&play.server));
        CHECK_OK(sys_task_status(play.process.task, &alive, &status));
        CHECK_EQ(alive, play.crashed);
        spawn_destroy(&play.process);
        sys_event_wait(play.event, ~0ull, 0, &bits);
        sys_handle_close(pipe);
        sys_handle_close(spawn.fault_right);
        return status;
}

static uint64_t run_plain(const char *module, const char *arguments, size_t length)
{
        struct spawn spawn = program_spawn(module);
        spawn.argument_strings = (struct strings){arguments, length};
        return run(spawn, NULL, 0);
}

#define RUN(module, arguments) run_plain(module, arguments, sizeof(arguments))

static void a_program_of_anybody_finds_what_linux_gives_it(void)
{
        play_begin();
        CHECK_EQ(RUN("fixed", "plain\0start\0two words"), 0);
        CHECK_EQ(RUN("moved", "plain\0start\0two words"), 0);
        CHECK_EQ(RUN("fixed", "plain\0else"), 255);
        play_end();
}

static void its_descriptors_are_those_that_it_was_given(void)
{
        play_begin();
        CHECK_EQ(RUN("fixed", "plain\0descriptors"), 0);
        CHECK(strcmp(play.output, "to the pipe\n") == 0);
        play_end();
}

static void its_stack_is_there_when_it_is_touched(void)
{
        play_begin();
        CHECK_EQ(RUN("fixed", "plain\0stack"), 0);
        CHECK(play.faults >= 6);
        CHECK_EQ(RUN("moved", "plain\0stack"), 0);
        play_end();
}

static void its_stack_ends_somewhere(void)
{
        static const char arguments[] = "plain\0overflow";
        struct spawn spawn = program_spawn("fixed");
        uint64_t before = 0;
        play_begin();
        spawn.argument_strings = (struct strings){arguments, sizeof arguments};
        for (int i = 0; i < 3; i++) {
                run(spawn, NULL, 0);
                CHECK(play.crashed);
                if (i == 0)
                        before = account_used();
        }
        CHECK_EQ(account_used(), before);
        play_end();
}

/* With the signals of others. */
static uint64_t run_with_signals(const char *arguments, size_t length)
{
        static const struct process_server handlers = {
            .next = next, .stopped = stopped, .member = member, .send = send_signal};
        struct spawn spawn = program_spawn("fixed");
        handle_t itself;
        CHECK_OK(rt_server_add(&play.server, PROCESS_INTERFACE, process_dispatch, &handlers, NULL));
        CHECK_OK(rt_server_right(&play.server, 3, &itself));
        CHECK_OK(sys_event_create(&play.signals));
        const struct spawn_grant grants[] = {{"log", itself, RIGHT_SEND},
                                             {"signals", play.signals, RIGHT_SIGNAL | RIGHT_WAIT}};
        spawn.argument_strings = (struct strings){arguments, length};
        uint64_t status = run(spawn, grants, 2);
        sys_handle_close(itself);
        sys_handle_close(play.signals);
        return status;
}

#define RUN_WITH_SIGNALS(arguments) run_with_signals(arguments, sizeof(arguments))

static void signals_of_others_reach_it_wherever_it_is(void)
{
        play_begin();
        CHECK_EQ(RUN_WITH_SIGNALS("plain\0outside"), 0);
        play_end();
}

static void what_it_has_not_set_ends_it(void)
{
        play_begin();
        CHECK_EQ(RUN_WITH_SIGNALS("plain\0ends"), LINUX_SIGNALLED + SIGTERM);
        play_end();
}

static void a_signal_stops_it_until_it_is_to_go_on(void)
{
        play_begin();
        CHECK_EQ(RUN_WITH_SIGNALS("plain\0stops"), 0);
        CHECK_EQ(play.stops, 2);
        play_end();
}

static void who_is_in_the_background_asks_for_a_signal(void)
{
        play_begin();
        play.foreground = 5;
        CHECK_EQ(RUN_WITH_SIGNALS("plain\0background"), 0);
        play_end();
}

static void what_it_sets_of_signals_it_reads_back(void)
{
        play_begin();
        CHECK_EQ(RUN("fixed", "plain\0signals"), 0);
        CHECK_EQ(RUN("fixed", "plain\0abort"), LINUX_SIGNALLED + SIGABRT);
        play_end();
}

static void debians_busybox_runs_unchanged(void)
{
        play_begin();
        CHECK_EQ(RUN("busybox", "busybox\0echo\0hello from\0Debian"), 0);
        CHECK(strcmp(play.output, "hello from Debian\n") == 0);
        CHECK_EQ(RUN("busybox", "busybox\0false"), 1);
        play_end();
}

static void without_a_layer_it_is_refused(void)
{
        struct spawn spawn = program_spawn("fixed");
        struct spawned process;
        const char *wrong = NULL;
        spawn.layer = NULL;
        CHECK_EQ(spawn_task(&spawn, &process, &wrong), not_executed(REASON_INVALID));
        CHECK(wrong && strstr(wrong, "no Linux layer"));
}

const struct test layer_tests[] = {
#define TEST(function)                                                                             \
        {                                                                                          \
#function, function                                                                \
        }
    TEST(a_program_of_anybody_finds_what_linux_gives_it),
    TEST(its_descriptors_are_those_that_it_was_given),
    TEST(its_stack_is_there_when_it_is_touched),
    TEST(its_stack_ends_somewhere),
    TEST(what_it_sets_of_signals_it_reads_back),
    TEST(signals_of_others_reach_it_wherever_it_is),
    TEST(what_it_has_not_set_ends_it),
    TEST(a_signal_stops_it_until_it_is_to_go_on),
    TEST(who_is_in_the_background_asks_for_a_signal),
    TEST(debians_busybox_runs_unchanged),
    TEST(without_a_layer_it_is_refused),
    {0},
};
