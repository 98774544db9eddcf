/* What init's parts run on in these tests: handles that can die, and a name service's side of its
 * calls. Everything begins anew with world_begin(). */
#ifndef TESTS_INIT_WORLD_H
#define TESTS_INIT_WORLD_H

#include <check.h>
#include "servers/init/init.h"

enum { WORLD_HANDLES = 64 };

struct world {
        struct {
                bool open, dead;
                handle_t origin; /* whose copy it is; dies with it */
        } handles[WORLD_HANDLES];
        handle_t admission; /* by which the name service is asked; 0: nobody is there */
        outcome_t answer;   /* of calls under way, when they are collected */
        handle_t right;     /* that comes with it */
        unsigned told;      /* entries that the name service was told of */
        unsigned ended;     /* components that init has ended */
        unsigned refused;   /* … because others did not admit them */
        unsigned installed; /* who waited for the start of a program, and was told that it runs */
};

extern struct world world;

void world_begin(void);

TCase *trials_tests(void);

handle_t handle_new(void);
void handle_die(handle_t handle);
bool handle_open(handle_t handle);

#endif
