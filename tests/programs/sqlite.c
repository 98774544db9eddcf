/* Debian's SQLite, linked statically: a table in a file, a transaction that is taken back, and what
 * the database says of itself. */
#include <sqlite3.h>
#include <stdio.h>

static int row(void *context, int count, char **values, char **names)
{
        (void)context;
        (void)names;
        for (int i = 0; i < count; i++)
                printf("%s%s", i ? "|" : "", values[i] ? values[i] : "NULL");
        putchar('\n');
        return 0;
}

int main(int count, char **arguments)
{
        static const char *const steps[] = {
            "create table t(id integer primary key, name text)",
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < 500) "
            "insert into t(name) select 'name ' || i from n",
            "begin; delete from t; rollback",
            "select count(*), max(name), sum(id) from t",
            "pragma integrity_check",
        };
        sqlite3 *database;
        char *wrong = NULL;
        if (count < 2 || sqlite3_open_v2(arguments[1], &database,
                                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL))
                return 2;
        for (unsigned i = 0; i < sizeof steps / sizeof steps[0]; i++)
                if (sqlite3_exec(database, steps[i], row, NULL, &wrong)) {
                        fprintf(stderr, "sqlite: %s: %s\n", steps[i], wrong);
                        return 1;
                }
        return sqlite3_close(database) != SQLITE_OK;
}
