/* Runs the table against a partner near, far, and on a third node. A line of the log for each form:
 *
 *      sender: ok PLACE FORM
 *      sender: FAILED PLACE FORM: what came, and what should have
 *
 * then `sender: holding`, for the far node to be stopped, and at last `sender: done`. Arguments:
 * far=NODE third=NODE. */
#include <stdio.h>
#include <string.h>
#include "servers/rt/task/log.h"
#include "servers/rt/serve/service.h"
#include "tests/semantics/forms.h"

struct place {
        const char *name;
        const char *node, *by; /* by: the node whose partner hands the right on; NULL: none */
};

static outcome_t look_up(const char *node, const char *service, handle_t *right)
{
        char name[PARTNER_NAME];
        snprintf(name, sizeof(name), "%s/%s", node, service);
        if (*right)
                sys_handle_close(*right);
        *right = 0;
        return rt_lookup(name, rt_after(SOON), right);
}

static outcome_t handed_on(struct semantics *s, const char *node, handle_t by)
{
        char name[PARTNER_NAME];
        struct arrival arrival;
        struct message message = form_message(PARTNER_FIND, 0, NULL);
        int length = snprintf(name, sizeof(name), "%s/target", node);
        message.buffers[0] = (struct message_buffer){(uint64_t)name, (uint64_t)length};
        message.buffer_count = 1;
        outcome_t outcome = form_ask(s, by, &message, &arrival);
        if (s->target)
                sys_handle_close(s->target);
        s->target = outcome == OUTCOME_OK ? cap_take(&arrival.caps[0]) : 0;
        arrival_drop(&arrival);
        return outcome;
}

static outcome_t find(struct semantics *s)
{
        const struct place *place = s->context;
        handle_t by = 0;
        outcome_t outcome = look_up(".", "helper", &s->helper);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (!place->by)
                return look_up(place->node, "target", &s->target);
        outcome = look_up(place->by, "target", &by);
        if (outcome == OUTCOME_OK)
                outcome = handed_on(s, place->node, by);
        sys_handle_close(by);
        return outcome;
}

static const char *text(outcome_t outcome)
{
        return reason_text(outcome_reason(outcome));
}

static void report(struct semantics *s, const char *form, outcome_t got, outcome_t wanted)
{
        const struct place *place = s->context;
        if (got == wanted && !s->problem)
                rt_log("ok %s %s", place->name, form);
        else if (got == wanted)
                rt_log("FAILED %s %s: %s: 0x%lx", place->name, form, s->problem, s->problem_got);
        else
                rt_log("FAILED %s %s: %s%s, wanted %s%s (%s 0x%lx)", place->name, form,
                       outcome_prefix(got), text(got), outcome_prefix(wanted), text(wanted),
                       s->problem ? s->problem : "", s->problem_got);
}

static void run(struct semantics *s, struct place place)
{
        s->context = &place;
        s->far = strcmp(place.node, ".") != 0;
        semantics_run(s);
        if (s->target)
                sys_handle_close(s->target);
        s->target = 0;
}

static void holding(void)
{
        rt_log("holding");
}

/* The far node is stopped by whoever reads the log. */
static void lose(struct semantics *s, struct place place)
{
        s->context = &place;
        s->problem = NULL;
        outcome_t outcome = find(s);
        if (outcome == OUTCOME_OK)
                outcome = semantics_lose(s, holding);
        report(s, "node_lost", outcome, perhaps_executed(REASON_NODE_DIED));
}

int main(int argc, char **argv)
{
        static struct semantics s;
        const char *far = "n2", *third = "n3";
        for (int i = 1; i < argc; i++) {
                if (strncmp(argv[i], "far=", 4) == 0)
                        far = argv[i] + 4;
                if (strncmp(argv[i], "third=", 6) == 0)
                        third = argv[i] + 6;
        }
        outcome_t outcome = semantics_init(&s);
        if (outcome != OUTCOME_OK) {
                rt_log("FAILED to start: %s", text(outcome));
                return 1;
        }
        s.find = find;
        s.report = report;
        run(&s, (struct place){"near", ".", NULL});
        run(&s, (struct place){"far", far, NULL});
        run(&s, (struct place){"third", third, far});
        lose(&s, (struct place){"far", far, NULL});
        rt_log("done");
        return 0;
}
