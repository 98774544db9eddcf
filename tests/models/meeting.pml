/* How two nodes with keys begin a session, over a network that does what it likes: both may begin, at once
 * and again, on beacons that may be old; each may begin another life at any time. What waits for a response
 * and what was answered go by netipc/core/steps.def; which initiation is fresh is as freshness.c has it.
 *
 * A handshake is its number: they are numbered as they are begun, so a node's attempts grow. Where one is
 * answered again, by a node that has forgotten it, the keys are others: a session's number is twice that of
 * its handshake, and one more for the second answer. What has to hold is asserted: nothing that is late or repeated begins a session that
 * the peer does not have, or ends one for an older one; and where the two have different sessions, the one
 * that is behind has answered the other's, and follows with its first packet. */
#include "tests/models/network.pml"

#define HANDSHAKES 4 /* from 1 */
#define LIVES 2

#define INITIATION 0
#define RESPONSE(s) (1 + (s) % 2)
#define SEALED(s) (3 + (s) % 2)
byte sent[HANDSHAKES];

/* Of a handshake: who began it, in which life, and to which life of the other. */
byte number = 1;
byte by[HANDSHAKES], life_by[HANDSHAKES], life_to[HANDSHAKES];
bool expired[2 * HANDSHAKES]; /* of a session: its answer is not kept any more */

#define MEETING_APART 0
#define MEETING_BEGUN 1
#define MEETING_ANSWERED 2
#define MEETING_BOTH 3
#define MEETING_ON_BEGIN 0
#define MEETING_ON_FAIL 1
#define MEETING_ON_ANSWER 2
#define MEETING_ON_MEET 3

/* Of each node. */
byte life[2], meeting[2], begun[2], answer[2], session[2];
bool pending[2];       /* its attempt still waits */
/* The largest attempt that it has answered of the life of the other that it has met (1 + that; older ones are over),
 * and of one that it has not met yet. */
byte met_life[2], met_newest[2], new_life[2], new_newest[2];

#define HAS_BEGUN(n) (meeting[n] == MEETING_BEGUN || meeting[n] == MEETING_BOTH)
#define HAS_ANSWERED(n) (meeting[n] == MEETING_ANSWERED || meeting[n] == MEETING_BOTH)
#define OTHER(n) (1 - (n))
#define LIFE_OF_OTHER(n, s) (by[(s) / 2] == (n) -> life_to[(s) / 2] : life_by[(s) / 2])
#define LIVE(s) (life_by[(s) / 2] == life[by[(s) / 2]] && life_to[(s) / 2] == life[OTHER(by[(s) / 2])])
#define OVER(n, l) ((l) + 1 < met_life[n])
#define FRESH(n, h) (!OVER(n, life_by[h]) && !(met_life[n] == 1 + life_by[h] && h <= met_newest[n]) && \
                     !(new_life[n] == 1 + life_by[h] && h <= new_newest[n]))
#define FIRST 1 /* whose key is the larger */

inline meeting_step(n, event)
{
        if
#define MEETING_STEP(from, on, to) :: meeting[n] == MEETING_##from && event == MEETING_ON_##on -> meeting[n] = MEETING_##to
#include "netipc/core/steps.def"
        :: else -> assert(false) /* a step that is in no list */
        fi
}

/* The node has answered that handshake, and nothing since. */
#define WAITS_FOR(n, s) (HAS_ANSWERED(n) && answer[n] == s)
/* It has answered another life of the other than that of the handshake, which may still confirm. */
#define AWAITS_ANOTHER(n, h) (HAS_ANSWERED(n) && !expired[answer[n]] && life_by[answer[n] / 2] != life_by[h])
/* If both sessions could go on and differ, the older one is about to end. */
#define FOLLOWS(n) (session[OTHER(n)] > session[n] || expired[session[n]] || WAITS_FOR(OTHER(n), session[n]))

inline meet(n, s)
{
        meeting_step(n, MEETING_ON_MEET);
        assert(s / 2 > session[n] / 2); /* no session gives way to an older one, or to itself */
        session[n] = s;
        begun[n] = 0; answer[n] = 0;
        if
        :: met_life[n] != 1 + LIFE_OF_OTHER(n, s) ->
                met_life[n] = 1 + LIFE_OF_OTHER(n, s);
                met_newest[n] = (new_life[n] == met_life[n] -> new_newest[n] : 0);
                if
                :: new_life[n] == met_life[n] -> new_life[n] = 0; new_newest[n] = 0
                :: else
                fi
        :: else
        fi;
        if
        :: LIVE(s) && session[OTHER(n)] != s && session[OTHER(n)] && LIVE(session[OTHER(n)]) -> assert(FOLLOWS(n))
        :: else
        fi
}

proctype node(byte n)
{
        byte h, s;
        do
        /* A beacon, of this life of the other or of an earlier one. */
        :: d_step { number < HANDSHAKES && (!session[n] || LIFE_OF_OTHER(n, session[n]) != life[OTHER(n)]) ->
                by[number] = n; life_by[number] = life[n]; life_to[number] = life[OTHER(n)];
                meeting_step(n, MEETING_ON_BEGIN); begun[n] = number; pending[n] = true;
                SEND(INITIATION, number); number++ }
        :: d_step { number < HANDSHAKES && life[OTHER(n)] > 0 && (!session[n] || LIFE_OF_OTHER(n, session[n]) != 0) ->
                by[number] = n; life_by[number] = life[n]; life_to[number] = 0;
                meeting_step(n, MEETING_ON_BEGIN); begun[n] = number; pending[n] = true;
                SEND(INITIATION, number); number++ }
        :: d_step { pending[n] -> pending[n] = false }
        /* What may arrive is looked at in any order. */
        :: d_step { h < HANDSHAKES - 1 -> h++ }
        :: d_step { h > 1 -> h = 1 }
        :: d_step { h && SENT(INITIATION, h) && by[h] == OTHER(n) && life_to[h] == life[n] &&
                    !(HAS_BEGUN(n) && pending[n] && n == FIRST) && FRESH(n, h) && !AWAITS_ANOTHER(n, h) && !SENT(RESPONSE(1), h) ->
                if
                :: met_life[n] == 1 + life_by[h] -> met_newest[n] = h
                :: else -> new_life[n] = 1 + life_by[h]; new_newest[n] = h
                fi;
                answer[n] = (SENT(RESPONSE(0), h) -> 2 * h + 1 : 2 * h);
                meeting_step(n, MEETING_ON_ANSWER); begun[n] = 0; pending[n] = false;
                SEND(RESPONSE(answer[n]), h) }
        :: d_step { h && SENT(RESPONSE(0), h) && HAS_BEGUN(n) && begun[n] == h && !OVER(n, life_to[h]) ->
                s = 2 * h;
                assert(expired[s] || !LIVE(s) || WAITS_FOR(OTHER(n), s) || SENT(RESPONSE(1), h));
                meet(n, s); SEND(SEALED(s), h) }
        :: d_step { h && SENT(RESPONSE(1), h) && HAS_BEGUN(n) && begun[n] == h && !OVER(n, life_to[h]) ->
                s = 2 * h + 1;
                assert(expired[s] || !LIVE(s) || WAITS_FOR(OTHER(n), s));
                meet(n, s); SEND(SEALED(s), h) }
        :: d_step { h && HAS_ANSWERED(n) && answer[n] / 2 == h && SENT(SEALED(answer[n]), h) && !expired[answer[n]] ->
                s = answer[n];
                assert(!LIVE(s) || session[OTHER(n)] == s); /* the peer has it */
                meet(n, s) }
        :: d_step { HAS_ANSWERED(n) && !expired[answer[n]] -> expired[answer[n]] = true }
        /* Another life. */
        :: d_step { life[n] < LIVES - 1 ->
                life[n]++; meeting[n] = MEETING_APART; begun[n] = 0; answer[n] = 0; session[n] = 0;
                pending[n] = false; met_life[n] = 0; met_newest[n] = 0; new_life[n] = 0; new_newest[n] = 0 }
        od
}

init { atomic { run node(0); run node(1) } }
