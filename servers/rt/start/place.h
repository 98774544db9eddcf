/* How memory comes into a task that is being made: for the parts of spawn.h alone. */
#ifndef RT_PLACE_H
#define RT_PLACE_H

#include "servers/rt/start/spawn.h"

/* Memory charged to the task's account, mapped there with the flags, after `count` bytes were put
 * at `skew`. `address` and `bytes` are whole pages. */
outcome_t place_memory(const struct spawned *spawned, uint64_t address, uint64_t bytes,
                       unsigned flags, const void *content, uint64_t count, uint64_t skew);

/* The segments of a plan, with their content from the file at `elf`. shared: as spawn.h has it. */
outcome_t place_segments(const struct spawned *spawned, const struct elf_plan *plan,
                         const void *elf, struct spawn_shared *shared);

/* The same of a program for Linux or its layer; file: as spawn.h has it. */
outcome_t place_program(struct spawned *spawned, const struct elf_plan *plan, const void *elf,
                        handle_t file);

/* Maps what `from` has in common with others into another task, which has nothing at its place. */
outcome_t place_texts(struct spawned *spawned, const struct spawned *from);

/* Bytes of an image's stack, whole pages. */
uint64_t place_stack(const struct spawn *spawn);

/* The startup page of an image at its place; `program`: beside which it is a layer, or NULL. */
outcome_t place_page(const struct spawned *spawned, const struct spawn *spawn,
                     const struct startup_program *program);

/* Writes another number of its process to a task's startup page. */
outcome_t place_number(const struct spawned *spawned, uint64_t process);

/* Stack, startup page and thread of an image whose segments are there, in a task that has all else;
 * sets spawned->displacement, startup_page and thread. */
outcome_t place_image(struct spawned *spawned, const struct spawn *spawn,
                      const struct elf_plan *plan, const struct startup_program *program);

/* A program for Linux and its layer, in a task that is empty: everything but the start. Answers as
 * spawn_task does. */
outcome_t place_linux(struct spawned *spawned, const struct spawn *spawn,
                      const struct program *program, const char **wrong);

static inline const struct spawn_place *place_of(const struct spawn *spawn)
{
        return spawn->place ? spawn->place : &spawn_alone;
}

#endif
