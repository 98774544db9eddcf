/* A partner as a component: it registers under its component's name. */
#include "servers/rt/task/log.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/start/startup.h"
#include "tests/semantics/partner.h"

int main(void)
{
        static struct partner partner;
        handle_t right;
        outcome_t outcome = partner_init(&partner, &right);
        if (outcome == OUTCOME_OK)
                outcome = rt_register(rt_component(), right);
        if (outcome == OUTCOME_OK)
                outcome = rt_serve(&partner.server);
        rt_log("ended: %s", reason_text(outcome_reason(outcome)));
        return 1;
}
