/* subject.c: the children of a turn: from their heads to records, and the memory that those take. */

#include "daemon/shard/engine.h"

static bool damaged_head(dw_shard *s, dw_errc code, const char *text)
{
    dw_plan_drop(s);
    if (code == DW_E_NEWER)
        dw_engine_hold(s, DW_HOLD_NEWER_CORE, "a child's record was stored by a newer build; run that one");
    else
        dw_engine_hold(s, DW_HOLD_BAD_STATE, "a child's record is damaged: %s", text);
    return false;
}

bool dw_subject_look(dw_shard *s, dw_subject *subject)
{
    dw_record_front front;
    subject->seen = true;
    if (!dw_record_peek((const uint8_t *)subject->head.ptr, subject->head.len, &front))
        return dw_subject_load(s, subject); /* decoding says what is wrong with it */
    if (front.offset >= s->meta.offset) {
        dw_plan_drop(s);
        dw_engine_hold(s, DW_HOLD_TORN_COMMIT, "a child's record holds offset %lld, but %lld is the next to apply",
                       (long long)front.offset, (long long)s->meta.offset);
        return false;
    }
    subject->old_due_us = front.next_due_us;
    subject->old_pages = front.page_count;
    return true;
}

#define RECORD_PAGES_BYTES 8192 /* memory that a decoded record takes beside what it uses */

/* The commit has to know which rows of :by_post an alert leaves; decoding the old head for that would cost as much again. */
static void note_stood(dw_turn *turn, dw_subject *subject)
{
    const dw_record *rec = subject->rec;
    uint32_t live = 0;
    for (uint32_t i = 0; i < rec->alert_count; i++)
        live += dw_alert_is_live(&rec->alerts[i]);
    subject->stood_count = 0;
    subject->stood = live != 0 ? dw_arena_alloc(turn->arena, live * sizeof(*subject->stood)) : NULL;
    if (live != 0 && subject->stood == NULL) {
        turn->failed = true;
        return;
    }
    for (uint32_t i = 0; i < rec->alert_count; i++) {
        const dw_alert *alert = &rec->alerts[i];
        if (dw_alert_is_live(alert))
            subject->stood[subject->stood_count++] =
                (dw_stood){alert->rule_id, alert->subject_kind, alert->subject_id, alert->post, alert->level};
    }
}

bool dw_subject_load(dw_shard *s, dw_subject *subject)
{
    dw_error err = {DW_OK, ""};
    dw_pool *pool = s->cache != NULL ? dw_cache_pool(s->cache) : NULL;
    if (subject->head.len == 0) {
        const char *slash = memchr(subject->key.ptr, '/', subject->key.len);
        uint32_t at = slash != NULL ? (uint32_t)(slash - subject->key.ptr) : subject->key.len;
        dw_str ref = {subject->key.ptr + at + 1, subject->key.len - at - (slash != NULL)};
        subject->rec = dw_record_new_pooled((dw_str){subject->key.ptr, at}, ref, pool);
        if (subject->rec == NULL) {
            dw_plan_drop(s);
            dw_engine_hold(s, DW_HOLD_BUG, "out of memory");
            return false;
        }
    } else {
        dw_errc code =
            dw_record_decode_pooled((const uint8_t *)subject->head.ptr, subject->head.len, pool, &subject->rec, &err);
        if (code != DW_OK)
            return damaged_head(s, code, err.text);
        note_stood(&s->turn, subject);
    }
    dw_subject_weigh(&s->turn, subject);
    return true;
}

void dw_subject_weigh(dw_turn *turn, dw_subject *subject)
{
    size_t bytes = subject->rec != NULL ? dw_arena_used(subject->rec->arena) + RECORD_PAGES_BYTES : 0;
    turn->decoded_bytes += bytes - subject->decoded;
    subject->decoded = bytes;
    if (turn->decoded_bytes > turn->decoded_peak)
        turn->decoded_peak = turn->decoded_bytes;
}

void dw_subject_unload(dw_turn *turn, dw_subject *subject)
{
    dw_record_free(&subject->rec);
    dw_subject_weigh(turn, subject);
}
