/* The first line of a script: which program runs it, as execve(2) has it.
 *
 *      #! [blanks] INTERPRETER [blanks ARGUMENT] newline
 *
 * The argument is one, whatever blanks are in it. Pure; the file may be anything. */
#ifndef RT_SCRIPT_H
#define RT_SCRIPT_H

#include <stddef.h>

enum { SCRIPT_LINE = 256 }; /* bytes of the line that are looked at, as on Linux */

enum script_kind {
        SCRIPT_NONE,   /* the file is no script */
        SCRIPT_BROKEN, /* no program is named, or the line is too long */
        SCRIPT_FOUND,
};

struct script {
        char line[SCRIPT_LINE];
        const char *interpreter; /* SCRIPT_FOUND: in `line` */
        const char *argument;    /* NULL: there is none */
};

/* Reads the first bytes of a file: all of it, or SCRIPT_LINE and more. */
enum script_kind script_read(const char *head, size_t count, struct script *script);

#endif
