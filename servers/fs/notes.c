/* See notes.h. A place is found by going through all of them: they are few, and it is done when a
 * file is shared, not when it is read. */
#include "servers/fs/notes.h"

#include <assert.h>
#include <string.h>

#define NOTES_MAGIC 0x317365746f6e7366ull

static size_t place_of(const struct notes *notes, const struct note *note)
{
        const size_t place = (size_t)(note - notes->memory->list);
        assert(place < NOTES);
        return place;
}

void notes_begin(struct notes *notes, struct notes_memory *memory)
{
        *notes = (struct notes){.memory = memory};
        if (!memory)
                return;
        if (memory->magic != NOTES_MAGIC)
                memset(memory, 0, sizeof *memory);
        memory->magic = NOTES_MAGIC;
        for (size_t i = 0; i < NOTES; i++) {
                const struct note *note = &memory->list[i];
                notes->before[i].waits = note->token != 0;
                notes->before[i].request = note->request;
                notes->before[i].request_at = note->request_at;
        }
}

struct note *note_add(struct notes *notes, uint64_t token, uint64_t badge)
{
        struct note *place = NULL;
        for (size_t i = 0; notes->memory && i < NOTES; i++) {
                struct note *note = &notes->memory->list[i];
                if (!note->token || (!place && notes->before[i].waits))
                        place = note;
                if (!note->token)
                        break;
        }
        if (!place || !token)
                return NULL;
        note_drop(notes, place);
        place->token = token;
        notes->badges[place_of(notes, place)] = badge;
        return place;
}

struct note *note_find(const struct notes *notes, uint64_t token)
{
        for (size_t i = 0; notes->memory && token && i < NOTES; i++)
                if (notes->memory->list[i].token == token)
                        return &notes->memory->list[i];
        return NULL;
}

uint64_t note_badge(const struct notes *notes, const struct note *note)
{
        return notes->badges[place_of(notes, note)];
}

void note_resumed(struct notes *notes, const struct note *note, uint64_t badge)
{
        const size_t place = place_of(notes, note);
        assert(notes->before[place].waits && !notes->badges[place]);
        notes->before[place].waits = false;
        notes->before[place].resumed = true;
        notes->badges[place] = badge;
}

bool note_executed(const struct notes *notes, const struct note *note, uint64_t request,
                   uint64_t *at)
{
        const size_t place = place_of(notes, note);
        *at = notes->before[place].request_at;
        return request && notes->before[place].request == request;
}

void note_closed(struct notes *notes, struct note *note)
{
        const size_t place = place_of(notes, note);
        if (!notes->before[place].resumed) {
                note_drop(notes, note);
                return;
        }
        notes->before[place].waits = true;
        notes->badges[place] = 0;
}

void note_drop(struct notes *notes, struct note *note)
{
        const size_t place = place_of(notes, note);
        *note = (struct note){0};
        notes->badges[place] = 0;
        memset(&notes->before[place], 0, sizeof notes->before[place]);
}
