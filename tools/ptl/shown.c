/* Writes what nodes say; see shown.h. */
#include "tools/ptl/shown.h"

#include <stdio.h>
#include <unistd.h>

#include "servers/rt/pure/visible.h"

static struct visible visible;

static void to_stdout(void *unused, const char *bytes, size_t count)
{
        (void)unused;
        fwrite(bytes, 1, count, stdout);
}

bool shown_write(void *unused, const char *bytes, size_t count)
{
        (void)unused;
        if (isatty(STDOUT_FILENO))
                visible_write(&visible, bytes, count, to_stdout, NULL);
        else
                to_stdout(NULL, bytes, count);
        return !fflush(stdout) && !ferror(stdout);
}

void shown_end(void)
{
        visible_end(&visible, to_stdout, NULL);
}
