/* Has programs started that come in memory instead of a file, and says in the log what became of
 * each: its status, or why there is none. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "servers/proto/process.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/memory.h"

#define LARGE (3ull << 20)

static const char path[] = "/fs/bin/plain", arguments[] = "plain\0signals";

/* A memory object, and where it is mapped. */
struct content {
        handle_t memory;
        void *bytes;
};

static bool content_make(uint64_t size, struct content *content)
{
        return sys_memory_create(0, size, MEMORY_ANONYMOUS, 0, &content->memory) == OUTCOME_OK &&
               rt_memory_map(content->memory, 0, size, MAP_READ | MAP_WRITE, &content->bytes) ==
                   OUTCOME_OK;
}

static outcome_t create(handle_t server, struct send_cap program, handle_t *process)
{
        uint64_t id;
        return process_create(server, RT_DEADLINE, arguments, sizeof arguments, "", 0, "/", 1,
                              program, optional_none(), optional_none(), optional_none(), NULL, 0,
                              process, &id);
}

static void told(const char *what, outcome_t outcome)
{
        rt_log("%s: %s", what,
               outcome == OUTCOME_OK ? "granted" : reason_text(outcome_reason(outcome)));
}

/* What the memory has when the process is made counts, not what becomes of it. */
static void run(handle_t server, const char *what, const struct content *content, uint64_t size)
{
        char wrong[256];
        size_t length = 0;
        uint64_t status = 0;
        handle_t process = 0;
        outcome_t outcome = create(server, cap_copy(content->memory), &process);
        memset(content->bytes, 0, size);
        if (outcome == OUTCOME_OK)
                outcome = process_start(process, RT_DEADLINE, wrong, sizeof wrong, &length);
        if (outcome == OUTCOME_OK && length == 0)
                outcome = process_wait(process, RT_DEADLINE, optional_none(), &status);
        if (process)
                sys_handle_close(process);
        if (outcome != OUTCOME_OK)
                told(what, outcome);
        else if (length > 0)
                rt_log("%s: %.*s", what, (int)length, wrong);
        else
                rt_log("%s: status %lu", what, status);
}

static bool fill(const struct content *content, uint64_t size)
{
        int file = open(path, O_RDONLY);
        bool read_it = file >= 0 && read(file, content->bytes, size) > 0;
        close(file);
        return read_it;
}

/* What all programs of this spawner may have together, and how many they may be. */
static void bounds_try(handle_t server, const struct content *large)
{
        handle_t process[5];
        told("3 of 8 MiB", create(server, cap_copy(large->memory), &process[0]));
        told("6 of 8 MiB", create(server, cap_copy(large->memory), &process[1]));
        told("9 of 8 MiB", create(server, cap_copy(large->memory), &process[2]));
        sys_handle_close(process[0]);
        told("again 6 of 8 MiB", create(server, cap_copy(large->memory), &process[2]));
        told("shared", create(server, cap_share(large->memory), &process[3]));
}

int main(void)
{
        struct content small, large;
        const uint64_t size = 1 << 18;
        handle_t here, there;
        if (!content_make(size, &small) || !content_make(LARGE, &large) ||
            rt_lookup("./process", RT_DEADLINE, &here) != OUTCOME_OK ||
            rt_lookup("n2/process", RT_DEADLINE, &there) != OUTCOME_OK || !fill(&small, size))
                return 1;
        run(here, "here", &small, size);
        run(here, "nothing", &small, size);
        if (!fill(&small, size))
                return 1;
        run(there, "there", &small, size);
        bounds_try(here, &large);
        rt_log("done");
        return 0;
}
