/* How an operation ended: the one error type of the system.
 *
 * An outcome is 16 bits, so it fits a message header and the wire. The low byte says why
 * (errors.def), the next byte what is known of the execution:
 *
 *      0x0000                 ok
 *      0x00rr  answered       the receiver executed the request and says r itself
 *      0x01rr  not executed   the receiver has not seen the request, and never will
 *      0x02rr  perhaps        the receiver may have executed it, in part or in whole
 *
 * Errors of system calls that are no messages are `not executed`.
 *
 * The kernel says `not executed` of what it did not deliver. Who answers a call has seen it: such a
 * claim becomes `answered`, with the same reason, unless the call came by a right with RIGHT_PROXY,
 * whose receiver speaks for another. (Busy becomes it always: `not executed: busy` is what
 * call_finish says of a call that is under way.) `perhaps` claims less and may be said by anybody.
 */
#ifndef ABI_OUTCOME_H
#define ABI_OUTCOME_H

#include <stdint.h>

typedef uint16_t outcome_t;

enum reason {
#define REASON(name, number, text) REASON_##name = (number),
#include "kernel/abi/errors.def"
#undef REASON
        REASON_END = 128, /* they are 1 to 127 */
};

enum outcome_class {
        OUTCOME_ANSWERED = 0,
        OUTCOME_NOT_EXECUTED = 1,
        OUTCOME_PERHAPS_EXECUTED = 2,
};

enum { OUTCOME_OK = 0 };

static inline outcome_t answered(enum reason reason)
{
        return (outcome_t)reason;
}

static inline outcome_t not_executed(enum reason reason)
{
        return (outcome_t)(OUTCOME_NOT_EXECUTED << 8 | (unsigned)reason);
}

static inline outcome_t perhaps_executed(enum reason reason)
{
        return (outcome_t)(OUTCOME_PERHAPS_EXECUTED << 8 | (unsigned)reason);
}

static inline unsigned outcome_reason(outcome_t outcome)
{
        return outcome & 0xff;
}

static inline enum outcome_class outcome_class(outcome_t outcome)
{
        return (enum outcome_class)(outcome >> 8);
}

/* Not 0 if it is ok, or one of the three classes with a reason. */
static inline int outcome_valid(outcome_t outcome)
{
        return outcome == OUTCOME_OK ||
               (outcome_class(outcome) <= OUTCOME_PERHAPS_EXECUTED && outcome_reason(outcome) &&
                outcome_reason(outcome) < REASON_END);
}

/* The text of errors.def for a reason, "ok" for 0, or "unknown reason": never NULL. */
static inline const char *reason_text(unsigned reason)
{
        switch (reason) {
        case 0:
                return "ok";
#define REASON(name, number, text)                                                                 \
        case number:                                                                               \
                return text;
#include "kernel/abi/errors.def"
#undef REASON
        default:
                return "unknown reason";
        }
}

/* What is known of the execution, as a prefix of the text: "", "not executed: " or
 * "perhaps executed: ". */
static inline const char *outcome_prefix(outcome_t outcome)
{
        switch (outcome_class(outcome)) {
        case OUTCOME_NOT_EXECUTED:
                return "not executed: ";
        case OUTCOME_PERHAPS_EXECUTED:
                return "perhaps executed: ";
        default:
                return "";
        }
}

#endif
