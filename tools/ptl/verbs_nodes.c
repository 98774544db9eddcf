/* What is asked of all nodes at once: nodes and ps. The keeper knows which have power, their batch
 * shells the rest; a node that does not answer is told, and the others are shown all the same. */
#include <stdio.h>
#include <string.h>

#include "tools/lib/clock.h"
#include "tools/lib/complain.h"
#include "tools/ptl/batch.h"
#include "tools/ptl/cluster.h"
#include "tools/ptl/names.h"
#include "tools/ptl/shown.h"
#include "tools/ptl/stage.h"
#include "tools/ptl/verbs.h"

enum {
        KEEPER_MS = 10000,
        NODES_MS = 10000,
        ANSWER_BYTES = 8192,
};

/* ---- what the keeper says ----------------------------------------------------------------------
 */

/* The nodes of the cluster. */
struct survey {
        unsigned count;
        char power[NODES_MAX][TAIL_WIDTH]; /* the keeper's line of each */
        bool ready[NODES_MAX + 1];         /* by number: it has a shell that can be asked */
        size_t used;                       /* bytes of … */
        char answer[ANSWER_BYTES];         /* … the answer of a node's shell */
};

static void survey_line(void *context, char *line)
{
        struct survey *survey = context;
        char name[NODE_NAME], stage[16];
        if (survey->count == NODES_MAX)
                return;
        snprintf(survey->power[survey->count++], TAIL_WIDTH, "%s", line);
        if (sscanf(line, "%3s on %15s", name, stage) == 2 &&
            (!strcmp(stage, stage_name(STAGE_SHELL)) || !strcmp(stage, stage_name(STAGE_JOINED))))
                survey->ready[node_number(name)] = true;
}

/* Complains where it fails. */
static bool survey_make(struct survey *survey)
{
        struct layout layout;
        struct control control;
        if (!cluster_enter(&layout) || !control_open(&control, &layout))
                return false;
        control.data = survey_line;
        control.context = survey;
        return control_ask(&control, "nodes", clock_ms() + KEEPER_MS);
}

/* Runs a command on a node's batch shell. False, with a complaint, if it has failed. */
static bool node_ask(unsigned node, const char *command, batch_sink *sink, void *context)
{
        struct batch batch;
        int64_t deadline = clock_ms() + NODES_MS;
        int status = 1;
        enum batch_end end = batch_open(&batch, node, -1, deadline);
        if (end == BATCH_DONE) {
                end = batch_run(&batch, command, deadline, sink, context, &status);
                batch_close(&batch);
        }
        if (end != BATCH_DONE)
                return complain("n%u: %s", node, batch_end_text(end));
        return status == 0 ||
               complain("n%u: `%s` failed there; `ptl log n%u` may tell why", node, command, node);
}

/* ---- nodes -------------------------------------------------------------------------------------
 */

static bool survey_output(void *context, const char *bytes, size_t count)
{
        struct survey *survey = context;
        size_t room = sizeof survey->answer - 1 - survey->used;
        count = count < room ? count : room;
        memcpy(survey->answer + survey->used, bytes, count);
        survey->used += count;
        return true;
}

/* Asks a node what the cluster thinks of all of them. */
static bool survey_ask(struct survey *survey)
{
        for (unsigned n = 1; n <= NODES_MAX; n++)
                if (survey->ready[n])
                        return node_ask(n, "nodes", survey_output, survey);
        return complain("no node has a shell that could be asked what it knows of the others");
}

/* What the answer says of the node of that name, or "". The answer is cut into lines in place. */
static const char *survey_find(const char *answer, const char *name, size_t *length)
{
        size_t width = strlen(name);
        for (const char *line = answer; *line; line += strcspn(line, "\n"), line += *line == '\n')
                if (!strncmp(line, name, width) && line[width] == ' ') {
                        *length = strcspn(line + width, "\r\n");
                        return line + width;
                }
        *length = 0;
        return "";
}

int verb_nodes(int argc, char **argv)
{
        static struct survey survey; /* large */
        (void)argc, (void)argv;
        if (!survey_make(&survey))
                return EXIT_FAILED;
        bool asked = survey_ask(&survey);
        survey.answer[survey.used] = 0;
        for (unsigned i = 0; i < survey.count; i++) {
                char name[NODE_NAME] = "", state[4] = "", stage[16] = "";
                size_t length;
                sscanf(survey.power[i], "%3s %3s %15s", name, state, stage);
                const char *power = strcmp(stage, "failed") ? state : stage;
                const char *said = survey_find(survey.answer, name, &length);
                printf("%-4s %-6s%.*s\n", name, power, (int)length, said);
        }
        return asked ? EXIT_OK : EXIT_FAILED;
}

/* ---- ps ----------------------------------------------------------------------------------------
 */

/* Of which node the lines are that are shown: its name stands before each. */
struct heading {
        char name[NODE_NAME + 2]; /* with a space behind; "": before none */
        bool within;              /* a line */
};

/* A sink. */
static bool lines_show(void *context, const char *bytes, size_t count)
{
        struct heading *heading = context;
        bool written = true;
        while (count > 0 && written) {
                const char *end = memchr(bytes, '\n', count);
                size_t part = end ? (size_t)(end - bytes) + 1 : count;
                if (!heading->within)
                        shown_write(NULL, heading->name, strlen(heading->name));
                written = shown_write(NULL, bytes, part);
                heading->within = !end;
                bytes += part;
                count -= part;
        }
        return written;
}

static bool ps_show(unsigned node, bool named)
{
        struct heading heading = {0};
        if (named)
                snprintf(heading.name, sizeof heading.name, "n%-3u ", node);
        bool shown = node_ask(node, "ps", lines_show, &heading);
        shown_end();
        return shown;
}

int verb_ps(int argc, char **argv)
{
        static struct survey survey; /* large */
        unsigned node = argc > 1 ? node_argument(argv[1]) : 0;
        bool shown = true, any = false;
        if (argc > 1 && !node)
                return EXIT_USAGE;
        if (!survey_make(&survey))
                return EXIT_FAILED;
        if (node)
                return ps_show(node, false) ? EXIT_OK : EXIT_FAILED;
        for (unsigned n = 1; n <= NODES_MAX; n++) {
                if (!survey.ready[n])
                        continue;
                any = true;
                shown = ps_show(n, true) && shown;
        }
        if (!any)
                complain("no node has a shell that could be asked; `ptl nodes` lists them");
        return any && shown ? EXIT_OK : EXIT_FAILED;
}
