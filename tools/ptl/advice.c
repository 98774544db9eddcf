/* Which error asks for which advice; see advice.h. */
#include "tools/ptl/advice.h"

#include <errno.h>

const char *advice(int error)
{
        switch (error) {
        case ENOSPC:
        case EDQUOT:
                return "make room, or choose another run directory by PTL_DIR=DIR";
        case EMFILE:
                return "allow more open files by `ulimit -n`";
        case ENFILE:
                return "the host has no file descriptor left; end something";
        case EAGAIN:
        case ENOMEM:
                return "the host has no memory or no process left; end something";
        default:
                return "PTL_DIR=DIR chooses another run directory";
        }
}
