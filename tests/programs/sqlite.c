/* Debian's SQLite, linked statically.
 *
 *   sqlite FILE         a table in a new file, a transaction that is taken back, and what the
 *                       database says of itself
 *   sqlite FILE UNTIL   transactions again and again until the file UNTIL is there, though the
 *                       server of the files dies meanwhile: then the database is whole or empty,
 *                       and each call tells if it failed
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int row(void *context, int count, char **values, char **names)
{
        (void)context;
        (void)names;
        for (int i = 0; i < count; i++)
                printf("%s%s", i ? "|" : "", values[i] ? values[i] : "NULL");
        putchar('\n');
        return 0;
}

static int once(sqlite3 *database)
{
        static const char *const steps[] = {
            "create table t(id integer primary key, name text)",
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < 500) "
            "insert into t(name) select 'name ' || i from n",
            "begin; delete from t; rollback",
            "select count(*), max(name), sum(id) from t",
            "pragma integrity_check",
        };
        char *wrong = NULL;
        for (unsigned i = 0; i < sizeof steps / sizeof steps[0]; i++)
                if (sqlite3_exec(database, steps[i], row, NULL, &wrong)) {
                        fprintf(stderr, "sqlite: %s: %s\n", steps[i], wrong);
                        return 1;
                }
        return sqlite3_close(database) != SQLITE_OK;
}

/* ---- until ----------------------------------------------------------------------------------- */

static int number(void *context, int count, char **values, char **names)
{
        (void)names;
        *(int *)context = count && values[0] ? atoi(values[0]) : -1;
        return 0;
}

/* One transaction of two rows; no other one leaves an odd number of them. Gives SQLite's code. */
static int pair(sqlite3 *database)
{
        int odd = 0;
        int code = sqlite3_exec(database,
                                "create table if not exists pairs(half text);"
                                "begin immediate; insert into pairs values('left');"
                                "insert into pairs values('right'); commit;"
                                "select count(*) % 2 from pairs",
                                number, &odd, NULL);
        return code == SQLITE_OK && odd ? SQLITE_CORRUPT : code;
}

/* Whether the code says that the file could not be reached, or that it is another one now. */
static int is_away(int code)
{
        return code == SQLITE_IOERR || code == SQLITE_CANTOPEN || code == SQLITE_READONLY;
}

static int open_anew(sqlite3 **database, const char *path)
{
        sqlite3_close(*database);
        int code = sqlite3_open(path, database);
        return code ? code : pair(*database);
}

static int until(sqlite3 *database, const char *path, const char *end)
{
        int code = pair(database);
        puts(code ? "not begun" : "begun");
        fflush(stdout);
        while ((!code || is_away(code)) && access(end, F_OK) != 0)
                code = code ? open_anew(&database, path) : pair(database);
        if (!code || is_away(code))
                code = open_anew(&database, path);
        if (!code)
                code = sqlite3_exec(database, "pragma integrity_check; drop table pairs", row, NULL,
                                    NULL);
        if (code)
                fprintf(stderr, "sqlite: %s: %s\n", path, sqlite3_errmsg(database));
        else
                puts("done");
        return code || sqlite3_close(database) || unlink(path);
}

int main(int count, char **arguments)
{
        sqlite3 *database;
        if (count < 2 || sqlite3_open_v2(arguments[1], &database,
                                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL))
                return 2;
        return count == 2 ? once(database) : until(database, arguments[1], arguments[2]);
}
