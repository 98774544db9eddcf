/* See source.h. What was found is kept, because a component that faults again and again says the
 * same each time. */
#include "tools/ptl/source.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "servers/rt/pure/symbols.h"
#include "tools/lib/clock.h"
#include "tools/ptl/arguments.h"
#include "tools/ptl/child.h"
#include "tools/ptl/layout.h"

enum { KEPT = 64, INLINED_SHOWN = 2, TOOL_MS = 10 * 1000 };

#define TOOL "addr2line"

/* ---- the line -------------------------------------------------------------------------------- */

bool frame_parse(const char *line, struct frame *frame)
{
        unsigned index = 0;
        int name = 0, end = 0;
        const char *bar = strstr(line, " | "); /* of a notice that quotes a log */
        line = bar ? bar + 3 : line;
        const char *mark = strncmp(line, "init: ", 6) ? NULL : strchr(line, '#');
        memset(frame, 0, sizeof *frame);
        if (mark && sscanf(mark, "#%5u 0x%n", &index, &name) == 1 && name)
                frame->is_return = index > 0;
        else if (mark = line, !strncmp(line, "at ", name = 3))
                frame->is_return = false;
        else if (!strncmp(line, "  from ", name = 7))
                frame->is_return = true;
        else
                return false;
        return sscanf(mark + name, "%16" SCNx64 " %127[^+ ]+0x%8" SCNx64 "%n", &frame->address,
                      frame->function, &frame->offset, &end) == 3 &&
               !mark[name + end + (int)strspn(mark + name + end, "\r\n")];
}

/* ---- the program ----------------------------------------------------------------------------- */

/* The address that belongs to the call itself. */
static uint64_t frame_code(const struct frame *frame)
{
        return frame->address - frame->is_return;
}

static bool file_has(const void *file, size_t size, const struct frame *frame)
{
        struct symbol symbol;
        return symbol_find(file, size, frame_code(frame), &symbol) &&
               symbol.offset + frame->is_return == frame->offset &&
               !strcmp(symbol.name, frame->function);
}

static bool program_has(const char *path, const struct frame *frame)
{
        struct stat info;
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        bool has = false;
        if (fd >= 0 && !fstat(fd, &info) && info.st_size > 0) {
                size_t size = (size_t)info.st_size;
                void *file = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
                if (file != MAP_FAILED) {
                        has = file_has(file, size, frame);
                        munmap(file, size);
                }
        }
        close(fd);
        return has;
}

static bool program_find(const char *build, const struct frame *frame, char path[PATH_MAX])
{
        const struct dirent *entry;
        bool found;
        snprintf(path, PATH_MAX, "%s/kernel/portolan.elf64", build);
        found = program_has(path, frame);
        snprintf(path, found ? 0 : PATH_MAX, "%s/user", build);
        DIR *folder = found ? NULL : opendir(path);
        while (folder && !found && (entry = readdir(folder))) {
                const char *dot = strrchr(entry->d_name, '.');
                if (!dot || strcmp(dot, ".elf"))
                        continue;
                found = snprintf(path, PATH_MAX, "%s/user/%s", build, entry->d_name) < PATH_MAX &&
                        program_has(path, frame);
        }
        if (folder)
                closedir(folder);
        return found;
}

/* ---- the place ------------------------------------------------------------------------------- */

/* A path as seen from the top of the sources, of which `build` is a folder. */
static const char *path_short(const char *build, const char *path)
{
        size_t top = (size_t)(strrchr(build, '/') + 1 - build);
        return strncmp(path, build, top) ? path : path + top;
}

/* Each line of the answer is FILE:LINE, with `?` for what is not known: the innermost function
 * first, then what it was inlined into. */
static void answer_take(const char *build, char *answer, char text[SOURCE_TEXT])
{
        char *rest = NULL;
        size_t used = 0;
        unsigned count = 0;
        text[0] = 0;
        for (char *place = strtok_r(answer, "\n", &rest); place && count <= INLINED_SHOWN;
             place = strtok_r(NULL, "\n", &rest), count++) {
                place[strcspn(place, " ")] = 0; /* "(discriminator 2)" */
                if (strchr(place, '?') || used >= SOURCE_TEXT)
                        return;
                used +=
                    (size_t)snprintf(text + used, SOURCE_TEXT - used, "%s%s",
                                     count ? ", inlined at " : " at ", path_short(build, place));
        }
}

static void place_find(const char *build, const struct frame *frame, char text[SOURCE_TEXT])
{
        struct arguments arguments = {.count = 0};
        char path[PATH_MAX], answer[8192];
        text[0] = 0;
        if (!program_exists(TOOL) || !program_find(build, frame, path))
                return;
        argument_add(&arguments, TOOL);
        argument_add(&arguments, "-i");
        argument_add(&arguments, "-e");
        argument_add(&arguments, "%s", path);
        argument_add(&arguments, "0x%" PRIx64, frame_code(frame));
        if (child_output(arguments.argv, answer, sizeof answer, clock_ms() + TOOL_MS))
                answer_take(build, answer, text);
}

const char *source_place(const char *build, const char *line)
{
        static struct kept {
                struct frame frame;
                char text[SOURCE_TEXT];
        } kept[KEPT];
        static unsigned next;
        struct frame frame;
        if (!frame_parse(line, &frame))
                return "";
        for (unsigned i = 0; i < KEPT; i++)
                if (!memcmp(&kept[i].frame, &frame, sizeof frame))
                        return kept[i].text;
        struct kept *place = &kept[next++ % KEPT];
        place_find(build, &frame, place->text);
        place->frame = frame;
        return place->text;
}

const char *source_here(const char *line)
{
        static char build[PATH_MAX];
        return build[0] || layout_build(build) ? source_place(build, line) : "";
}
