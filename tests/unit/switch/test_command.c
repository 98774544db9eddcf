/* The control commands, each by its answer and by what it changes. */
#include "tests/unit/switch/cases.h"

#include <stdio.h>
#include <string.h>

#include "tools/switch/command.h"

static struct fabric fabric;
static struct capture capture;
static struct journal journal;
static struct testbed testbed;
static struct buffer answer;

static enum delivery deliver(void *context, unsigned port, const uint8_t *frame, size_t length,
                             uint64_t now)
{
        (void)context, (void)port, (void)frame, (void)length, (void)now;
        return DELIVERED;
}

static void record(void *context, unsigned port, const uint8_t *frame, size_t length,
                   const char *comment, uint64_t now)
{
        (void)context, (void)port, (void)frame, (void)length, (void)comment, (void)now;
}

static void setup(void)
{
        const struct fabric_env env = {NULL, deliver, record};
        fabric_init(&fabric, env, 7);
        fabric_add_node(&fabric, "n1", (struct mac){{2, 0, 0, 0, 0, 1}});
        fabric_add_node(&fabric, "n2", (struct mac){{2, 0, 0, 0, 0, 2}});
        fabric_add_node(&fabric, "n3", (struct mac){{2, 0, 0, 0, 0, 3}});
        fabric_add_gateway(&fabric, (struct mac){{2, 0, 0, 0, 0, 4}});
        testbed = (struct testbed){
            .fabric = &fabric, .capture = &capture, .journal = &journal, .key_log = -1};
}

static void teardown(void)
{
        buffer_free(&answer);
        journal_destroy(&journal);
}

static const char *run(const char *line)
{
        answer.used = 0;
        command_run(&testbed, line, &answer);
        return answer.bytes;
}

static void expect_ok(const char *line)
{
        ck_assert_msg(strcmp(run(line), "ok\n") == 0, "%s: %s", line, answer.bytes);
}

START_TEST(link_sets_both_ways_and_to_sets_one)
{
        expect_ok("link n1 n2 loss 10% delay 5ms rate 1mbit dup 1% reorder 2% corrupt 1% mtu 1500");
        ck_assert_uint_eq(fabric.links[0][1].own.loss, 100000);
        ck_assert_uint_eq(fabric.links[1][0].own.rate, 1000000);
        expect_ok("link n1 to n2 loss 20%");
        ck_assert_uint_eq(fabric.links[0][1].own.loss, 200000);
        ck_assert_uint_eq(fabric.links[0][1].own.rate, 0);
        ck_assert_uint_eq(fabric.links[1][0].own.loss, 100000);
        expect_ok("link n3 to boot loss 1%");
        ck_assert_str_eq(run("links"), "default clear\n"
                                       "link n1 to n2 loss 20%\n"
                                       "link n2 to n1 loss 10% delay 5ms rate 1000kbit dup 1% "
                                       "reorder 2% corrupt 1% mtu 1500\n"
                                       "link n3 to boot loss 1%\nok\n");
        expect_ok("link n2 n1 clear");
        ck_assert(!fabric.links[0][1].has_own && !fabric.links[1][0].has_own);
}
END_TEST

START_TEST(default_is_set_and_cleared)
{
        expect_ok("default loss 5%");
        ck_assert_uint_eq(fabric.default_impairment.loss, 50000);
        expect_ok("default clear");
        ck_assert_uint_eq(fabric.default_impairment.loss, 0);
}
END_TEST

START_TEST(partition_makes_groups_and_heal_ends_them)
{
        expect_ok("partition n1 / n2,n3");
        ck_assert(fabric.partitioned);
        ck_assert_uint_eq(fabric.port[1].group, fabric.port[2].group);
        ck_assert_uint_ne(fabric.port[0].group, fabric.port[1].group);
        ck_assert_str_eq(run("links"), "default clear\npartition n1 / n2,n3\nok\n");
        expect_ok("partition n2");
        ck_assert_uint_eq(fabric.port[0].group, fabric.port[2].group);
        ck_assert_uint_ne(fabric.port[0].group, fabric.port[1].group);
        expect_ok("partition n1/n2/n3");
        ck_assert_uint_ne(fabric.port[0].group, fabric.port[2].group);
        expect_ok("heal");
        ck_assert(!fabric.partitioned);
}
END_TEST

static const char *const wrong[] = {
    "",
    "nonsense",
    "link",
    "link n1",
    "link n1 n2",
    "link n1 n1 loss 1%",
    "link n1 n9 loss 1%",
    "link n1 to",
    "link n1 to n2",
    "link n1 n2 loss 200%",
    "link n1 n2 clear now",
    "link n1n2n3n4n5n6n7n8n9 n2 clear",
    "default",
    "default loss",
    "partition",
    "partition /",
    "partition n1 /",
    "partition / n1",
    "partition n1 / / n2",
    "partition n1 / n1",
    "partition n1 / boot",
    "partition n1 / n2x",
    "partition n1 / n2aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "capture",
    "capture /nonexistent/file",
};

START_TEST(wrong_commands_say_why_and_change_nothing)
{
        static struct fabric before;
        memcpy(&before, &fabric, sizeof before);
        const char *text = run(wrong[_i]);
        ck_assert_msg(strncmp(text, "error: ", 7) == 0, "'%s': %s", wrong[_i], text);
        ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
        ck_assert_int_eq(memcmp(&before, &fabric, sizeof before), 0);
        ck_assert_int_eq(capture.state, CAPTURE_OFF);
}
END_TEST

START_TEST(stats_has_a_line_for_each_port)
{
        const uint8_t frame[60] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
        fabric_input(&fabric, 0, frame, sizeof frame, 0);
        const char *text = run("stats");
        ck_assert_ptr_nonnull(strstr(text, "n1 in_frames=1 in_bytes=60 out_frames=0 "));
        ck_assert_ptr_nonnull(
            strstr(text, "\nn2 in_frames=0 in_bytes=0 out_frames=1 out_bytes=60"
                         " delayed=0 doubled=0 reordered=0 corrupted=0"
                         " dropped_loss=0 dropped_partition=0"
                         " dropped_no_receiver=0 dropped_slow_receiver=0"
                         " dropped_queue_full=0 dropped_malformed=0 dropped_too_long=0\n"));
        ck_assert_ptr_nonnull(strstr(text, "\nn3 "));
        ck_assert_ptr_nonnull(strstr(text, "\nboot "));
        ck_assert_ptr_nonnull(strstr(text, "\nswitch seed=7 under_way=0\ncapture off\nok\n"));
}
END_TEST

START_TEST(events_are_told_from_the_start)
{
        journal_add(&journal, "n1 dhcp 10.77.0.11");
        journal_add(&journal, "n1 tftp boot.ipxe");
        answer.used = 0;
        ck_assert(command_run(&testbed, "events", &answer));
        ck_assert_str_eq(answer.bytes, "event n1 dhcp 10.77.0.11\nevent n1 tftp boot.ipxe\nok\n");
        ck_assert(!command_run(&testbed, "stats", &answer));
}
END_TEST

START_TEST(quit_and_help)
{
        ck_assert_ptr_nonnull(strstr(run("help"), "partition A / B,C\n"));
        ck_assert(!testbed.quit);
        expect_ok("quit");
        ck_assert(testbed.quit);
}
END_TEST

TCase *command_case(void)
{
        TCase *tcase = tcase_create("command");
        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_add_test(tcase, link_sets_both_ways_and_to_sets_one);
        tcase_add_test(tcase, default_is_set_and_cleared);
        tcase_add_test(tcase, partition_makes_groups_and_heal_ends_them);
        tcase_add_loop_test(tcase, wrong_commands_say_why_and_change_nothing, 0,
                            sizeof wrong / sizeof wrong[0]);
        tcase_add_test(tcase, stats_has_a_line_for_each_port);
        tcase_add_test(tcase, events_are_told_from_the_start);
        tcase_add_test(tcase, quit_and_help);
        return tcase;
}
