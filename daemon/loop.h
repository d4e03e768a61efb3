#pragma once
/* loop.h: the one event loop of the process: timers, signals and work put off to the end of the turn.
 *
 * Everything of the daemon runs in callbacks of this loop, on one thread. Nothing may block in them.
 * Timers count on the monotonic clock. A dw_timer or dw_later lives in its owner's struct and must be ended before the
 * owner is freed. "Later" work runs after the callback that asked for it has returned: the place to free what a
 * library is still using further up the stack. */

#include "daemon/shard/shard.h"

struct event_base;
struct event;

typedef struct dw_loop dw_loop;
typedef void dw_loop_callback(void *user);
typedef void dw_loop_signal_callback(void *user, int signo);

dw_loop *dw_loop_new(void); /* NULL: no memory, or no monotonic clock */
void dw_loop_free(dw_loop **loop);
struct event_base *dw_loop_base(dw_loop *loop);
void dw_loop_run(dw_loop *loop); /* until dw_loop_stop() */
void dw_loop_stop(dw_loop *loop);
/* Signals as events; at most DW_LOOP_SIGNALS_MAX. False: no memory. */
bool dw_loop_on_signal(dw_loop *loop, int signo, dw_loop_signal_callback *call, void *user);

typedef struct dw_timer {
    struct event *event;
    dw_loop_callback *call;
    void *user;
} dw_timer;
bool dw_timer_init(dw_timer *timer, dw_loop *loop, dw_loop_callback *call, void *user);
void dw_timer_deinit(dw_timer *timer); /* also of a zeroed timer */
/* Fires once after delay_us (0 or less: in the next turn). Arming again replaces the time. */
void dw_timer_arm(dw_timer *timer, int64_t delay_us);
void dw_timer_disarm(dw_timer *timer);

typedef struct dw_later {
    struct dw_later *next;
    dw_loop_callback *call;
    void *user;
    bool queued;
} dw_later;
/* Asks for one call at the end of this turn; asking again before it ran changes nothing. */
void dw_loop_later(dw_loop *loop, dw_later *later, dw_loop_callback *call, void *user);
void dw_loop_later_cancel(dw_loop *loop, dw_later *later);

/* Runs what is asked for, without the loop: for taking things down. */
void dw_loop_drain(dw_loop *loop);

/* Calls `call` when fd becomes readable. NULL: no memory. Freed by dw_watch_free(), which does not close fd. */
typedef struct dw_watch dw_watch;
dw_watch *dw_watch_new(dw_loop *loop, int fd, dw_loop_callback *call, void *user);
void dw_watch_free(dw_watch **watch);
/* Calls it in the next turn though nothing arrived: for readers that stopped early. */
void dw_watch_again(dw_watch *watch);

dw_now dw_now_read(void); /* both host clocks */
