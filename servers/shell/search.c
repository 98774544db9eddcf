/* Searches the history; see search.h for the states. */
#include "servers/shell/search.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include "servers/rt/pure/utf8.h"
#include "servers/rt/pure/visible.h"

static void prompt_make(struct search *search)
{
        snprintf(search->prompt, sizeof search->prompt,
                 "%s '%s': ", search->none ? "no line has" : "search", search->text);
}

/* Looks for the text from the line on that is `back` lines back. */
static void find(struct search *search, const struct history *history, size_t back)
{
        search->found = history_find(history, back, search->text);
        search->none = search->found == 0;
}

void search_begin(struct search *search, size_t back)
{
        *search = (struct search){.active = true, .began = back};
        prompt_make(search);
}

static bool fits(const struct search *search, const char *character, size_t length)
{
        uint32_t code;
        utf8_next(character, length, &code);
        return visible_code(code) && length <= SEARCH_TEXT - search->length;
}

bool search_add(struct search *search, const struct history *history, const char *character,
                size_t length)
{
        assert(search->active);
        if (fits(search, character, length)) {
                memcpy(search->text + search->length, character, length);
                search->length += length;
                search->text[search->length] = 0;
                if (!search->none)
                        find(search, history, search->found > 0 ? search->found : 1);
        } else {
                search->none = true;
                search->found = 0;
        }
        prompt_make(search);
        return !search->none;
}

bool search_erase(struct search *search, const struct history *history)
{
        size_t bytes = utf8_before(search->text, search->length);
        assert(search->active);
        search->length -= bytes;
        search->text[search->length] = 0;
        if (search->length > 0)
                find(search, history, 1);
        else
                search_begin(search, search->began);
        prompt_make(search);
        return bytes > 0;
}

bool search_older(struct search *search, const struct history *history)
{
        assert(search->active);
        size_t older =
            search->found > 0 ? history_find(history, search->found + 1, search->text) : 0;
        if (older > 0)
                search->found = older;
        return older > 0;
}
