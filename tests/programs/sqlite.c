/* Debian's SQLite, linked statically.
 *
 *   sqlite FILE         a table in a new file, a transaction that is taken back, and what the
 *                       database says of itself
 *   sqlite FILE UNTIL   transactions again and again until the file UNTIL is there, though the
 *                       server of the files dies meanwhile: then the database is whole or empty,
 *                       and each call tells if it failed
 *   sqlite FILE shared  two processes at a new database with a write-ahead log
 *   sqlite FILE alone   one that has it to itself
 */
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
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

/* ---- write-ahead logs ------------------------------------------------------------------------ */

enum { ROUNDS = 40, PATIENCE = 60000 /* ms */ };

/* A connection to the database, which gets a write-ahead log; NULL: it does not. */
static sqlite3 *log_open(const char *path, const char *first)
{
        sqlite3 *database;
        if (sqlite3_open(path, &database) || sqlite3_busy_timeout(database, PATIENCE) ||
            sqlite3_exec(database, first, NULL, NULL, NULL) ||
            sqlite3_exec(database, "pragma synchronous = normal", NULL, NULL, NULL)) {
                fprintf(stderr, "sqlite: %s: %s\n", path, sqlite3_errmsg(database));
                return NULL;
        }
        return database;
}

static int count_of(sqlite3 *database)
{
        int count = -1;
        return sqlite3_exec(database, "select count(*) from rows", number, &count, NULL) ? -1
                                                                                         : count;
}

/* Adds rows, one a transaction, and sees those of others come, and none go. */
static int adds(const char *path)
{
        sqlite3 *database = log_open(path, "pragma journal_mode = wal");
        int code = !database, count = 0, before = 0;
        for (int i = 0; i < ROUNDS && !code; i++, before = count) {
                code = sqlite3_exec(database, "insert into rows values('row')", NULL, NULL, NULL);
                count = count_of(database);
                if (count <= before)
                        code = SQLITE_CORRUPT;
        }
        if (code)
                fprintf(stderr, "sqlite: %s: %s\n", path, sqlite3_errmsg(database));
        return code || sqlite3_close(database);
}

/* Begins a transaction, says so, and never ends it. */
static void dies(const char *path, int told)
{
        sqlite3 *database = log_open(path, "pragma journal_mode = wal");
        if (database &&
            !sqlite3_exec(database, "begin immediate; insert into rows values('none')", NULL, NULL,
                          NULL) &&
            write(told, "", 1) == 1)
                for (;;)
                        pause();
        _exit(1);
}

/* While another one is in the midst of a transaction, others read, and none writes until it has
 * been killed: then it has done nothing. */
static int outlives(sqlite3 *database, pid_t child)
{
        int status;
        if (count_of(database) != 2 * ROUNDS || sqlite3_busy_timeout(database, 0) ||
            sqlite3_exec(database, "begin immediate", NULL, NULL, NULL) != SQLITE_BUSY)
                return 1;
        sqlite3_busy_timeout(database, PATIENCE);
        return kill(child, SIGKILL) || waitpid(child, &status, 0) != child ||
               sqlite3_exec(database,
                            "insert into rows values('row'); pragma journal_mode;"
                            "select count(*) from rows where row = 'row'; pragma integrity_check",
                            row, NULL, NULL);
}

/* Two processes, and one that is killed. None forks while it has the database open. */
static int shared(const char *path)
{
        sqlite3 *database = log_open(path, "pragma journal_mode = wal; create table rows(row)");
        int status, ends[2];
        char byte;
        if (!database || sqlite3_close(database) || pipe(ends))
                return 1;
        pid_t child = fork();
        if (child == 0)
                _exit(adds(path));
        if (adds(path) || waitpid(child, &status, 0) != child || status)
                return 1;
        child = fork();
        if (child == 0)
                dies(path, ends[1]);
        if (read(ends[0], &byte, 1) != 1)
                return 1;
        database = log_open(path, "pragma journal_mode = wal");
        const int code = !database || outlives(database, child);
        if (code)
                fprintf(stderr, "sqlite: %s\n", sqlite3_errmsg(database));
        return code || sqlite3_close(database) || unlink(path);
}

/* Where no memory can be shared through a file, one process has the database to itself, or is told
 * why it has not. */
static int alone(const char *path)
{
        sqlite3 *database = log_open(path, "pragma locking_mode = exclusive;"
                                           "pragma journal_mode = wal; create table rows(row);"
                                           "insert into rows values('row')");
        if (!database || sqlite3_exec(database, "pragma journal_mode", row, NULL, NULL) ||
            sqlite3_close(database) || sqlite3_open(path, &database))
                return 1;
        sqlite3_exec(database, "select count(*) from rows", row, NULL, NULL);
        printf("%s: %s\n", sqlite3_errmsg(database), strerror(sqlite3_system_errno(database)));
        sqlite3_close(database);
        database = log_open(path, "pragma locking_mode = exclusive");
        return !database ||
               sqlite3_exec(database, "select count(*) from rows; pragma integrity_check", row,
                            NULL, NULL) ||
               sqlite3_close(database) || unlink(path);
}

int main(int count, char **arguments)
{
        sqlite3 *database;
        if (count == 3 && strcmp(arguments[2], "shared") == 0)
                return shared(arguments[1]);
        if (count == 3 && strcmp(arguments[2], "alone") == 0)
                return alone(arguments[1]);
        if (count < 2 || sqlite3_open_v2(arguments[1], &database,
                                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL))
                return 2;
        return count == 2 ? once(database) : until(database, arguments[1], arguments[2]);
}
