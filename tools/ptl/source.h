/* Where in the source a line of a node's log is that names a function by its address:
 *
 *      init: echo: #1 0x5200149d say+0x1d          a backtrace (servers/rt/task/backtrace.h)
 *        from ffffffff80101234 frame_take+0x44     a panic's (kernel/debug/panic.c)
 *
 * The program is the one among those that were built that has that very function at that very
 * address; if it has been built anew since, none may have it, and nothing is said. addr2line of
 * binutils knows the line. What a guest says is hostile: only an address goes on, as a number, and
 * only of lines that no component can write, since looking for a program takes time. */
#ifndef PTL_SOURCE_H
#define PTL_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

enum { FRAME_FUNCTION = 128, SOURCE_TEXT = 512 };

struct frame {
        uint64_t address;
        uint64_t offset; /* behind the function's first instruction */
        bool is_return;  /* the address is that behind a call */
        char function[FRAME_FUNCTION];
};

/* True if a line names a function so. Pure. */
bool frame_parse(const char *line, struct frame *frame);

/* What to write behind a line: " at servers/fs/main.c:42", with where it was inlined, or "".
 * `build` is the folder of what was built. The text is good until the next call. */
const char *source_place(const char *build, const char *line);

/* The same, of the build that the running program belongs to. */
const char *source_here(const char *line);

#endif
