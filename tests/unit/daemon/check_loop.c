/* Turn ends, timers and cancelling. */

#include "daemon/loop.h"
#include "tests/support/suite.h"

#include <stdlib.h>

typedef struct world {
    dw_loop *loop;
    dw_timer timer, stop;
    dw_later a, b;
    char trace[32];
    size_t n;
} world;

static void mark(world *w, char c)
{
    ck_assert_uint_lt(w->n, sizeof(w->trace) - 1);
    w->trace[w->n++] = c;
}

static void on_a(void *user)
{
    mark(user, 'a');
}

static void on_b(void *user)
{
    world *w = user;
    mark(w, 'b');
    if (w->n < 6)
        dw_loop_later(w->loop, &w->a, on_a, w); /* runs after the next turn's callbacks, not inside this one */
}

static void on_stop(void *user)
{
    world *w = user;
    mark(w, 's');
    dw_loop_stop(w->loop);
}

static void on_timer(void *user)
{
    world *w = user;
    mark(w, '1');
    dw_loop_later(w->loop, &w->b, on_b, w);
    dw_loop_later(w->loop, &w->b, on_b, w); /* asked twice, runs once */
    mark(w, '2');
    dw_timer_arm(&w->stop, 20000);
}

START_TEST(later_runs_after_the_callback_once)
{
    world w = {.loop = dw_loop_new()};
    ck_assert(dw_timer_init(&w.timer, w.loop, on_timer, &w));
    ck_assert(dw_timer_init(&w.stop, w.loop, on_stop, &w));
    dw_timer_arm(&w.timer, 0);
    dw_loop_run(w.loop);
    ck_assert_str_eq(w.trace, "12bas");
    dw_timer_deinit(&w.timer);
    dw_timer_deinit(&w.stop);
    dw_loop_free(&w.loop);
}
END_TEST

START_TEST(cancelled_work_and_timers_do_not_run)
{
    world w = {.loop = dw_loop_new()};
    ck_assert(dw_timer_init(&w.timer, w.loop, on_timer, &w));
    ck_assert(dw_timer_init(&w.stop, w.loop, on_stop, &w));
    dw_timer_arm(&w.timer, 5000);
    dw_timer_disarm(&w.timer);
    dw_loop_later(w.loop, &w.a, on_a, &w);
    dw_loop_later(w.loop, &w.b, on_b, &w);
    dw_loop_later_cancel(w.loop, &w.b); /* the last of the list */
    dw_loop_later(w.loop, &w.b, on_b, &w);
    dw_loop_later_cancel(w.loop, &w.a); /* the first of the list */
    w.n = 0;
    dw_timer_arm(&w.stop, 20000);
    dw_loop_run(w.loop);
    ck_assert_str_eq(w.trace, "bas");
    dw_timer_deinit(&w.timer);
    dw_timer_deinit(&w.stop);
    dw_loop_free(&w.loop);
}
END_TEST

START_TEST(a_timer_keeps_its_time)
{
    world w = {.loop = dw_loop_new()};
    ck_assert(dw_timer_init(&w.stop, w.loop, on_stop, &w));
    dw_now before = dw_now_read();
    dw_timer_arm(&w.stop, 10000);
    dw_timer_arm(&w.stop, 50000); /* replaces */
    dw_loop_run(w.loop);
    int64_t took_us = dw_now_read().boot_us - before.boot_us;
    ck_assert_int_ge(took_us, 49000);
    ck_assert_str_eq(w.trace, "s");
    dw_timer_deinit(&w.stop);
    dw_loop_free(&w.loop);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("loop");
    TCase *tc = tcase_create("loop");
    tcase_add_test(tc, later_runs_after_the_callback_once);
    tcase_add_test(tc, cancelled_work_and_timers_do_not_run);
    tcase_add_test(tc, a_timer_keeps_its_time);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
