/* The names of signal(7); see signals.h. */
#include "servers/shell/signals.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { LAST = 64 };

static const char *const names[] = {
    [SIGHUP] = "HUP",   [SIGINT] = "INT",     [SIGQUIT] = "QUIT", [SIGILL] = "ILL",
    [SIGTRAP] = "TRAP", [SIGABRT] = "ABRT",   [SIGBUS] = "BUS",   [SIGFPE] = "FPE",
    [SIGKILL] = "KILL", [SIGUSR1] = "USR1",   [SIGSEGV] = "SEGV", [SIGUSR2] = "USR2",
    [SIGPIPE] = "PIPE", [SIGALRM] = "ALRM",   [SIGTERM] = "TERM", [SIGCHLD] = "CHLD",
    [SIGCONT] = "CONT", [SIGSTOP] = "STOP",   [SIGTSTP] = "TSTP", [SIGTTIN] = "TTIN",
    [SIGTTOU] = "TTOU", [SIGWINCH] = "WINCH",
};

static unsigned number_of(const char *text)
{
        char *end;
        if (*text < '1' || *text > '9')
                return 0;
        unsigned long number = strtoul(text, &end, 10);
        return *end || number > LAST ? 0 : (unsigned)number;
}

unsigned signal_parse(const char *text)
{
        const char *name = strncmp(text, "SIG", 3) == 0 ? text + 3 : text;
        for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
                if (names[i] && strcmp(names[i], name) == 0)
                        return i;
        return number_of(text);
}
