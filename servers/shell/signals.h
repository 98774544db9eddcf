/* Signals by their names, as users say them. Pure. */
#ifndef SHELL_SIGNALS_H
#define SHELL_SIGNALS_H

/* The number that "TERM", "SIGTERM" or "15" stands for; 0: none. */
unsigned signal_parse(const char *text);

#endif
