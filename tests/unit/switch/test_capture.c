/* The pcapng writer, judged by Wireshark's own programs. */
#include "tests/unit/switch/cases.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/switch/capture.h"

enum { OUTPUT_MAX = 8192 };

static const char *const names[] = {"n1", "n2", "boot"};
static char path[64];
static struct capture capture;

static void setup(void)
{
        snprintf(path, sizeof path, "/tmp/portolan-capture-%d", getpid());
        memset(&capture, 0, sizeof capture);
}

static void teardown(void)
{
        capture_stop(&capture);
        unlink(path);
}

/* Runs a shell command with the file's name for %s; returns its output, and fails if it does. */
static void output_read(const char *format, char output[OUTPUT_MAX])
{
        char command[512];
        snprintf(command, sizeof command, format, path);
        FILE *pipe = popen(command, "r");
        ck_assert_ptr_nonnull(pipe);
        output[fread(output, 1, OUTPUT_MAX - 1, pipe)] = 0;
        ck_assert_msg(pclose(pipe) == 0, "%s failed: %s", command, output);
}

static void start(void)
{
        struct problem problem;
        ck_assert_msg(capture_start(&capture, path, names, 3, 1000000000 * UINT64_C(1700000000), -1,
                                    &problem),
                      "%s", problem.text);
}

/* An ARP request, so that tshark has something to name. */
static const uint8_t arp[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52, 0x54, 0, 0, 0,
                                1,    8,    6,    0,    1,    8,    0,    6,    4, 0, 1};

START_TEST(tshark_reads_interfaces_times_and_comments)
{
        char output[OUTPUT_MAX];
        start();
        ck_assert(capture_write(&capture, 0, arp, sizeof arp, NULL, 1));
        ck_assert(capture_write(&capture, 1, arp, 59, "dropped: loss", 2000000003));
        ck_assert(capture_write(&capture, 2, arp, 58, "delayed 5.0 ms", 3000000000));
        output_read("tshark -r %s -T fields -e frame.interface_name -e frame.time_epoch "
                    "-e frame.len -e frame.comment 2>/dev/null",
                    output);
        ck_assert_str_eq(output, "n1\t1700000000.000000001\t60\t\n"
                                 "n2\t1700000002.000000003\t59\tdropped: loss\n"
                                 "boot\t1700000003.000000000\t58\tdelayed 5.0 ms\n");
}
END_TEST

START_TEST(capinfos_finds_the_file_whole)
{
        char output[OUTPUT_MAX];
        start();
        for (unsigned n = 0; n < 100; n++)
                ck_assert(capture_write(&capture, n % 3, arp, 14 + n % 46, n % 2 ? "x" : NULL, n));
        output_read("capinfos -c -I %s 2>/dev/null", output);
        ck_assert_ptr_nonnull(strstr(output, "Number of packets:   100"));
        ck_assert_ptr_nonnull(strstr(output, "Number of interfaces in file: 3"));
}
END_TEST

START_TEST(an_empty_capture_is_a_right_file)
{
        char output[OUTPUT_MAX];
        start();
        output_read("capinfos -c -I %s 2>/dev/null", output);
        ck_assert_ptr_nonnull(strstr(output, "Number of packets:   0"));
}
END_TEST

START_TEST(long_frames_are_cut_and_say_so)
{
        static const uint8_t frame[65535];
        char output[OUTPUT_MAX];
        start();
        ck_assert(capture_write(&capture, 0, frame, sizeof frame, "dropped: malformed", 1));
        output_read("tshark -r %s -T fields -e frame.len -e frame.cap_len 2>/dev/null", output);
        ck_assert_str_eq(output, "65535\t9216\n");
}
END_TEST

START_TEST(a_full_disk_fails_once_and_leaves_whole_blocks)
{
        char output[OUTPUT_MAX];
        const struct rlimit limit = {1000, 1000};
        start();
        signal(SIGXFSZ, SIG_IGN);
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
        unsigned frames = 0;
        while (capture_write(&capture, 0, arp, sizeof arp, NULL, frames))
                frames++;
        ck_assert_int_eq(capture.state, CAPTURE_FAILED);
        ck_assert(capture.error == EFBIG || capture.error == ENOSPC);
        ck_assert_uint_gt(frames, 0);
        ck_assert(capture_write(&capture, 0, arp, sizeof arp, NULL, 0));
        ck_assert_uint_eq(capture.frames, frames);
        char expected[64];
        snprintf(expected, sizeof expected, "Number of packets:   %u", frames);
        output_read("capinfos -c %s 2>/dev/null", output);
        ck_assert_ptr_nonnull(strstr(output, expected));
}
END_TEST

START_TEST(only_regular_files_are_written)
{
        struct problem problem;
        ck_assert(!capture_start(&capture, "/dev/null", names, 3, 0, -1, &problem));
        ck_assert(!capture_start(&capture, "/nonexistent/file", names, 3, 0, -1, &problem));
        ck_assert(!capture_start(&capture, "/tmp", names, 3, 0, -1, &problem));
        ck_assert_int_eq(mkfifo(path, 0600), 0);
        ck_assert(!capture_start(&capture, path, names, 3, 0, -1, &problem));
        ck_assert_int_eq(capture.state, CAPTURE_OFF);
}
END_TEST

/* Makes a folder so deep that a file in it has a path of more than `length` bytes. */
static void deep_path(char deep[PATH_MAX], size_t length)
{
        static const char part[] = "/a folder with a name that isn't short";
        snprintf(deep, PATH_MAX, "%s", path);
        ck_assert_int_eq(mkdir(deep, 0700), 0);
        while (strlen(deep) < length) {
                strcat(deep, part);
                ck_assert_int_eq(mkdir(deep, 0700), 0);
        }
        strcat(deep, "/x");
}

START_TEST(a_path_may_be_as_long_as_the_system_takes)
{
        struct problem problem;
        char deep[PATH_MAX], command[PATH_MAX + 16];
        deep_path(deep, 3000);
        ck_assert_msg(capture_start(&capture, deep, names, 3, 0, -1, &problem), "%s", problem.text);
        ck_assert_str_eq(capture.path, deep);
        /* Of one that cannot be opened, the message has the end, too. */
        ck_assert_int_eq(unlink(deep) | mkdir(deep, 0700), 0);
        ck_assert(!capture_start(&capture, deep, names, 3, 0, -1, &problem));
        ck_assert_ptr_nonnull(strstr(problem.text, "x: Is a directory; name a file"));
        snprintf(command, sizeof command, "rm -rf %s", path);
        ck_assert_int_eq(system(command), 0);
}
END_TEST

START_TEST(a_capture_that_cannot_start_leaves_the_old_one)
{
        struct problem problem;
        start();
        ck_assert(!capture_start(&capture, "/nonexistent/file", names, 3, 0, -1, &problem));
        ck_assert_int_eq(capture.state, CAPTURE_ON);
        ck_assert(capture_write(&capture, 0, arp, sizeof arp, NULL, 0));
}
END_TEST

/* Lines of a key log stand in blocks of their own, which others skip. */
START_TEST(tshark_reads_what_stands_between_secrets)
{
        static const char lines[] = "PORTOLAN_SESSION x\n";
        char output[OUTPUT_MAX];
        start();
        ck_assert(capture_secrets(&capture, lines, sizeof lines - 1));
        ck_assert(capture_write(&capture, 0, arp, sizeof arp, NULL, 1));
        ck_assert(capture_secrets(&capture, lines, sizeof lines - 1));
        ck_assert(capture_write(&capture, 1, arp, 59, NULL, 2));
        output_read("tshark -r %s -T fields -e frame.len 2>/dev/null", output);
        ck_assert_str_eq(output, "60\n59\n");
        output_read("od -An -v -tx4 -w4 %s | grep -A2 '0000000a$' | tr -d ' \\n'", output);
        ck_assert_msg(strstr(output, "50544b4c"), "%s", output);
        ck_assert_uint_eq(capture.frames, 2);
}
END_TEST

TCase *capture_case(void)
{
        TCase *tcase = tcase_create("capture");
        tcase_set_timeout(tcase, 60);
        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_add_test(tcase, tshark_reads_interfaces_times_and_comments);
        tcase_add_test(tcase, capinfos_finds_the_file_whole);
        tcase_add_test(tcase, an_empty_capture_is_a_right_file);
        tcase_add_test(tcase, long_frames_are_cut_and_say_so);
        tcase_add_test(tcase, a_full_disk_fails_once_and_leaves_whole_blocks);
        tcase_add_test(tcase, only_regular_files_are_written);
        tcase_add_test(tcase, a_path_may_be_as_long_as_the_system_takes);
        tcase_add_test(tcase, a_capture_that_cannot_start_leaves_the_old_one);
        tcase_add_test(tcase, tshark_reads_what_stands_between_secrets);
        return tcase;
}
