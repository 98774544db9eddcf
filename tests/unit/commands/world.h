/* What a command sees of the system: one service, played by the test, and its own job. */
#ifndef TESTS_UNIT_COMMANDS_WORLD_H
#define TESTS_UNIT_COMMANDS_WORLD_H

#include <check.h>
#include "servers/rt/message/message.h"

enum { SERVICE = 7 }; /* the handle of every service, and of what it gives */

/* Answers a call, of whatever service: fills in the answer's words and buffer. */
typedef outcome_t answer_function(const struct message *message, struct arrival *answer);

/* An answer of so many words, the last of them the length of what is in the buffer. */
static inline outcome_t answer_bytes(struct arrival *answer, unsigned words, size_t bytes)
{
        answer->words[words - 1] = bytes;
        answer->word_count = (uint8_t)words;
        answer->bytes = bytes;
        return OUTCOME_OK;
}

/* Runs the command that `line` names, its words separated by blanks, with a service that answers
 * so. Returns its status. Fails the test if it has not ended after `most` calls. */
int command_ends(const char *line, answer_function *answer, unsigned most);

/* For the next command: the name service knows no service, for that reason. */
void services_are_absent(enum reason reason);

/* What the last command has written. */
const char *written(void);

/* The tests of shown.c. */
TCase *shown_tests(void);

#endif
