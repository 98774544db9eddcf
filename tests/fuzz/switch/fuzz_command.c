/* Fuzzes the control commands: every line is answered by lines of which the last is `ok` or `error:
 * …`, and every setting stays within its bounds. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tools/switch/command.h"

static struct fabric fabric;
static struct capture capture;
static struct journal journal;

static enum delivery deliver(void *context, unsigned port, const uint8_t *frame, size_t length,
                             uint64_t now)
{
        (void)context, (void)port, (void)frame, (void)length, (void)now;
        return DELIVERED;
}

static void record(void *context, unsigned port, const uint8_t *frame, size_t length,
                   const char *comment, uint64_t now)
{
        (void)context, (void)port, (void)frame, (void)length, (void)now;
        assert(!comment || strlen(comment) < COMMENT_MAX);
}

static void impairment_check(const struct impairment *i)
{
        assert(i->loss <= PPM && i->duplicate <= PPM && i->reorder <= PPM && i->corrupt <= PPM);
        assert(i->delay <= DELAY_MAX_NS && i->jitter <= i->delay);
        assert(i->rate == 0 || (i->rate >= RATE_MIN && i->rate <= RATE_MAX));
}

static void answer_check(const struct buffer *answer)
{
        assert(!answer->overflow && answer->used > 0);
        assert(answer->bytes[answer->used - 1] == '\n');
        const char *last = memrchr(answer->bytes, '\n', answer->used - 1);
        last = last ? last + 1 : answer->bytes;
        assert(strcmp(last, "ok\n") == 0 || strncmp(last, "error: ", 7) == 0);
}

static void fabric_make(void)
{
        const struct fabric_env env = {NULL, deliver, record};
        fabric_init(&fabric, env, 1);
        fabric_add_node(&fabric, "n1", (struct mac){{2, 0, 0, 0, 0, 1}});
        fabric_add_node(&fabric, "n2", (struct mac){{2, 0, 0, 0, 0, 2}});
        fabric_add_node(&fabric, "n12", (struct mac){{2, 0, 0, 0, 0, 3}});
        fabric_add_gateway(&fabric, (struct mac){{2, 0, 0, 0, 0, 4}});
}

static void line_run(struct testbed *testbed, const char *line)
{
        static const uint8_t frame[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1};
        struct buffer answer = {0};
        command_run(testbed, line, &answer);
        answer_check(&answer);
        buffer_free(&answer);
        for (unsigned from = 0; from < fabric.ports; from++) {
                for (unsigned to = 0; to < fabric.ports; to++)
                        impairment_check(fabric_impairment(&fabric, from, to));
        }
        for (unsigned n = 0; n < 4; n++)
                fabric_input(&fabric, 0, frame, sizeof frame, n * 1000000);
        fabric_run(&fabric, UINT64_MAX / 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct testbed testbed = {
            .fabric = &fabric, .capture = &capture, .journal = &journal, .key_log = -1};
        char *lines = malloc(size + 1), *rest = lines, *line;
        assert(lines);
        memcpy(lines, data, size);
        lines[size] = 0;
        fabric_make();
        while ((line = strsep(&rest, "\n"))) {
                /* Writing files that the input names is what `capture` is for, but not here. */
                if (!strstr(line, "capture"))
                        line_run(&testbed, line);
        }
        fabric_destroy(&fabric);
        free(lines);
        return 0;
}
