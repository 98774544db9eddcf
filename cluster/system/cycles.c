/* See cycles.h. Depth first through the graph of who waits for whom. */
#include "cluster/system/cycles.h"

#include <stdio.h>

/* Every component calls the name service, and all but that one write to the log, without a line in
 * the manifest. */
static bool waits_anyway(const struct system *system, component_ref from, component_ref to,
                         enum admission which)
{
        return component_admits(system, to, which) && !component_admits(system, from, which) &&
               !component_admits(system, from, ADMISSION_NAME);
}

/* The name by which one component waits for another; an empty text if it does not. */
static struct text waits_for(const struct system *system, component_ref from, component_ref to)
{
        FOR_EACH_MANIFEST(system, from, entry)
        for (unsigned i = 0; i < entry->manifest.needs.count; i++)
                if (component_provides(system, to, entry->manifest.needs.names[i]))
                        return entry->manifest.needs.names[i];
        for (enum admission which = ADMISSION_NAME; which <= ADMISSION_LOG; which++)
                if (waits_anyway(system, from, to, which))
                        return text_of(admission_name(which));
        return (struct text){NULL, 0};
}

enum visit { UNSEEN, ON_PATH, DONE };

struct search {
        struct system *system;
        enum visit visits[DESCRIPTION_COMPONENTS];
        unsigned path[DESCRIPTION_COMPONENTS];
        unsigned length;
};

static void cycle_complain(struct search *search, unsigned again)
{
        char chain[1024];
        size_t used = 0;
        unsigned begin = 0;
        while (search->path[begin] != again)
                begin++;
        for (unsigned i = begin; i < search->length && used < sizeof chain; i++) {
                component_ref from = component_at(search->system, search->path[i]);
                component_ref to = component_at(
                    search->system, i + 1 < search->length ? search->path[i + 1] : again);
                struct text name = waits_for(search->system, from, to);
                used += snprintf(chain + used, sizeof chain - used, "%s%s needs %s of %s",
                                 i == begin ? "" : ", ", shown(from->name).text, shown(name).text,
                                 shown(to->name).text);
        }
        system_complain(search->system, search->system->file,
                        component_at(search->system, again)->line,
                        "components wait for each other: %s; let one of them only ask", chain);
}

/* Depth first; the recursion is as deep as there are components. */
static void search_from(struct search *search, unsigned index)
{
        search->visits[index] = ON_PATH;
        search->path[search->length++] = index;
        for (unsigned i = 0; i < search->system->description.count; i++) {
                if (waits_for(search->system, component_at(search->system, index),
                              component_at(search->system, i))
                        .length == 0)
                        continue;
                if (search->visits[i] == ON_PATH)
                        cycle_complain(search, i);
                else if (search->visits[i] == UNSEEN)
                        search_from(search, i);
        }
        search->length--;
        search->visits[index] = DONE;
}

void check_cycles(struct system *system)
{
        struct search search = {.system = system};
        for (unsigned i = 0; i < system->description.count; i++)
                if (search.visits[i] == UNSEEN)
                        search_from(&search, i);
}
