/* How a child process ended, for messages: `ended with status 3`, `was killed by signal 9
 * (Killed)`. */
#ifndef TOOLS_ENDED_H
#define TOOLS_ENDED_H

enum { ENDED_TEXT = 96 };

/* status is waitpid's. */
void ended_text(int status, char text[ENDED_TEXT]);

#endif
