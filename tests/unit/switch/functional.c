/* The whole program over real sockets: the test plays the nodes' QEMUs, ptl and a booting client.
 */
#include "tests/unit/switch/functional.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/switch/functional_boot.h"
#include "tests/unit/suites.h"

const char *switch_program;

static const char *const seeded[] = {"--seed", "7", "--no-boot", NULL};

static void start(void)
{
        rig_start(seeded, 0);
}

START_TEST(frames_reach_whom_they_are_for)
{
        frame_send(1, 2, 1);
        frame_expect(2, 1);
        frame_send(2, 0, 2);
        frame_expect(1, 2);
        frame_expect(3, 2);
        frame_send(3, 9, 3); /* nobody's address */
        frame_expect(1, 3);
        frame_expect(2, 3);
        frame_expect_none(3);
        ck_assert_uint_eq(stat_read("n1", "in_frames"), 1);
        ck_assert_uint_eq(stat_read("n1", "out_frames"), 2);
}
END_TEST

START_TEST(a_link_loses_delays_and_doubles_when_told)
{
        ck_assert_str_eq(command("link n1 to n2 loss 100%"), "ok\n");
        frame_send(1, 2, 1);
        frame_send(2, 1, 2);
        frame_expect(1, 2);
        ck_assert_uint_eq(stat_read("n1", "dropped_loss"), 1);
        ck_assert_str_eq(command("link n1 n2 delay 50ms dup 100%"), "ok\n");
        double sent = clock_ms();
        frame_send(1, 2, 3);
        frame_expect(2, 3);
        ck_assert(clock_ms() - sent >= 50);
        frame_expect(2, 3);
        ck_assert_str_eq(command("link n1 n2 clear"), "ok\n");
        frame_send(1, 2, 4);
        frame_expect(2, 4);
        frame_expect_none(2);
}
END_TEST

START_TEST(a_partition_parts_until_healed)
{
        ck_assert_str_eq(command("partition n1 / n2,n3"), "ok\n");
        frame_send(1, 0, 1);
        frame_send(2, 0, 2);
        frame_expect(3, 2);
        ck_assert_uint_eq(stat_read("n1", "dropped_partition"), 2);
        ck_assert_str_eq(command("heal"), "ok\n");
        frame_send(1, 0, 3);
        frame_expect(2, 3);
        frame_expect(3, 3);
        frame_expect_none(1);
}
END_TEST

START_TEST(a_node_may_vanish_and_come_back)
{
        frame_send(1, 2, 1);
        frame_expect(2, 1);
        node_close(2);
        frame_send(1, 2, 2);
        while (stat_read("n1", "dropped_no_receiver") != 1)
                ;
        node_open(2);
        frame_send(1, 2, 3);
        frame_expect(2, 3);
        frame_send(2, 1, 4);
        frame_expect(1, 4);
        close(rig.node[2]); /* killed: its socket's file stays */
        frame_send(1, 2, 5);
        while (stat_read("n1", "dropped_no_receiver") != 2)
                ;
        node_open(2);
        frame_send(1, 2, 6);
        frame_expect(2, 6);
        close(rig.node[2]); /* restarted before any frame found it missing */
        node_open(2);
        frame_send(1, 2, 7);
        frame_expect(2, 7);
}
END_TEST

START_TEST(a_node_that_does_not_read_holds_up_nobody)
{
        enum { BURST = 2000 };
        uint32_t got, next = 0;
        for (uint32_t n = 0; n < BURST; n++)
                frame_send(1, 2, n);
        frame_send(1, 3, 7);
        frame_expect(3, 7);
        unsigned long slow = stat_read("n1", "dropped_slow_receiver");
        ck_assert_uint_gt(slow, 0);
        /* What was kept comes in order, and nothing else is missing. */
        while (next < BURST - slow && frame_receive(2, &got, WAIT_MS))
                ck_assert_uint_eq(got, next++);
        ck_assert_uint_eq(next, BURST - slow);
        ck_assert_uint_ge(next, 500);
        frame_send(1, 2, 9);
        frame_expect(2, 9);
}
END_TEST

/* Which of 200 frames a seed lets through, as a line of 0 and 1. */
static void fates_read(const char *seed, char fates[201])
{
        const char *const arguments[] = {"--seed", seed, "--no-boot", "--loss", "50", NULL};
        uint32_t got = 0;
        rig_start(arguments, 0);
        memset(fates, '0', 200);
        fates[200] = 0;
        for (uint32_t n = 0; n < 200; n++)
                frame_send(1, 2, n);
        ck_assert_str_eq(command("default clear"), "ok\n");
        while (stat_read("n1", "in_frames") != 200)
                ;
        frame_send(1, 2, 1000);
        for (;;) {
                ck_assert(frame_receive(2, &got, WAIT_MS));
                if (got == 1000)
                        break;
                fates[got] = '1';
        }
        rig_stop();
}

START_TEST(a_seed_decides_what_is_lost)
{
        char first[201], again[201], other[201];
        fates_read("7", first);
        fates_read("7", again);
        fates_read("8", other);
        ck_assert_str_eq(first, again);
        ck_assert_str_ne(first, other);
        rig.pid = 0;
}
END_TEST

START_TEST(capture_can_be_switched_at_run_time)
{
        char output[4096] = "";
        ck_assert_str_eq(command("capture a.pcapng"), "ok\n");
        ck_assert_str_eq(command("link n1 n3 loss 100%"), "ok\n");
        frame_send(1, 0, 1);
        frame_expect(2, 1);
        ck_assert_ptr_nonnull(strstr(command("stats"), "\ncapture on frames=1 a.pcapng\n"));
        FILE *pipe = popen("tshark -r a.pcapng -T fields -e frame.interface_name "
                           "-e frame.comment 2>/dev/null",
                           "r");
        output[fread(output, 1, sizeof output - 1, pipe)] = 0;
        ck_assert_int_eq(pclose(pipe), 0);
        ck_assert_str_eq(output, "n1\tn3 dropped: loss\n");
        ck_assert_str_eq(command("capture off"), "ok\n");
        frame_send(1, 2, 2);
        frame_expect(2, 2);
        ck_assert_ptr_nonnull(strstr(command("stats"), "\ncapture off\n"));
}
END_TEST

START_TEST(a_full_disk_ends_the_capture_and_nothing_else)
{
        const char *const arguments[] = {"--capture", "a.pcapng", NULL};
        rig_start(arguments, 1000);
        for (uint32_t n = 0; n < 50; n++) {
                frame_send(1, 2, n);
                frame_expect(2, n);
        }
        text_expect(rig.errors, "a.pcapng: File too large; the capture ends here");
        ck_assert_ptr_nonnull(strstr(command("stats"), "\ncapture failed frames="));
}
END_TEST

static const char keys[] =
    "PORTOLAN_SESSION 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef 00000100 "
    "00000200 aes-256-gcm 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef "
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n";

/* The node has written them before it sends. */
START_TEST(keys_stand_in_the_capture_before_the_packet)
{
        const char *const arguments[] = {"--capture", "a.pcapng", "--keylog", "log", NULL};
        static char text[OUTPUT_MAX];
        rig_start(arguments, 0);
        frame_send(1, 2, 1);
        frame_expect(2, 1);
        int log = open("n2/keylog", O_WRONLY | O_APPEND);
        ck_assert_int_eq(write(log, keys, sizeof keys - 1), sizeof keys - 1);
        close(log);
        frame_send(2, 1, 0x01020304);
        frame_expect(1, 0x01020304);
        ck_assert_str_eq(command("capture off"), "ok\n");
        FILE *capture = fopen("a.pcapng", "r");
        size_t length = fread(text, 1, sizeof text, capture);
        fclose(capture);
        char *secrets = memmem(text, length, keys, sizeof keys - 1);
        char *packet = memmem(text, length, "\x01\x02\x03\x04", 4);
        packet = packet ? packet : memmem(text, length, "\x04\x03\x02\x01", 4);
        ck_assert_ptr_nonnull(secrets);
        ck_assert_ptr_nonnull(packet);
        ck_assert(secrets < packet);
}
END_TEST

START_TEST(clients_are_served_side_by_side)
{
        int others[8];
        for (unsigned i = 0; i < 8; i++)
                others[i] = control_connect();
        for (unsigned i = 0; i < 8; i++)
                ck_assert_str_eq(command_on(others[i], "heal"), "ok\n");
        ck_assert(strncmp(command_on(others[0], "nonsense"), "error: ", 7) == 0);
        for (unsigned i = 0; i < 8; i++)
                close(others[i]);
        ck_assert_str_eq(command("heal"), "ok\n");
}
END_TEST

/* The lowest descriptor that the process would get. */
static int descriptor_next(pid_t pid)
{
        char path[64];
        struct stat status;
        int fd = 0;
        do
                snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, fd++);
        while (lstat(path, &status) == 0);
        return fd - 1;
}

/* Processor time of the process so far, in clock ticks. */
static unsigned long ticks_used(pid_t pid)
{
        char path[64];
        unsigned long user = 0, system = 0;
        snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
        FILE *file = fopen(path, "r");
        ck_assert_ptr_nonnull(file);
        ck_assert_int_eq(fscanf(file,
                                "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
                                &user, &system),
                         2);
        fclose(file);
        return user + system;
}

/* Without a descriptor for it a client is told so; without even a spare one it waits until there
 * is one. In both cases the switch waits, too, instead of asking again and again. */
START_TEST(clients_are_refused_or_wait_while_there_is_no_descriptor)
{
        struct rlimit before;
        ck_assert_str_eq(command("heal"), "ok\n");
        rlim_t next = (rlim_t)descriptor_next(rig.pid);
        ck_assert_int_eq(prlimit(rig.pid, RLIMIT_NOFILE, NULL, &before), 0);
        struct rlimit few = {next, before.rlim_max};
        ck_assert_int_eq(prlimit(rig.pid, RLIMIT_NOFILE, &few, NULL), 0);
        text_expect(control_connect(), "error: the switch has no file descriptor left; ");
        few.rlim_cur = 3;
        ck_assert_int_eq(prlimit(rig.pid, RLIMIT_NOFILE, &few, NULL), 0);
        int waits = control_connect();
        unsigned long used = ticks_used(rig.pid);
        poll(NULL, 0, 1000);
        ck_assert_uint_lt(ticks_used(rig.pid) - used, 10);
        ck_assert_int_eq(prlimit(rig.pid, RLIMIT_NOFILE, &before, NULL), 0);
        ck_assert_str_eq(command_on(waits, "heal"), "ok\n");
}
END_TEST

START_TEST(a_line_without_end_is_cut_off)
{
        char bytes[3000];
        int other = control_connect();
        memset(bytes, 'x', sizeof bytes);
        send(other, bytes, sizeof bytes, MSG_NOSIGNAL);
        text_expect(other, "error: the line is too long\n");
        ck_assert_str_eq(command("heal"), "ok\n");
}
END_TEST

START_TEST(a_client_that_closes_its_side_gets_its_answer)
{
        int other = control_connect();
        ck_assert_int_eq(send(other, "heal\nheal\n", 10, MSG_NOSIGNAL), 10);
        ck_assert_int_eq(shutdown(other, SHUT_WR), 0);
        text_expect(other, "ok\nok\n");
}
END_TEST

START_TEST(quit_and_sigterm_leave_nothing)
{
        ck_assert_str_eq(command("quit"), "ok\n");
        ck_assert_int_eq(switch_wait(rig.pid), 0);
        ck_assert_int_ne(access("switch.ctl", F_OK), 0);
        ck_assert_int_ne(access("n1/switch.sock", F_OK), 0);
        rig.pid = switch_spawn(seeded, 0, &rig.output, &rig.errors);
        ck_assert_ptr_nonnull(strstr(text_expect(rig.output, "ready"), "seed=7\n"));
        kill(rig.pid, SIGTERM);
        ck_assert_int_eq(switch_wait(rig.pid), 0);
        ck_assert_int_ne(access("switch.ctl", F_OK), 0);
        rig.pid = 0;
}
END_TEST

START_TEST(a_second_switch_is_refused_and_harms_nobody)
{
        int output, errors;
        pid_t second = switch_spawn(seeded, 0, &output, &errors);
        text_expect(errors, "portolan-switch: switch.ctl: another switch runs here; ");
        ck_assert_int_eq(switch_wait(second), 1);
        frame_send(1, 2, 1);
        frame_expect(2, 1);
        ck_assert_str_eq(command("heal"), "ok\n");
}
END_TEST

START_TEST(what_a_killed_switch_left_is_replaced)
{
        kill(rig.pid, SIGKILL);
        switch_wait(rig.pid);
        ck_assert_int_eq(access("n1/switch.sock", F_OK), 0);
        rig.pid = switch_spawn(seeded, 0, &rig.output, &rig.errors);
        text_expect(rig.output, "ready");
        frame_send(1, 2, 1);
        frame_expect(2, 1);
}
END_TEST

static const struct {
        const char *arguments[4];
        const char *error;
        int status;
} wrong[] = {
    {{"--nonsense"}, "an option is not known", 2},
    {{"--dir", "/nonexistent"}, "--dir /nonexistent: No such file", 1},
    {{"--tftp", "/nonexistent"}, "--tftp /nonexistent: No such file", 1},
    {{"--capture", "/nonexistent/a"}, "/nonexistent/a: No such file", 1},
    {{"--keylog", "/nonexistent/a"}, "/nonexistent/a: No such file", 1},
    {{"--node", "n4=52:55:0a:4d:00:01"}, "a --node has the gateway's MAC", 1},
};

START_TEST(a_wrong_start_is_explained)
{
        int output, errors;
        kill(rig.pid, SIGTERM);
        switch_wait(rig.pid);
        rig.pid = 0;
        pid_t pid = switch_spawn(wrong[_i].arguments, 0, &output, &errors);
        text_expect(errors, wrong[_i].error);
        ck_assert_int_eq(switch_wait(pid), wrong[_i].status);
        ck_assert_int_ne(access("switch.ctl", F_OK), 0);
}
END_TEST

static TCase *started_case(void)
{
        TCase *tcase = tcase_create("started");
        tcase_set_timeout(tcase, 60);
        tcase_add_checked_fixture(tcase, start, rig_stop);
        tcase_add_test(tcase, frames_reach_whom_they_are_for);
        tcase_add_test(tcase, a_link_loses_delays_and_doubles_when_told);
        tcase_add_test(tcase, a_partition_parts_until_healed);
        tcase_add_test(tcase, a_node_may_vanish_and_come_back);
        tcase_add_test(tcase, a_node_that_does_not_read_holds_up_nobody);
        tcase_add_test(tcase, capture_can_be_switched_at_run_time);
        tcase_add_test(tcase, clients_are_served_side_by_side);
        tcase_add_test(tcase, clients_are_refused_or_wait_while_there_is_no_descriptor);
        tcase_add_test(tcase, a_line_without_end_is_cut_off);
        tcase_add_test(tcase, a_client_that_closes_its_side_gets_its_answer);
        tcase_add_test(tcase, quit_and_sigterm_leave_nothing);
        tcase_add_test(tcase, a_second_switch_is_refused_and_harms_nobody);
        tcase_add_test(tcase, what_a_killed_switch_left_is_replaced);
        tcase_add_loop_test(tcase, a_wrong_start_is_explained, 0, sizeof wrong / sizeof wrong[0]);
        return tcase;
}

static TCase *special_case(void)
{
        TCase *tcase = tcase_create("special");
        tcase_set_timeout(tcase, 60);
        tcase_add_checked_fixture(tcase, NULL, rig_stop);
        tcase_add_test(tcase, a_seed_decides_what_is_lost);
        tcase_add_test(tcase, a_full_disk_ends_the_capture_and_nothing_else);
        tcase_add_test(tcase, keys_stand_in_the_capture_before_the_packet);
        return tcase;
}

int main(int count, char **arguments)
{
        if (count != 2 || !(switch_program = realpath(arguments[1], NULL))) {
                fprintf(stderr, "usage: functional PORTOLAN-SWITCH\n");
                return 2;
        }
        Suite *suite = suite_create("switch over sockets");
        suite_add_tcase(suite, started_case());
        suite_add_tcase(suite, special_case());
        suite_add_tcase(suite, boot_case());
        return suites_run(suite, NULL);
}
