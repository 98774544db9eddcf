/* Runs the unit tests of servers/fs. */
#include "tests/unit/fs/test_fs.h"
#include "tests/unit/suites.h"

int main(void)
{
        return suites_run(content_suite(), tree_suite(), paths_suite(), changes_suite(),
                          listing_suite(), archive_suite(), opens_suite(), waits_suite(),
                          digests_suite(), notes_suite(), clients_suite(), NULL);
}
