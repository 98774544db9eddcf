/* The key log: what is taken of what nodes write, and where it goes. */
#include "tests/unit/switch/cases.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/switch/capture.h"
#include "tools/switch/secrets.h"

#define KEY "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char line[] =
    "PORTOLAN_SESSION " KEY " 00000100 00000200 aes-256-gcm " KEY " " KEY "\n";

static char folder[64];
static struct secrets secrets;
static char taken[8192];
static int failure;
static int node[3]; /* from 1 */

static void on_line(void *context, const char *text, size_t length)
{
        (void)context;
        strncat(taken, text, length);
}

static void on_failed(void *context, const char *path, int error)
{
        (void)context;
        ck_assert_str_eq(path, "log");
        ck_assert_int_eq(failure, 0);
        failure = error;
}

static void setup(void)
{
        struct problem problem;
        snprintf(folder, sizeof folder, "/tmp/portolan-secrets-%d", getpid());
        ck_assert_int_eq(
            mkdir(folder, 0700) | chdir(folder) | mkdir("n1", 0700) | mkdir("n2", 0700), 0);
        node[1] = open("n1/keylog", O_WRONLY | O_CREAT | O_APPEND, 0600);
        node[2] = open("n2/keylog", O_WRONLY | O_CREAT | O_APPEND, 0600);
        secrets_init(&secrets, (struct secrets_env){NULL, on_line, on_failed});
        ck_assert(secrets_start(&secrets, "log", &problem));
        ck_assert(secrets_add_node(&secrets, "n1", &problem));
        ck_assert(secrets_add_node(&secrets, "n2", &problem));
        taken[0] = 0;
        failure = 0;
}

static void teardown(void)
{
        char command[80];
        secrets_stop(&secrets);
        snprintf(command, sizeof command, "rm -rf %s", folder);
        ck_assert_int_eq(system(command), 0);
}

static void say(unsigned number, const char *text)
{
        ck_assert_int_eq(write(node[number], text, strlen(text)), (ssize_t)strlen(text));
        secrets_take(&secrets, number - 1);
}

static const char *file(void)
{
        static char text[8192];
        FILE *opened = fopen("log", "r");
        text[fread(text, 1, sizeof text - 1, opened)] = 0;
        fclose(opened);
        return text;
}

START_TEST(a_line_is_taken_once_when_it_is_whole)
{
        char half[sizeof line];
        snprintf(half, sizeof half, "%.100s", line);
        say(1, half);
        say(2, line);
        ck_assert_str_eq(taken, line);
        say(1, line + 100);
        ck_assert_uint_eq(strlen(taken), 2 * strlen(line));
        ck_assert_str_eq(taken + strlen(line), line);
        ck_assert_str_eq(file(), taken);
        secrets_take(&secrets, 2); /* not a node */
        ck_assert_uint_eq(strlen(taken), 2 * strlen(line));
}
END_TEST

START_TEST(what_is_no_line_of_a_key_log_is_left_out)
{
        char longer[2000] = "";
        say(1, "something else\n\n");
        while (strlen(longer) + sizeof line < sizeof longer)
                sprintf(longer + strlen(longer), "%.200s", line);
        say(1, longer);
        say(1, "\n");
        say(1, line);
        ck_assert_str_eq(taken, line);
        ck_assert_str_eq(file(), line);
}
END_TEST

START_TEST(only_its_owner_can_read_the_file)
{
        struct stat status;
        struct problem problem;
        struct secrets other;
        ck_assert_int_eq(stat("log", &status), 0);
        ck_assert_uint_eq(status.st_mode & 0777, 0600);
        close(open("mine", O_WRONLY | O_CREAT, 0644));
        secrets_init(&other, (struct secrets_env){NULL, on_line, on_failed});
        ck_assert(secrets_start(&other, "mine", &problem));
        ck_assert_int_eq(stat("mine", &status), 0);
        ck_assert_uint_eq(status.st_mode & 0777, 0600);
        secrets_stop(&other);
}
END_TEST

START_TEST(what_cannot_be_followed_is_named)
{
        struct problem problem;
        ck_assert(!secrets_add_node(&secrets, "n3", &problem));
        ck_assert_ptr_nonnull(strstr(problem.text, "n3/keylog: No such file"));
        ck_assert_int_eq(mkdir("n3", 0700) | symlink("../n1/keylog", "n3/keylog"), 0);
        ck_assert(!secrets_add_node(&secrets, "n3", &problem));
}
END_TEST

START_TEST(a_file_that_cannot_be_written_is_told_once)
{
        int own = secrets.fd;
        secrets.fd = open("/dev/full", O_WRONLY);
        say(1, line);
        say(1, line);
        ck_assert_int_eq(failure, ENOSPC);
        ck_assert_uint_eq(strlen(taken), 2 * strlen(line)); /* the capture's */
        close(own);
}
END_TEST

START_TEST(a_capture_begins_with_all_that_there_is)
{
        static const char *const names[] = {"n1"};
        static char text[65536];
        struct capture capture = {.state = CAPTURE_OFF};
        struct problem problem;
        struct stat status;
        for (unsigned i = 0; i < 30; i++)
                say(1 + i % 2, line);
        ck_assert(capture_start(&capture, "a", names, 1, 0, secrets.fd, &problem));
        capture_stop(&capture);
        ck_assert_int_eq(stat("a", &status), 0);
        ck_assert_uint_eq(status.st_mode & 0777, 0600);
        FILE *opened = fopen("a", "r");
        size_t length = fread(text, 1, sizeof text - 1, opened);
        fclose(opened);
        unsigned found = 0;
        for (size_t i = 0; i + strlen(line) <= length; i++)
                found += !memcmp(text + i, line, strlen(line));
        ck_assert_uint_eq(found, 30);
}
END_TEST

TCase *secrets_case(void)
{
        TCase *tcase = tcase_create("secrets");
        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_add_test(tcase, a_line_is_taken_once_when_it_is_whole);
        tcase_add_test(tcase, what_is_no_line_of_a_key_log_is_left_out);
        tcase_add_test(tcase, only_its_owner_can_read_the_file);
        tcase_add_test(tcase, what_cannot_be_followed_is_named);
        tcase_add_test(tcase, a_file_that_cannot_be_written_is_told_once);
        tcase_add_test(tcase, a_capture_begins_with_all_that_there_is);
        return tcase;
}
