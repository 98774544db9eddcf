/* The table of message forms (tests/semantics) on simulated nodes: its sender says in the log what
 * came of each, and that is printed, without its time:
 *
 *      boots ──> `sender: holding` ──> n2 loses its power ──> `sender: done` ──> nothing is left
 */
#include <stdio.h>
#include <string.h>
#include "tests/sim/sim.h"

#define PLAY_LIMIT (1200 * SIM_S)
#define PLAY_DRAIN (10 * SIM_S)

static struct {
        bool holding, done, failed;
} play;

static bool says(const char *line, int length, const char *what)
{
        return memmem(line, (size_t)length, what, strlen(what));
}

void play_hears(const char *text, size_t bytes)
{
        static const char who[] = "sender: ";
        const char *line = memmem(text, bytes, who, sizeof who - 1);
        if (!line)
                return;
        const int length = (int)(text + bytes - line);
        printf("%.*s\n", length, line);
        play.failed |= says(line, length, "FAILED");
        play.holding |= says(line, length, "holding");
        play.done |= says(line, length, "done");
}

static bool is_holding(void)
{
        return play.holding;
}

static bool is_done(void)
{
        return play.done;
}

static bool never(void)
{
        return false;
}

bool play_run(void)
{
        the_sim.options.nodes = 3;
        sim_begin();
        sim_until(the_sim.now + PLAY_LIMIT, is_holding);
        if (play.holding) {
                node_crash(&the_sim.node[1]);
                the_sim.node[1].hurt_at = the_sim.now;
                sim_until(the_sim.now + PLAY_LIMIT, is_done);
        }
        if (!play.done)
                sim_fail("the sender does not come to its end");
        sim_until(the_sim.now + PLAY_DRAIN, never);
        node_check(&the_sim.node[0]);
        node_check(&the_sim.node[2]);
        sim_end();
        if (the_sim.failure)
                printf("%s\n", the_sim.failure);
        return !the_sim.failure && !play.failed;
}
