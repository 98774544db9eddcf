/* See installed.h. `program` of a component is what its present run was made of; it is chosen
 * anew at each start, so what goes out of use here is not in use there. */
#include "servers/init/installed.h"

#include <assert.h>
#include <string.h>
#include "servers/init/components.h"
#include "servers/init/kept.h"
#include "servers/proto/proc.h"
#include "servers/rt/pure/format.h"
#include "servers/rt/task/memory.h"

static void image_drop(struct text *image)
{
        if (image->at)
                rt_memory_free((void *)image->at, image->length);
        *image = (struct text){0};
}

static uint64_t images_bytes(const struct init *init)
{
        uint64_t bytes = 0;
        for (unsigned i = 0; i < init->count; i++)
                bytes += page_up(init->components[i].installed.length) +
                         page_up(init->components[i].before.length);
        return bytes;
}

static const char *image_map(const struct received_cap *program, uint64_t bytes, void **image)
{
        if (program->own || program->type != OBJECT_MEMORY || !program->snapshot)
                return "it has to come as a snapshot of memory";
        if (bytes == 0 || bytes > program->badge)
                return "its file is empty, or longer than the memory that it came in";
        if (rt_memory_map(program->handle, 0, page_up(bytes), MAP_READ, image) != OUTCOME_OK)
                return "it cannot be read";
        return NULL;
}

/* It serves: what it has to register is there, if there is anything. */
static bool has_started(const struct init *init, const struct component *component)
{
        return component->state == PROCESS_RUNNING &&
               (component_manifest(component)->provides.count == 0 || kept_any(init, component));
}

const char *installed_put(struct init *init, struct component *component,
                          const struct received_cap *program, uint64_t bytes)
{
        static char said[PROGRAM_WRONG];
        void *image;
        if (component->on_trial && has_started(init, component))
                installed_keep(component);
        uint64_t used = images_bytes(init);
        if (bytes > SHARE_INSTALLED || page_up(bytes) > SHARE_INSTALLED - used) {
                format_line(said, sizeof said,
                            "it has %lu KiB, and this node has %lu left for programs that are "
                            "installed: strip it (objcopy --strip-debug)",
                            (bytes + 1023) >> 10, (SHARE_INSTALLED - used) >> 10);
                return said;
        }
        const char *wrong = image_map(program, bytes, &image);
        if (wrong)
                return wrong;
        const struct spawn spawn = {.elf = image, .elf_size = bytes, .place = &component->place};
        wrong = spawn_check(&spawn);
        if (wrong) {
                rt_memory_free(image, bytes);
                return wrong;
        }
        /* One that has never served is not worth going back to. */
        if (component->on_trial)
                image_drop(&component->installed);
        else
                component->before = component->installed;
        component->installed = (struct text){image, bytes};
        component->on_trial = true;
        component->served = false;
        return NULL;
}

bool installed_program(const struct component *component, struct text *program)
{
        if (!component->installed.at)
                return false;
        *program = component->installed;
        return true;
}

bool installed_has_served(const struct component *component)
{
        return !component->on_trial || component->served;
}

void installed_keep(struct component *component)
{
        image_drop(&component->before);
        component->on_trial = false;
}

void installed_return(struct component *component)
{
        assert(component->on_trial && component->spawned.task == 0);
        image_drop(&component->installed);
        component->installed = component->before;
        component->before = (struct text){0};
        component->on_trial = false;
}

/* ---- who waits for its start -----------------------------------------------------------------
 */

/* NULL: it is not known yet; "": it runs. */
static const char *start_told(const struct init *init, const struct component *component)
{
        if (component->state == PROCESS_GIVEN_UP)
                return "its component cannot run; `ptl log` says why";
        if (!component->on_trial)
                return "it has failed, and what ran before is back; `ptl log` says how";
        return component->state == PROCESS_ENDED || has_started(init, component) ? "" : NULL;
}

void installed_tell(struct init *init, struct component *component)
{
        component->served =
            component->served || (component->on_trial && has_started(init, component));
        const char *told = component->installer ? start_told(init, component) : NULL;
        if (!told)
                return;
        proc_install_reply(component->installer, told, strlen(told));
        component->installer = 0;
}
