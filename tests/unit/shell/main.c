/* Runs the unit tests of servers/shell. */
#include "tests/unit/shell/test_shell.h"
#include "tests/unit/suites.h"

int main(void)
{
        return suites_run(words_suite(), editor_suite(), search_suite(), width_suite(),
                          asks_suite(), keyboard_suite(), completion_suite(), environment_suite(),
                          signals_suite(), folder_suite(), NULL);
}
