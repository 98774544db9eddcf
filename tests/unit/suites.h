/* The end of a Check program's main(). */
#ifndef TESTS_UNIT_SUITES_H
#define TESTS_UNIT_SUITES_H

#include <check.h>
#include <stdarg.h>
#include <stdlib.h>

/* Runs the suites, up to a NULL; CK_VERBOSITY says how loudly. Returns the program's status. */
__attribute__((sentinel)) static inline int suites_run(Suite *suite, ...)
{
        SRunner *runner = srunner_create(suite);
        va_list more;
        va_start(more, suite);
        while ((suite = va_arg(more, Suite *)))
                srunner_add_suite(runner, suite);
        va_end(more);
        srunner_run_all(runner, CK_ENV);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
