/* replay_log.c: the file: a first look over it, and passes through it.
 *
 * At an instant every line with log_time not later than it is applied. In a log as a broker writes it such lines stand in front of
 * all others, and one pass answers all instants on its way. Where they do not, an instant gets a pass of its own that
 * leaves the later lines out. Lines of several partitions (as `export` prints them) are several shards. */

#include "daemon/cli/line.h"
#include "daemon/cli/replay.h"
#include "proto/json.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define ARENA_BYTES (DW_REPLAY_LOT_BYTES + DW_LINE_ARENA_BYTES)

double dw_replay_cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static dw_errc no_memory(dw_error *err)
{
    return dw_fail(err, DW_E_NOMEM, "out of memory");
}

/* --- lines */

/* The next line; *len is 0 at the end. */
static dw_errc next_line(dw_replay *r, dw_lines *in, size_t *len, dw_error *err)
{
    *len = dw_lines_next(in);
    return *len == 0 && ferror(in->file) ? dw_fail(err, DW_E_IO, "%s: %s", r->name, strerror(errno)) : DW_OK;
}

static dw_errc start_over(dw_replay *r, dw_error *err)
{
    if (fseeko(r->file, 0, SEEK_SET) != 0)
        return dw_fail(err, DW_E_IO, "%s: %s", r->name, strerror(errno));
    return DW_OK;
}

/* --- the first look */

/* Can the line be read as a policy.set? It is rare, and decides which policy is in force before the first line. */
static dw_errc is_policy(const dw_lines *in, size_t len, bool *out, dw_error *err)
{
    dw_arena *arena = dw_arena_new(DW_LINE_ARENA_BYTES);
    dw_event *ev = malloc(sizeof(*ev));
    int64_t log_time_us = 0;
    bool memory = arena != NULL && ev != NULL;
    if (memory)
        *out = dw_line_read(in->line, len, arena, ev, &log_time_us, NULL) == DW_OK && ev->type == DW_EV_POLICY_SET;
    free(ev);
    dw_arena_free(&arena);
    return memory ? DW_OK : no_memory(err);
}

dw_errc dw_replay_look(dw_replay *r, dw_replay_front *out, dw_error *err)
{
    double began_s = dw_replay_cpu_s();
    dw_lines in = {.file = r->file};
    dw_replay_front front = {0};
    size_t len = 0;
    dw_errc code = start_over(r, err);
    while (code == DW_OK && (code = next_line(r, &in, &len, err)) == DW_OK && len != 0) {
        dw_line_front line;
        dw_line_look(in.line, len, &line);
        if (line.policy_set && !front.has_policy)
            code = is_policy(&in, len, &front.has_policy, err);
        if (line.log_time_us == DW_LINE_NO_TIME)
            continue;
        if (!front.any_time || line.log_time_us < front.first_us)
            front.first_us = line.log_time_us;
        if (!front.any_time || line.log_time_us > front.last_us)
            front.last_us = line.log_time_us;
        front.any_time = true;
    }
    free(in.line);
    *out = front;
    r->read_s += dw_replay_cpu_s() - began_s;
    return code;
}

/* --- lanes: one for each partition of the file */

typedef struct lane {
    int32_t partition;
    dw_inproc *side[2]; /* under the policy, under the other one */
    int64_t last_us;    /* log_time of its last line, DW_LINE_NO_TIME before the first */
    int64_t clock_us;   /* the greatest */
    size_t next;        /* instant to be answered next */
} lane;

typedef struct lanes {
    lane *items;
    size_t count, cap;
} lanes;

static lane *lane_for(lanes *list, int32_t partition)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].partition == partition)
            return &list->items[i];
    lane *items = dw_list_room(list->items, list->count, &list->cap, 8, sizeof(*items));
    if (items == NULL)
        return NULL;
    list->items = items;
    list->items[list->count] = (lane){.partition = partition, .last_us = DW_LINE_NO_TIME, .clock_us = DW_LINE_NO_TIME};
    return &list->items[list->count++];
}

static void lanes_deinit(dw_replay *r, lanes *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].side[0] != NULL) {
            const dw_inproc_counts *counts = dw_inproc_counted(list->items[i].side[0]);
            for (int fate = 0; fate < DW_INPROC_FATES; fate++)
                r->counts.by_fate[fate] += counts->by_fate[fate];
            r->counts.fired += counts->fired;
            r->counts.transitions += counts->transitions;
            r->counts.folds += counts->folds;
        }
        dw_inproc_free(&list->items[i].side[0]);
        dw_inproc_free(&list->items[i].side[1]);
    }
    free(list->items);
}

dw_errc dw_replay_part(dw_replay *r, dw_error *err)
{
    double began_s = dw_replay_cpu_s();
    dw_lines in = {.file = r->file};
    lanes list = {0};
    size_t len = 0;
    dw_errc code = start_over(r, err);
    while (code == DW_OK && (code = next_line(r, &in, &len, err)) == DW_OK && len != 0) {
        dw_line_front line;
        dw_line_look(in.line, len, &line);
        if (line.log_time_us == DW_LINE_NO_TIME)
            continue;
        lane *l = lane_for(&list, line.partition);
        if (l == NULL) {
            code = no_memory(err);
            break;
        }
        bool late = line.log_time_us < l->clock_us;
        for (size_t i = 0; late && i < r->instant_count && r->instants[i].us < l->clock_us; i++)
            r->instants[i].apart |= line.log_time_us <= r->instants[i].us;
        if (line.log_time_us > l->clock_us)
            l->clock_us = line.log_time_us;
    }
    lanes_deinit(r, &list);
    free(in.line);
    r->read_s += dw_replay_cpu_s() - began_s;
    return code;
}

/* --- a pass */

typedef struct item {
    dw_event ev;
    dw_errc reason; /* DW_OK: ev is there */
    int64_t log_time_us;
    int32_t partition;
    uint64_t number;
} item;

typedef struct pass {
    dw_replay *r;
    dw_lines in;
    lanes list;
    dw_arena *arena;
    item *items;         /* [DW_REPLAY_LOT] */
    dw_inproc_item *lot; /* [DW_REPLAY_LOT] */
    size_t item_count;
    size_t apart;     /* the only instant of this pass; SIZE_MAX: all that are not apart */
    int64_t until_us; /* lines later than this are not applied */
    bool any;         /* is there an instant to answer at all? */
    dw_error *err;
} pass;

static void refuse(dw_replay *r, uint64_t number, dw_errc reason, const char *text)
{
    fflush(stdout);
    fprintf(stderr, "driftwatch replay: %s:%llu: %s%s%s; left out\n", r->name, (unsigned long long)number,
            dw_errc_name(reason), text[0] != '\0' ? ": " : "", text);
    r->refused++;
}

static dw_errc read_batch(pass *p)
{
    dw_replay *r = p->r;
    dw_errc code = DW_OK;
    size_t len = 0;
    double began_s = dw_replay_cpu_s();
    dw_arena_reset(p->arena);
    p->item_count = 0;
    while (p->item_count < DW_REPLAY_LOT && dw_arena_used(p->arena) < DW_REPLAY_LOT_BYTES &&
           (code = next_line(r, &p->in, &len, p->err)) == DW_OK && len != 0) {
        item *it = &p->items[p->item_count];
        dw_error bad = {0};
        it->number = p->in.number;
        it->partition = DW_LINE_NO_PARTITION;
        if (memmem(p->in.line, len, "\"partition\"", 11) != NULL) {
            dw_line_front front;
            dw_line_look(p->in.line, len, &front);
            it->partition = front.partition;
        }
        it->reason = dw_line_read(p->in.line, len, p->arena, &it->ev, &it->log_time_us, &bad);
        if (it->reason == DW_E_NOMEM) {
            code = no_memory(p->err);
            break;
        }
        if (p->apart == SIZE_MAX) {
            r->lines++;
            if (it->reason != DW_OK)
                refuse(r, it->number, it->reason, bad.text);
        }
        p->item_count++;
    }
    r->read_s += dw_replay_cpu_s() - began_s;
    return code;
}

static dw_errc answer(pass *p, lane *l, size_t instant)
{
    const dw_replay_instant *at = &p->r->instants[instant];
    dw_errc code = dw_inproc_advance(l->side[0], at->us, p->err);
    if (code == DW_OK && l->side[1] != NULL)
        code = dw_inproc_advance(l->side[1], at->us, p->err);
    if (code != DW_OK)
        return code;
    double began_s = dw_replay_cpu_s();
    code = l->side[1] != NULL ? dw_replay_compare(p->r, l->side[0], l->side[1], instant, p->err)
                              : dw_replay_print(p->r, l->side[0], at, p->err);
    double took_s = dw_replay_cpu_s() - began_s;
    p->r->print_s += took_s;
    p->r->core_s -= took_s; /* whoever called counts it with the core */
    return code;
}

/* Answers the instants before `us`. */
static dw_errc answer_before(pass *p, lane *l, int64_t us)
{
    dw_errc code = DW_OK;
    if (p->apart != SIZE_MAX)
        return DW_OK;
    for (; code == DW_OK && l->next < p->r->instant_count && p->r->instants[l->next].us < us; l->next++)
        if (!p->r->instants[l->next].apart)
            code = answer(p, l, l->next);
    return code;
}

static dw_errc open_sides(pass *p, lane *l)
{
    const dw_replay *r = p->r;
    dw_inproc_mode mode = r->policy != NULL ? DW_INPROC_FIXED : DW_INPROC_LOG;
    bool fresh = l->side[0] == NULL;
    dw_errc code = fresh ? dw_inproc_new(r->policy, mode, &l->side[0], p->err) : DW_OK;
    if (code == DW_OK && r->other != NULL && l->side[1] == NULL)
        code = dw_inproc_new(r->other, DW_INPROC_FIXED, &l->side[1], p->err);
    for (int i = 0; i < 2 && l->partition != DW_LINE_NO_PARTITION && fresh; i++)
        if (l->side[i] != NULL) /* the log of a topic: facts moved through it */
            dw_inproc_follow_moves(l->side[i]);
    return code;
}

static dw_errc apply_item(pass *p, const item *it)
{
    lane *l = lane_for(&p->list, it->partition);
    if (l == NULL)
        return no_memory(p->err);
    dw_errc code = open_sides(p, l);
    int64_t at_us = it->log_time_us;
    if (at_us == DW_LINE_NO_TIME)
        at_us = l->last_us;
    else
        l->last_us = at_us;
    if (code != DW_OK || !p->any || (at_us != DW_LINE_NO_TIME && at_us > p->until_us))
        return code;
    if (at_us != DW_LINE_NO_TIME)
        code = answer_before(p, l, at_us);
    for (int i = 0; code == DW_OK && i < 2 && l->side[i] != NULL; i++) {
        dw_inproc_out out = {0};
        int64_t offset = (int64_t)it->number;
        code = it->reason != DW_OK ? dw_inproc_dead(l->side[i], at_us, offset, it->reason, &out, p->err)
                                   : dw_inproc_event(l->side[i], &it->ev, at_us, offset, &out, p->err);
        if (code == DW_OK && i == 0 && p->apart == SIZE_MAX && it->reason == DW_OK && out.reason != DW_OK)
            refuse(p->r, it->number, out.reason, out.fate == DW_INPROC_PARKED ? "kept for a later version" : "");
    }
    return code;
}

/* How many records from here on may be applied as a lot: of one lane, and no instant among them. */
static size_t lot_from(pass *p, size_t first, lane **out)
{
    size_t n = 0;
    lane *l = NULL;
    for (size_t i = first; i < p->item_count && p->any; i++, n++) {
        const item *it = &p->items[i];
        if (it->reason != DW_OK || it->log_time_us == DW_LINE_NO_TIME || it->log_time_us > p->until_us)
            break;
        if (l == NULL)
            l = lane_for(&p->list, it->partition);
        if (l == NULL || l->partition != it->partition || l->side[0] == NULL)
            break;
        size_t next = l->next;
        while (next < p->r->instant_count && p->r->instants[next].apart)
            next++;
        if (p->apart == SIZE_MAX && next < p->r->instant_count && p->r->instants[next].us < it->log_time_us)
            break;
        if (!dw_inproc_may_group(l->side[0], &it->ev) ||
            (l->side[1] != NULL && !dw_inproc_may_group(l->side[1], &it->ev)))
            break;
        p->lot[n] = (dw_inproc_item){&it->ev, it->log_time_us, (int64_t)it->number};
    }
    *out = l;
    return n;
}

static dw_errc apply_lot(pass *p, lane *l, size_t n)
{
    dw_errc code = DW_OK;
    l->last_us = p->lot[n - 1].log_time_us;
    for (int i = 0; code == DW_OK && i < 2 && l->side[i] != NULL; i++)
        code = dw_inproc_lot(l->side[i], p->lot, n, p->err);
    return code;
}

static dw_errc finish_lanes(pass *p)
{
    dw_errc code = DW_OK;
    for (size_t i = 0; code == DW_OK && i < p->list.count; i++) {
        lane *l = &p->list.items[i];
        if (p->apart != SIZE_MAX)
            code = answer(p, l, p->apart);
        else
            code = answer_before(p, l, INT64_MAX);
    }
    return code;
}

/* One way through the file: all instants that are not apart, or one that is. */
static dw_errc run_pass(dw_replay *r, size_t apart, dw_error *err)
{
    pass p = {.r = r, .in = {.file = r->file}, .apart = apart, .until_us = INT64_MIN, .err = err};
    dw_errc code = start_over(r, err);
    for (size_t i = 0; i < r->instant_count; i++) {
        if (apart == SIZE_MAX ? !r->instants[i].apart : i == apart) {
            p.until_us = r->instants[i].us;
            p.any = true;
        }
    }
    p.arena = dw_arena_new(ARENA_BYTES);
    p.items = malloc(DW_REPLAY_LOT * sizeof(*p.items));
    p.lot = malloc(DW_REPLAY_LOT * sizeof(*p.lot));
    if (code == DW_OK && (p.arena == NULL || p.items == NULL || p.lot == NULL))
        code = no_memory(err);
    while (code == DW_OK) {
        code = read_batch(&p);
        if (code != DW_OK || p.item_count == 0)
            break;
        double began_s = dw_replay_cpu_s();
        for (size_t i = 0, n; code == DW_OK && i < p.item_count; i += n) {
            lane *l = NULL;
            n = lot_from(&p, i, &l);
            code = n > 1 ? apply_lot(&p, l, n) : apply_item(&p, &p.items[i]);
            n = n > 1 ? n : 1;
            if (code != DW_OK)
                (void)dw_cli_say(r->cli, 0, "%s:%llu: the log cannot be followed past this line", r->name,
                                 (unsigned long long)p.items[i].number);
        }
        r->core_s += dw_replay_cpu_s() - began_s;
    }
    double began_s = dw_replay_cpu_s();
    if (code == DW_OK)
        code = finish_lanes(&p);
    r->core_s += dw_replay_cpu_s() - began_s;
    lanes_deinit(r, &p.list);
    dw_arena_free(&p.arena);
    free(p.items);
    free(p.lot);
    free(p.in.line);
    return code;
}

dw_errc dw_replay_run(dw_replay *r, dw_error *err)
{
    dw_errc code = run_pass(r, SIZE_MAX, err);
    for (size_t i = 0; code == DW_OK && i < r->instant_count; i++)
        if (r->instants[i].apart)
            code = run_pass(r, i, err);
    return code;
}
