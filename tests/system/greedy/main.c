/* A hostile program: asks for more names than there are places for, none of which ever comes. */
#include <stdio.h>

#include "servers/proto/name.h"
#include "servers/rt/serve/service.h"

enum { QUESTIONS = 40, DONE = 1 };

int main(void)
{
        static const char never[] = "n9/fs";
        handle_t event = 0, call = 0;
        uint64_t bits;
        outcome_t outcome = sys_event_create(&event);
        for (int i = 0; i < QUESTIONS && outcome == OUTCOME_OK; i++) {
                outcome = sys_call_create(event, DONE, &call);
                if (outcome == OUTCOME_OK)
                        outcome = name_lookup_start(rt_names(), call, TIME_NEVER, never,
                                                    sizeof never - 1, NAME_WAIT_ALWAYS);
        }
        printf("%s\n", outcome == OUTCOME_OK ? "asks" : "cannot ask");
        fflush(stdout);
        while (sys_event_wait(event, DONE, TIME_NEVER, &bits) == OUTCOME_OK)
                ;
        return 1;
}
