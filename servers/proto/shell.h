/* What a shell and the other end of its terminal say to each other, beside keys and text: for the
 * shell and for what the host has at the other end.
 *
 *      batch terminal      other end:  COMMAND\n
 *                          shell:      output, MARK, status in decimal, \n
 *      interactive         other end:  BEGIN and SIZE; keys; SIZE again when it changes
 *                          shell:      what is to be seen; LEAVE when the user has left
 *
 * In a batch answer's output MARK comes doubled. The length of a line is bounded by one number for
 * all ways to enter one: what is longer is refused, never cut. */
#ifndef PROTO_SHELL_H
#define PROTO_SHELL_H

enum {
        SHELL_LINE_MAX = 4096, /* bytes of a command line, without its end */
        SHELL_CANCEL = 0x03,   /* Ctrl-C: ends what runs, and drops what was begun */
        SHELL_MARK = 0x1e,
        COMMANDS_CHUNK = 4096, /* bytes of output of one answer (commands.idl) */
};

/* How large the user's terminal is, for printf: rows and columns, 0 if that is not known. It comes
 * when a user begins, who is shown what is there of a line, and whenever the size changes; in the
 * form in which xterm reports it. A user who begins ends what another was pasting. */
#define SHELL_SIZE  "\x1b[8;%u;%ut"
#define SHELL_BEGIN "\x1b[201~"

/* The user has left the interactive shell. */
#define SHELL_LEAVE                                                                                \
        "\x1e"                                                                                     \
        "exit\n"

/* The batch shell has just started: whatever an earlier one had been told is lost. */
#define SHELL_ANEW "\x1e\n"

#endif
