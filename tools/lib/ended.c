/* Puts the status of a child process into words; see ended.h. */
#include "tools/lib/ended.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

void ended_text(int status, char text[ENDED_TEXT])
{
        if (WIFSIGNALED(status))
                snprintf(text, ENDED_TEXT, "was killed by signal %d (%s)", WTERMSIG(status),
                         strsignal(WTERMSIG(status)));
        else
                snprintf(text, ENDED_TEXT, "ended with status %d", WEXITSTATUS(status));
}
