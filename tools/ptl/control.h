/* The client's side of the keeper's control protocol (keeper.h). */
#ifndef PTL_CONTROL_H
#define PTL_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/ptl/layout.h"
#include "tools/ptl/lines.h"

enum answer { ANSWER_NONE, ANSWER_OK, ANSWER_ERROR, ANSWER_GONE };
enum { CONTROL_CAPTURE = 1 }; /* the bit of the capture in `failed` */

struct control {
        int fd;
        bool raw;        /* the terminal is in raw mode: lines end with \r\n */
        bool quiet;      /* no complaints: the caller says what is wrong */
        unsigned failed; /* bit n is set once node n stopped or could not come up; bit 0: capture */
        enum answer answer;  /* to the latest command */
        line_function *data; /* gets the data lines; NULL prints them */
        void *context;
        struct line_reader lines;
};

/* Connects to a socket of the cluster of the run directory, the working directory. -1 with a
 * complaint if that is not possible. */
int control_connect(const struct layout *layout, const char *socket);

/* Connects to the keeper of the cluster of the run directory, the same way. False with a
 * complaint. */
bool control_open(struct control *control, const struct layout *layout);

/* Uses a connection that is there already. */
void control_adopt(struct control *control, int fd);

/* Sends a command, and sets the answer to ANSWER_NONE. */
void control_send(struct control *control, const char *command);

/* Reads what is there, shows progress and errors on standard error, and returns the answer so far.
 */
enum answer control_read(struct control *control);

/* Sends a command and waits for its answer, but no longer than the deadline (then it complains, as
 * it does if the keeper is gone). True if the answer is ok. */
bool control_ask(struct control *control, const char *command, int64_t deadline);

#endif
