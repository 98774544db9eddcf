/* Text mode: 80 times 25 cells of a character and a colour, read through QEMU's monitor. */
#include "tools/ptl/screen.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/lib/clock.h"
#include "tools/lib/socket.h"
#include "tools/ptl/names.h"

enum { MONITOR_MS = 1000, VGA_TEXT = 0xb8000 };

void screen_lines(const unsigned char cells[SCREEN_BYTES], struct tail *tail)
{
        for (unsigned row = 0; row < SCREEN_ROWS; row++) {
                char line[SCREEN_COLUMNS + 1];
                size_t length = 0;
                for (unsigned column = 0; column < SCREEN_COLUMNS; column++) {
                        unsigned char c = cells[2 * (row * SCREEN_COLUMNS + column)];
                        line[column] = c >= ' ' && c < 0x7f ? (char)c : ' ';
                        if (line[column] != ' ')
                                length = column + 1;
                }
                line[length] = 0;
                if (length)
                        tail_add(tail, line);
        }
}

/* Reads lines until one has the word: QMP answers `return` or `error`, and events come between. */
static bool monitor_expect(int monitor, const char *word, int64_t deadline)
{
        char line[4096];
        size_t used = 0;
        struct pollfd wait = {.fd = monitor, .events = POLLIN};
        while (poll(&wait, 1, clock_until(deadline)) > 0 && used < sizeof line - 1) {
                if (read(monitor, line + used, 1) != 1)
                        return false;
                if (line[used++] != '\n')
                        continue;
                line[used] = 0;
                used = 0;
                if (strstr(line, word))
                        return true;
        }
        return false;
}

static bool monitor_save(int monitor, const char *path, int64_t deadline)
{
        char command[256];
        int length = snprintf(command, sizeof command,
                              "{\"execute\":\"qmp_capabilities\"}\n"
                              "{\"execute\":\"pmemsave\",\"arguments\":{\"val\":%d,\"size\":%d,"
                              "\"filename\":\"%s\"}}\n",
                              VGA_TEXT, SCREEN_BYTES, path);
        return monitor_expect(monitor, "\"QMP\"", deadline) &&
               write(monitor, command, (size_t)length) == length &&
               monitor_expect(monitor, "\"return\"", deadline) &&
               monitor_expect(monitor, "\"return\"", deadline);
}

void screen_read(unsigned node, struct tail *tail)
{
        char path[NODE_FILE];
        unsigned char cells[SCREEN_BYTES];
        node_file(node, "qmp.sock", path);
        int monitor = socket_connect(path);
        if (monitor < 0)
                return;
        node_file(node, "screen", path);
        if (monitor_save(monitor, path, clock_ms() + MONITOR_MS)) {
                FILE *file = fopen(path, "re");
                if (file && fread(cells, sizeof cells, 1, file) == 1)
                        screen_lines(cells, tail);
                if (file)
                        fclose(file);
        }
        unlink(path);
        close(monitor);
}
