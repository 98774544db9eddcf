/* How parameters are put into a struct message, and how what came is looked at: the same for
 * requests, answers and records. */
#ifndef IDL_MESSAGE_H
#define IDL_MESSAGE_H

#include <stdio.h>
#include "tools/idl/model.h"

/* Who gives the parameters: a method's arguments, its results, or the fields of a record. */
enum side { SIDE_IN, SIDE_OUT, SIDE_FIELD };

/* The rest of the definition of struct message rt_message, behind the members that the caller
 * wrote, and what adds the optional ones to it. method: of SIDE_OUT. */
void message_write(FILE *file, const struct parameters *parameters, enum side side,
                   const struct method *method);

/* The lines that add results of `method` which are optional words to the message `to`. */
void optionals_write(FILE *file, const struct parameters *parameters, enum side side,
                     const struct method *method, const char *to);

/* Parameters that came, as they are read from a struct arrival, request or unpacked:
 *
 *      rt_NAME_word                     an optional word
 *      rt_NAME_bytes, rt_NAME_length    optional bytes; _bytes alone: of a record or a list
 *
 * `from`: in front of words and word_count, "rt_request->"; `bytes`: where the bytes begin. */
void variables_write(FILE *file, const struct parameters *parameters, const char *from,
                     const char *bytes);

/* Behind the variables: `if (…)` that holds if a value is none of its enum, or a record or a list
 * is not what its description says, without what is to happen then. False: there is nothing to
 * check, and nothing was written. */
bool checks_write(FILE *file, const struct interface *interface,
                  const struct parameters *parameters, const char *from);

#endif
