/* The tables of steps.def: a machine goes on by call_step(), served_step() or meeting_step(), and
 * by nothing else, but that a new session's slots begin at 0. A step that is in no list ends the
 * program, as any false belief of the core does (state.h); no peer can cause one. */
#ifndef NETIPC_STEPS_H
#define NETIPC_STEPS_H

#include "netipc/core/state.h"

enum call_event {
        CALL_ON_CALL,
        CALL_ON_SEND,
        CALL_ON_ANSWER,
        CALL_ON_EXPIRE,
        CALL_ON_WITHDRAW,
        CALL_ON_ACKNOWLEDGE
};

enum served_event {
        SERVED_ON_BEGIN,
        SERVED_ON_HOLD,
        SERVED_ON_EXECUTE,
        SERVED_ON_ANSWER,
        SERVED_ON_FINISH
};

enum meeting_event { MEETING_ON_BEGIN, MEETING_ON_FAIL, MEETING_ON_ANSWER, MEETING_ON_MEET };

static inline void call_step(struct call_slot *call, enum call_event event)
{
        static const uint8_t next[][CALL_ON_ACKNOWLEDGE + 1] = {
#define CALL_STEP(from, event, to) [CALL_##from][CALL_ON_##event] = 1 + CALL_##to,
#include "netipc/core/steps.def"
        };
        core_assert(next[call->state][event]);
        call->state = next[call->state][event] - 1;
}

static inline void served_step(struct served_slot *served, enum served_event event)
{
        static const uint8_t next[][SERVED_ON_FINISH + 1] = {
#define SERVED_STEP(from, event, to) [SERVED_##from][SERVED_ON_##event] = 1 + SERVED_##to,
#include "netipc/core/steps.def"
        };
        core_assert(next[served->state][event]);
        served->state = next[served->state][event] - 1;
}

/* state: enum meeting_state. */
static inline void meeting_step(uint8_t *state, enum meeting_event event)
{
        static const uint8_t next[][MEETING_ON_MEET + 1] = {
#define MEETING_STEP(from, event, to) [MEETING_##from][MEETING_ON_##event] = 1 + MEETING_##to,
#include "netipc/core/steps.def"
        };
        core_assert(next[*state][event]);
        *state = next[*state][event] - 1;
}

#endif
