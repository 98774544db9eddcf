/* Where tools/bench/profile.c begins and ends counting instructions: addresses that are executed.
 * Both systems of `make bench-net` call them around the rounds of a row. */
#ifndef TESTS_BENCH_MARKS_H
#define TESTS_BENCH_MARKS_H

/* A row begins; its rounds begin; they have ended. */
void bench_mark_row(void);
void bench_mark_begin(void);
void bench_mark_end(void);

#endif
