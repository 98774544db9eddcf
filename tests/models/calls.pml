/* At most once: one call slot at a caller, and its counterpart at a server, over a network that does what it
 * likes, in sessions that may be lost at any time; the server may begin another life.
 *
 *      caller: calls CALLS times, gives up at any time      server: executes, or refuses what was cancelled
 *
 * Both go from state to state by netipc/core/steps.def. A message has two fragments: so it may have been sent
 * in part, and then a VOID takes its place. What is not modelled: the order among several slots, memory.
 *
 * What has to hold is asserted: no call is executed twice, in whatever sessions; what is said of a call that
 * failed is true; and no correct peer ever uses a slot against the rules. */
#include "tests/models/network.pml"

#define CALLS 3
#define SESSIONS 2
#define PACKETS 6 /* a number for each sequence number of each session */

#define NUMBER(session, sequence) ((session) * CALLS + (sequence) - 1)

/* Packets: two fragments, VOID, CANCEL; the answer, the refusal, and the acknowledgement of a VOID. */
#define FIRST 0
#define SECOND 1
#define VOID 2
#define CANCEL 3
#define ANSWERED 4
#define REFUSED 5
#define TAKEN 6
byte sent[PACKETS];

/* What a caller is told. */
#define NOTHING 0
#define DONE 1
#define NOT_EXECUTED 2
#define PERHAPS 3

byte executed[PACKETS];
byte told[PACKETS];

#define CALL_FREE 0
#define CALL_WAITING 1
#define CALL_ABANDONED 2
#define CALL_SENDING 3
#define CALL_WITHDRAWN 4
#define CALL_ON_CALL 0
#define CALL_ON_SEND 1
#define CALL_ON_ANSWER 2
#define CALL_ON_EXPIRE 3
#define CALL_ON_WITHDRAW 4
#define CALL_ON_ACKNOWLEDGE 5
byte call_state;

inline call_step(event)
{
        if
#define CALL_STEP(from, on, to) :: call_state == CALL_##from && event == CALL_ON_##on -> call_state = CALL_##to
#include "netipc/core/steps.def"
        :: else -> assert(false) /* a step that is in no list */
        fi
}

#define SERVED_IDLE 0
#define SERVED_RECEIVING 1
#define SERVED_HELD 2
#define SERVED_EXECUTING 3
#define SERVED_REPLYING 4
#define SERVED_ON_BEGIN 0
#define SERVED_ON_HOLD 1
#define SERVED_ON_EXECUTE 2
#define SERVED_ON_ANSWER 3
#define SERVED_ON_FINISH 4
byte served_state;

inline served_step(event)
{
        if
#define SERVED_STEP(from, on, to) :: served_state == SERVED_##from && event == SERVED_ON_##on -> served_state = SERVED_##to
#include "netipc/core/steps.def"
        :: else -> assert(false)
        fi
}

byte caller_session, server_session; /* which of them each believes in */

/* ---- the caller */

byte sequence, calls, parts; /* in this session; in all; of the message, how much was sent */

inline tell(what)
{
        assert(told[NUMBER(caller_session, sequence)] == NOTHING); /* each call ends once */
        told[NUMBER(caller_session, sequence)] = what;
        assert(what != NOT_EXECUTED || executed[NUMBER(caller_session, sequence)] == 0);
        assert(what != DONE || executed[NUMBER(caller_session, sequence)] == 1)
}

#define OURS(kind) SENT(kind, NUMBER(caller_session, sequence))

active proctype caller()
{
        do
        :: d_step { call_state == CALL_FREE && calls < CALLS ->
                calls++; sequence++; parts = 0; call_step(CALL_ON_CALL) }
        :: d_step { call_state == CALL_WAITING && parts == 0 ->
                SEND(FIRST, NUMBER(caller_session, sequence)); parts = 1 }
        :: d_step { call_state == CALL_WAITING && parts == 1 ->
                SEND(SECOND, NUMBER(caller_session, sequence)); parts = 2 }
        /* Nobody wants it any more. */
        :: d_step { call_state == CALL_WAITING && parts < 2 ->
                call_step(CALL_ON_WITHDRAW); tell(NOT_EXECUTED); SEND(VOID, NUMBER(caller_session, sequence)) }
        :: d_step { call_state == CALL_WAITING && parts == 2 ->
                SEND(CANCEL, NUMBER(caller_session, sequence)); call_step(CALL_ON_EXPIRE); tell(PERHAPS) }
        :: d_step { call_state == CALL_WAITING && OURS(ANSWERED) -> call_step(CALL_ON_ANSWER); tell(DONE) }
        :: d_step { call_state == CALL_WAITING && OURS(REFUSED) -> call_step(CALL_ON_ANSWER); tell(NOT_EXECUTED) }
        :: d_step { call_state == CALL_ABANDONED && (OURS(ANSWERED) || OURS(REFUSED)) -> call_step(CALL_ON_ANSWER) }
        :: d_step { call_state == CALL_WITHDRAWN && OURS(TAKEN) -> call_step(CALL_ON_ACKNOWLEDGE) }
        /* The session is lost; the next one begins with slots as new. */
        :: d_step { caller_session < SESSIONS - 1 ->
                if
                :: call_state == CALL_WAITING && parts < 2 -> tell(NOT_EXECUTED)
                :: call_state == CALL_WAITING && parts == 2 -> tell(PERHAPS)
                :: else
                fi;
                caller_session++; sequence = 0; parts = 0; call_state = CALL_FREE }
        od
}

/* ---- the server */

byte floor, got, cancelled; /* the largest number seen; fragments of it; a number that a CANCEL was for */

#define THEIRS(kind) SENT(kind, NUMBER(server_session, number))

/* A fragment, or a VOID, has come: whether it is to be looked at. */
inline arrive(number)
{
        fresh = number > floor || (number == floor && served_state == SERVED_RECEIVING);
        if
        :: number > floor ->
                if
                :: served_state == SERVED_REPLYING -> served_step(SERVED_ON_FINISH)
                :: else
                fi;
                assert(served_state == SERVED_IDLE); /* else the caller would break the protocol */
                served_step(SERVED_ON_BEGIN); floor = number; got = 0
        :: else
        fi
}

inline complete(number)
{
        if
        :: cancelled == number -> served_step(SERVED_ON_ANSWER); SEND(REFUSED, NUMBER(server_session, number))
        :: else ->
                served_step(SERVED_ON_EXECUTE);
                executed[NUMBER(server_session, number)]++;
                assert(executed[NUMBER(server_session, number)] == 1);
                assert(told[NUMBER(server_session, number)] != NOT_EXECUTED)
        fi
}

active proctype server()
{
        byte number;
        bool fresh;
        do
        :: d_step { number = 1 }
        :: d_step { number = 2 }
        :: d_step { number = 3 }
        :: d_step { number > 0 && THEIRS(FIRST) ->
                arrive(number);
                if
                :: fresh -> got = got | 1;
                        if
                        :: got == 3 -> complete(number)
                        :: else
                        fi
                :: else
                fi; number = 0 }
        :: d_step { number > 0 && THEIRS(SECOND) ->
                arrive(number);
                if
                :: fresh -> got = got | 2;
                        if
                        :: got == 3 -> complete(number)
                        :: else
                        fi
                :: else
                fi; number = 0 }
        :: d_step { number > 0 && THEIRS(VOID) ->
                arrive(number);
                if
                :: fresh -> served_step(SERVED_ON_FINISH)
                :: else
                fi;
                SEND(TAKEN, NUMBER(server_session, number)); number = 0 }
        :: d_step { number > 0 && THEIRS(CANCEL) ->
                if
                :: number >= floor && number > cancelled -> cancelled = number
                :: else
                fi; number = 0 }
        :: d_step { served_state == SERVED_EXECUTING ->
                served_step(SERVED_ON_ANSWER); SEND(ANSWERED, NUMBER(server_session, floor)) }
        /* Another life, or a session that is lost: what is executing goes on, and is of no interest. */
        :: d_step { server_session < SESSIONS - 1 ->
                server_session++; floor = 0; got = 0; cancelled = 0; number = 0; served_state = SERVED_IDLE }
        od
}
