/* The user's terminal under ptl: raw while a shell is used and at no other time, however ptl is
 * stopped, continued or ended; and the shell knows its size. A pseudo-terminal, with ptl's bridge
 * as a child on it and the test as the node's shell. */
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tests/unit/ptl/suites.h"
#include "tools/lib/socket.h"
#include "tools/ptl/cluster.h"
#include "tools/ptl/terminal.h"

enum {
        PATIENCE_MS = 10000,
        FULL_MS = 500, /* a terminal that takes nothing for so long is full */
};

static char folder[] = "/tmp/ptl-terminal-XXXXXX";
static int keyboard; /* the user's side of the terminal */
static int shell;    /* the node's side of the shell's line */
static pid_t leader; /* of the session, as a user's shell is */
static pid_t child;  /* the bridge: a job of the leader's in the foreground */
static int report;   /* what the leader tells: the child's number, then each of its statuses */

static void tell(int to, int number)
{
        if (write(to, &number, sizeof number) != sizeof number)
                _exit(255);
}

static int hear(void)
{
        int number;
        struct pollfd wait = {.fd = report, .events = POLLIN};
        ck_assert_int_eq(poll(&wait, 1, PATIENCE_MS), 1);
        ck_assert_int_eq(read(report, &number, sizeof number), sizeof number);
        return number;
}

static void lead(int to)
{
        int status = 0;
        signal(SIGTTOU, SIG_IGN);
        child = fork();
        if (child == 0) {
                setpgid(0, 0);
                tcsetpgrp(STDIN_FILENO, getpid());
                signal(SIGTTOU, SIG_DFL);
                _exit(terminal_bridge(1, signals_take(), NULL));
        }
        tell(to, child);
        do {
                waitpid(child, &status, WUNTRACED);
                tell(to, status);
        } while (WIFSTOPPED(status));
        pause(); /* the session goes on, as the user's does */
}

static void setup(void)
{
        int reports[2];
        struct winsize size = {.ws_row = 24, .ws_col = 60};
        ck_assert_ptr_nonnull(mkdtemp(folder));
        ck_assert_int_eq(chdir(folder), 0);
        ck_assert_int_eq(mkdir("n1", 0700), 0);
        int listener = socket_listen("n1/shell.sock");
        ck_assert_int_ge(listener, 0);
        ck_assert_int_eq(pipe(reports), 0);
        report = reports[0];
        leader = forkpty(&keyboard, NULL, NULL, &size);
        ck_assert_int_ge(leader, 0);
        if (leader == 0)
                lead(reports[1]);
        close(reports[1]);
        child = hear();
        struct pollfd wait = {.fd = listener, .events = POLLIN};
        ck_assert_int_eq(poll(&wait, 1, PATIENCE_MS), 1);
        shell = accept(listener, NULL, NULL);
        ck_assert_int_ge(shell, 0);
        close(listener);
}

static void teardown(void)
{
        kill(child, SIGKILL);
        kill(leader, SIGKILL);
        waitpid(leader, NULL, 0);
        unlink("n1/shell.sock");
        unlink("n1/shell.lock");
        rmdir("n1");
        ck_assert_int_eq(rmdir(folder), 0);
}

/* The shell is told exactly this. */
static void told(const char *expected)
{
        char text[256] = "";
        size_t length = strlen(expected);
        struct pollfd wait = {.fd = shell, .events = POLLIN};
        for (size_t used = 0; used < length;) {
                ck_assert_int_eq(poll(&wait, 1, PATIENCE_MS), 1);
                ssize_t count = recv(shell, text + used, length - used, 0);
                ck_assert_int_gt(count, 0);
                used += (size_t)count;
        }
        ck_assert_str_eq(text, expected);
}

static bool is_raw(void)
{
        struct termios now;
        ck_assert_int_eq(tcgetattr(keyboard, &now), 0);
        return !(now.c_lflag & (ICANON | ECHO | ISIG));
}

/* Somebody else makes the terminal what it is for people. */
static void cook(void)
{
        struct termios now;
        ck_assert_int_eq(tcgetattr(keyboard, &now), 0);
        now.c_lflag |= ICANON | ECHO | ISIG;
        ck_assert_int_eq(tcsetattr(keyboard, TCSANOW, &now), 0);
}

static void stop_by(int signal)
{
        kill(child, signal);
        int status = hear();
        ck_assert(WIFSTOPPED(status));
        ck_assert_int_eq(WSTOPSIG(status), signal);
}

static void expect_ended(enum bridge_end end)
{
        int status = hear();
        ck_assert(WIFEXITED(status));
        ck_assert_int_eq(WEXITSTATUS(status), end);
        ck_assert(!is_raw());
}

#define BEGIN     "\x1b[201~\x1b[8;24;60t"
#define SAME_SIZE "\x1b[8;24;60t"

START_TEST(the_shell_is_told_the_size_and_each_change)
{
        struct winsize narrow = {.ws_row = 50, .ws_col = 40};
        told(BEGIN);
        ck_assert(is_raw());
        ck_assert_int_eq(write(keyboard, "a\003\032", 3), 3);
        told("a\003\032");
        ck_assert_int_eq(ioctl(keyboard, TIOCSWINSZ, &narrow), 0);
        told("\x1b[8;50;40t");
}
END_TEST

START_TEST(stopped_by_sigstop_it_is_raw_again)
{
        told(BEGIN);
        stop_by(SIGSTOP);
        cook();
        kill(child, SIGCONT);
        told(SAME_SIZE);
        ck_assert(is_raw());
}
END_TEST

START_TEST(while_it_is_stopped_by_sigtstp_the_terminal_is_as_before)
{
        told(BEGIN);
        stop_by(SIGTSTP);
        ck_assert(!is_raw());
        kill(child, SIGCONT);
        told(SAME_SIZE);
        ck_assert(is_raw());
}
END_TEST

START_TEST(a_node_that_takes_nothing_holds_nobody_up)
{
        static char line[1024];
        struct pollfd wait = {.fd = keyboard, .events = POLLOUT};
        memset(line, 'x', sizeof line);
        told(BEGIN);
        ck_assert_int_eq(fcntl(keyboard, F_SETFL, O_NONBLOCK), 0);
        while (poll(&wait, 1, FULL_MS) == 1)
                ck_assert_int_gt(write(keyboard, line, sizeof line), 0);
        kill(child, SIGTERM);
        expect_ended(BRIDGE_SIGNAL);
}
END_TEST

static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2};

START_TEST(however_it_ends_the_terminal_is_as_before)
{
        told(BEGIN);
        kill(child, ending_signals[_i]);
        expect_ended(BRIDGE_SIGNAL);
        told("\x1b[8;0;0t");
}
END_TEST

START_TEST(left_or_closed_the_terminal_is_as_before)
{
        static const char leaving[] = "bye\r\n\x1e"
                                      "exit\r\n";
        told(BEGIN);
        if (_i == 0)
                ck_assert_int_eq(write(keyboard, "\035", 1), 1);
        else if (_i == 1)
                ck_assert_int_eq(send(shell, leaving, sizeof leaving - 1, 0), sizeof leaving - 1);
        else
                close(shell);
        expect_ended(_i < 2 ? BRIDGE_LEFT : BRIDGE_CLOSED);
}
END_TEST

Suite *terminal_suite(void)
{
        Suite *suite = suite_create("terminal");
        TCase *tests = tcase_create("terminal");
        tcase_add_checked_fixture(tests, setup, teardown);
        tcase_set_timeout(tests, 60);
        tcase_add_test(tests, the_shell_is_told_the_size_and_each_change);
        tcase_add_test(tests, stopped_by_sigstop_it_is_raw_again);
        tcase_add_test(tests, while_it_is_stopped_by_sigtstp_the_terminal_is_as_before);
        tcase_add_test(tests, a_node_that_takes_nothing_holds_nobody_up);
        tcase_add_loop_test(tests, however_it_ends_the_terminal_is_as_before, 0,
                            sizeof ending_signals / sizeof *ending_signals);
        tcase_add_loop_test(tests, left_or_closed_the_terminal_is_as_before, 0, 3);
        suite_add_tcase(suite, tests);
        return suite;
}
