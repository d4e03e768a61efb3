/* breaker.c: dead letters, by share of the last records and by minute of log time: too many of them hold a shard. */

#include "daemon/shard/engine.h"

#define SHARE_OF_MIN                                                                                                   \
    1000 /* a few dead letters at a start are no flood: the share counts over this many records at least */

void dw_breaker_reset(dw_shard *s)
{
    s->breaker = (dw_breaker){.minute = INT64_MIN};
}

void dw_breaker_count(dw_shard *s, int64_t stamp_us, bool dead)
{
    dw_breaker *b = &s->breaker;
    int64_t minute = stamp_us / 60000000;
    if (minute != b->minute) {
        b->minute = minute;
        b->in_minute = 0;
    }
    if (b->records[b->at] == DW_WINDOW_BUCKET) {
        b->at = (b->at + 1) % DW_WINDOW_BUCKETS;
        b->records[b->at] = b->dead[b->at] = 0;
    }
    b->records[b->at]++;
    b->dead[b->at] += dead;
    b->in_minute += dead;
}

bool dw_breaker_tripped(const dw_shard *s, const char **why)
{
    const dw_breaker *b = &s->breaker;
    int64_t records = 0, dead = 0;
    for (size_t i = 0; i < DW_WINDOW_BUCKETS; i++) {
        records += b->records[i];
        dead += b->dead[i];
    }
    if (records < SHARE_OF_MIN)
        records = SHARE_OF_MIN;
    *why = "share";
    if (s->cfg.dead_letter_percent < 100 && dead * 100 > s->cfg.dead_letter_percent * records)
        return true;
    *why = "minute";
    return s->cfg.dead_letter_per_minute > 0 && b->in_minute > s->cfg.dead_letter_per_minute;
}
