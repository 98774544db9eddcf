/* Posts a note on the board of servers/PATTERNS.md, says it in the log, and tries what else the
 * page promises; what is not so it says with its line. */
#include <stdio.h>
#include <string.h>
#include "servers/proto/board.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/time.h"

#define EXPECT(condition)                                                                          \
        do {                                                                                       \
                if (!(condition)) {                                                                \
                        rt_log("line %d: not so: %s", __LINE__, #condition);                       \
                        return 1;                                                                  \
                }                                                                                  \
        } while (0)

/* More than the board has places for those who wait. */
enum { GIVEN_UP = 20, ANSWERED = 1 };

int main(void)
{
        handle_t board, own, event, call;
        uint64_t version, next = 0, waited = 0, bits;
        char note[64], there[256];
        size_t length;
        EXPECT(rt_lookup("board", RT_DEADLINE, &board) == OUTCOME_OK);
        EXPECT(board_read(board, RT_DEADLINE, &version, there, sizeof there, &length) ==
               OUTCOME_OK);
        /* Who no longer waits leaves no place taken. */
        for (int i = 0; i < GIVEN_UP; i++)
                EXPECT(outcome_reason(board_wait(board, rt_after(20 * RT_MILLISECOND), version,
                                                 &next)) == REASON_DEADLINE);
        /* A right to the board's own port comes home. */
        EXPECT(sys_handle_copy(board, RIGHTS_ALL, &own) == OUTCOME_OK);
        EXPECT(board_printer(board, RT_DEADLINE, own) == answered(REASON_INVALID));
        EXPECT(sys_event_create(&event) == OUTCOME_OK &&
               sys_call_create(event, ANSWERED, &call) == OUTCOME_OK &&
               board_wait_start(board, call, RT_DEADLINE, version) == OUTCOME_OK);
        /* The later call says that the message has arrived. */
        snprintf(note, sizeof note, "note %lu", rt_now());
        EXPECT(board_post(board, RT_DEADLINE, note, strlen(note)) == OUTCOME_OK);
        EXPECT(board_read(board, RT_DEADLINE, &next, there, sizeof there, &length) == OUTCOME_OK);
        EXPECT(next != version && length == strlen(note) && memcmp(there, note, length) == 0);
        /* Who waits is answered by the change. */
        EXPECT(sys_event_wait(event, ANSWERED, RT_DEADLINE, &bits) == OUTCOME_OK &&
               board_wait_finish(call, &waited) == OUTCOME_OK && waited == next);
        /* Of a version that is no more the answer comes at once. */
        EXPECT(board_wait(board, RT_DEADLINE, version, &version) == OUTCOME_OK && version == next);
        rt_log("%s", note);
        return 0;
}
