/* Programs on trial (servers/init/installed.h): only what has served is worth keeping. */
#include <string.h>
#include "servers/init/installed.h"
#include "servers/init/kept.h"
#include "tests/unit/init/world.h"

static struct init init;
static struct component *const component = &init.components[0];

static void setup(void)
{
        world_begin();
        memset(&init, 0, sizeof init);
        init.count = 1;
        component->home = component;
        component->state = PROCESS_RUNNING;
        component->manifests[0].provides.count = 1;
}

static void install(void)
{
        const struct received_cap program = {
            .type = OBJECT_MEMORY, .snapshot = true, .badge = PAGE_SIZE};
        ck_assert_ptr_null(installed_put(&init, component, &program, PAGE_SIZE));
        ck_assert(component->on_trial);
}

START_TEST(a_program_that_runs_and_registers_nothing_has_not_served)
{
        ck_assert(installed_has_served(component));
        install();
        component->installer = handle_new();
        installed_tell(&init, component);
        ck_assert(!installed_has_served(component));
        ck_assert_uint_eq(world.installed, 0);
}
END_TEST

START_TEST(a_program_has_served_once_it_has_registered_its_name)
{
        install();
        component->installer = handle_new();
        kept_add(&init, component, (struct text){"one", 3}, 0, handle_new());
        installed_tell(&init, component);
        ck_assert_uint_eq(world.installed, 1);
        kept_drop(&init, component); /* its run ends */
        ck_assert(installed_has_served(component));
        install();
        ck_assert(!installed_has_served(component));
}
END_TEST

TCase *trials_tests(void)
{
        TCase *tests = tcase_create("trials");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, a_program_that_runs_and_registers_nothing_has_not_served);
        tcase_add_test(tests, a_program_has_served_once_it_has_registered_its_name);
        return tests;
}
