/* loop.c: thin cover over libevent: precise timers on the monotonic clock, and the end-of-turn list. */

#include "daemon/loop.h"

#include "proto/limits.h"

#include <assert.h>
#include <event2/event.h>
#include <time.h>

typedef struct signal_slot {
    struct event *event;
    dw_loop_signal_callback *call;
    void *user;
    int signo;
} signal_slot;

struct dw_loop {
    struct event_base *base;
    struct event *turn_end;
    dw_later *first, **last;
    signal_slot signals[DW_LOOP_SIGNALS_MAX];
    size_t signal_count;
};

struct dw_watch {
    struct event *event;
    dw_loop_callback *call;
    void *user;
};

/* Runs what was asked for until now; what these calls ask for runs in the next turn. */
static void on_turn_end(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    dw_loop *loop = arg;
    dw_later *stop = NULL;
    if (loop->first == NULL)
        return;
    for (dw_later *l = loop->first; l != NULL; l = l->next)
        stop = l;
    for (bool more = true; more && loop->first != NULL;) {
        dw_later *later = loop->first;
        more = later != stop;
        loop->first = later->next;
        if (loop->first == NULL)
            loop->last = &loop->first;
        later->queued = false;
        later->next = NULL;
        later->call(later->user); /* may free the owner of `later` */
    }
    if (loop->first != NULL)
        event_active(loop->turn_end, 0, 0);
}

dw_loop *dw_loop_new(void)
{
    dw_loop *loop = calloc(1, sizeof(*loop));
    struct event_config *config = event_config_new();
    if (loop == NULL || config == NULL)
        goto fail;
    event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER | EVENT_BASE_FLAG_NOLOCK);
    loop->base = event_base_new_with_config(config);
    if (loop->base == NULL)
        goto fail;
    loop->last = &loop->first;
    loop->turn_end = event_new(loop->base, -1, 0, on_turn_end, loop);
    if (loop->turn_end == NULL)
        goto fail;
    event_config_free(config);
    return loop;
fail:
    if (config != NULL)
        event_config_free(config);
    dw_loop_free(&loop);
    return NULL;
}

void dw_loop_free(dw_loop **loop)
{
    if (*loop == NULL)
        return;
    for (size_t i = 0; i < (*loop)->signal_count; i++)
        event_free((*loop)->signals[i].event);
    if ((*loop)->turn_end != NULL)
        event_free((*loop)->turn_end);
    if ((*loop)->base != NULL)
        event_base_free((*loop)->base);
    free(*loop);
    *loop = NULL;
}

struct event_base *dw_loop_base(dw_loop *loop)
{
    return loop->base;
}

void dw_loop_run(dw_loop *loop)
{
    event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
}

void dw_loop_stop(dw_loop *loop)
{
    event_base_loopbreak(loop->base);
}

static void on_signal(evutil_socket_t signo, short what, void *arg)
{
    (void)what;
    signal_slot *slot = arg;
    slot->call(slot->user, (int)signo);
}

bool dw_loop_on_signal(dw_loop *loop, int signo, dw_loop_signal_callback *call, void *user)
{
    assert(loop->signal_count < DW_LOOP_SIGNALS_MAX);
    signal_slot *slot = &loop->signals[loop->signal_count];
    *slot = (signal_slot){.call = call, .user = user, .signo = signo};
    slot->event = event_new(loop->base, signo, EV_SIGNAL | EV_PERSIST, on_signal, slot);
    if (slot->event == NULL)
        return false;
    loop->signal_count++;
    return event_add(slot->event, NULL) == 0;
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    dw_timer *timer = arg;
    timer->call(timer->user);
}

bool dw_timer_init(dw_timer *timer, dw_loop *loop, dw_loop_callback *call, void *user)
{
    *timer = (dw_timer){.call = call, .user = user};
    timer->event = event_new(loop->base, -1, 0, on_timer, timer);
    return timer->event != NULL;
}

void dw_timer_deinit(dw_timer *timer)
{
    if (timer->event != NULL)
        event_free(timer->event);
    timer->event = NULL;
}

void dw_timer_arm(dw_timer *timer, int64_t delay_us)
{
    if (delay_us < 0)
        delay_us = 0;
    struct timeval tv = {.tv_sec = (time_t)(delay_us / 1000000), .tv_usec = (suseconds_t)(delay_us % 1000000)};
    event_add(timer->event, &tv);
}

void dw_timer_disarm(dw_timer *timer)
{
    if (timer->event != NULL)
        event_del(timer->event);
}

void dw_loop_later(dw_loop *loop, dw_later *later, dw_loop_callback *call, void *user)
{
    if (later->queued)
        return;
    *later = (dw_later){.call = call, .user = user, .queued = true};
    *loop->last = later;
    loop->last = &later->next;
    event_active(loop->turn_end, 0, 0);
}

void dw_loop_later_cancel(dw_loop *loop, dw_later *later)
{
    if (!later->queued)
        return;
    dw_later **at = &loop->first;
    while (*at != later) {
        assert(*at != NULL);
        at = &(*at)->next;
    }
    *at = later->next;
    if (loop->last == &later->next)
        loop->last = at;
    later->queued = false;
    later->next = NULL;
}

void dw_loop_drain(dw_loop *loop)
{
    for (int turn = 0; loop->first != NULL && turn < 100; turn++)
        on_turn_end(-1, 0, loop);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    dw_watch *watch = arg;
    watch->call(watch->user);
}

dw_watch *dw_watch_new(dw_loop *loop, int fd, dw_loop_callback *call, void *user)
{
    dw_watch *watch = calloc(1, sizeof(*watch));
    if (watch == NULL)
        return NULL;
    watch->call = call;
    watch->user = user;
    watch->event = event_new(loop->base, fd, EV_READ | EV_PERSIST, on_readable, watch);
    if (watch->event == NULL || event_add(watch->event, NULL) != 0)
        dw_watch_free(&watch);
    return watch;
}

void dw_watch_free(dw_watch **watch)
{
    if (*watch == NULL)
        return;
    if ((*watch)->event != NULL)
        event_free((*watch)->event);
    free(*watch);
    *watch = NULL;
}

void dw_watch_again(dw_watch *watch)
{
    event_active(watch->event, EV_READ, 0);
}

dw_now dw_now_read(void)
{
    struct timespec wall, boot;
    clock_gettime(CLOCK_REALTIME, &wall);
    clock_gettime(CLOCK_BOOTTIME, &boot);
    return (dw_now){.wall_us = (int64_t)wall.tv_sec * 1000000 + wall.tv_nsec / 1000,
                    .boot_us = (int64_t)boot.tv_sec * 1000000 + boot.tv_nsec / 1000};
}
