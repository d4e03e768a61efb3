/* log_file.c: see log_file.h. */

#include "daemon/cli/log_file.h"

#include "daemon/cli/line.h"
#include "daemon/cli/shipped.h"

#include <errno.h>
#include <stdlib.h>

typedef struct shard {
    int32_t partition;
    dw_inproc *in;
    int64_t last_us; /* log_time of its last line; DW_LINE_NO_TIME before the first */
} shard;

struct dw_log_file {
    const dw_cli *cli;
    const char *name;
    dw_lines in;
    const dw_policy *policy; /* NULL: the log's */
    dw_policy *owned;
    int64_t at_us, data_us;
    bool has_policy; /* the log sets one */
    shard *shards;
    size_t count;
    dw_arena *arena;
    dw_event *ev;
};

static dw_errc no_memory(dw_error *err)
{
    return dw_fail(err, DW_E_NOMEM, "out of memory");
}

/* What cannot be read twice is copied to a file that has no name. */
static dw_errc open_file(dw_log_file *f, const char *path, dw_error *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *from = is_stdin ? stdin : fopen(path, "re");
    f->name = is_stdin ? "stdin" : path;
    if (from == NULL)
        return dw_fail(err, DW_E_IO, "%s: %s", f->name, strerror(errno));
    if (!is_stdin && fseeko(from, 0, SEEK_SET) == 0) {
        f->in.file = from;
        return DW_OK;
    }
    f->in.file = tmpfile();
    char buf[1 << 14];
    size_t n = 0;
    bool ok = f->in.file != NULL;
    while (ok && (n = fread(buf, 1, sizeof(buf), from)) > 0)
        ok = fwrite(buf, 1, n, f->in.file) == n;
    ok = ok && !ferror(from);
    if (!is_stdin)
        fclose(from);
    return ok ? DW_OK : dw_fail(err, DW_E_IO, "%s: %s", f->name, strerror(errno));
}

static void start_over(dw_log_file *f)
{
    rewind(f->in.file);
    f->in.number = 0;
}

/* When does the log end, and does it set a policy? */
static dw_errc look(dw_log_file *f, dw_error *err)
{
    int64_t last_us = DW_LINE_NO_TIME, at_us = 0;
    size_t len;
    start_over(f);
    while ((len = dw_lines_next(&f->in)) != 0) {
        dw_line_front front;
        dw_line_look(f->in.line, len, &front);
        if (front.log_time_us != DW_LINE_NO_TIME && front.log_time_us > last_us)
            last_us = front.log_time_us;
        if (!front.policy_set || f->has_policy)
            continue;
        dw_arena_reset(f->arena);
        f->has_policy =
            dw_line_read(f->in.line, len, f->arena, f->ev, &at_us, NULL) == DW_OK && f->ev->type == DW_EV_POLICY_SET;
    }
    if (ferror(f->in.file))
        return dw_fail(err, DW_E_IO, "%s: %s", f->name, strerror(errno));
    if (f->at_us == DW_AT_NONE && last_us == DW_LINE_NO_TIME)
        return dw_fail(err, DW_E_INVAL, "%s: no line has a log_time: say --at", f->name);
    if (f->at_us == DW_AT_NONE)
        f->at_us = last_us;
    return DW_OK;
}

static dw_errc take_policy(dw_log_file *f, const char *dir, dw_error *err)
{
    dw_problems problems = {0};
    if (dir == NULL && f->has_policy)
        return DW_OK;
    f->owned = dw_policy_from_dir(dir, &problems);
    f->policy = f->owned;
    if (f->owned == NULL)
        dw_problems_print(&problems, stderr);
    dw_problems_deinit(&problems);
    return f->owned != NULL ? DW_OK
                            : dw_fail(err, DW_E_CONFIG, "%s%s cannot be used",
                                      dir != NULL ? "the policy in " : "the shipped policy", dir != NULL ? dir : "");
}

static shard *shard_for(dw_log_file *f, int32_t partition, dw_error *err)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->shards[i].partition == partition)
            return &f->shards[i];
    shard *grown = realloc(f->shards, (f->count + 1) * sizeof(*grown));
    if (grown == NULL) {
        no_memory(err);
        return NULL;
    }
    f->shards = grown;
    shard *one = &f->shards[f->count];
    *one = (shard){.partition = partition, .last_us = DW_LINE_NO_TIME};
    dw_inproc_mode mode = f->policy != NULL ? DW_INPROC_FIXED : DW_INPROC_LOG;
    if (dw_inproc_new(f->policy, mode, &one->in, err) != DW_OK)
        return NULL;
    if (partition != DW_LINE_NO_PARTITION) /* the log of a topic: facts moved through it */
        dw_inproc_follow_moves(one->in);
    f->count++;
    return one;
}

static void refuse(const dw_log_file *f, uint64_t number, dw_errc reason, const char *text)
{
    fflush(stdout);
    (void)dw_cli_say(f->cli, 0, "%s:%llu: %s%s%s; left out", f->name, (unsigned long long)number, dw_errc_name(reason),
                     text[0] != '\0' ? ": " : "", text);
}

static dw_errc apply_line(dw_log_file *f, size_t len, uint64_t number, dw_error *err)
{
    dw_line_front front;
    dw_inproc_out out = {0};
    dw_error bad = {0};
    int64_t at_us = DW_LINE_NO_TIME;
    dw_line_look(f->in.line, len, &front);
    shard *one = shard_for(f, front.partition, err);
    if (one == NULL)
        return err->code;
    dw_arena_reset(f->arena);
    dw_errc reason = dw_line_read(f->in.line, len, f->arena, f->ev, &at_us, &bad);
    if (reason == DW_E_NOMEM)
        return no_memory(err);
    if (at_us == DW_LINE_NO_TIME)
        at_us = one->last_us;
    else
        one->last_us = at_us;
    if (reason != DW_OK)
        refuse(f, number, reason, bad.text);
    if (at_us != DW_LINE_NO_TIME && at_us > f->at_us)
        return DW_OK;
    if (at_us != DW_LINE_NO_TIME && at_us > f->data_us)
        f->data_us = at_us;
    if (reason != DW_OK)
        return dw_inproc_dead(one->in, at_us, (int64_t)number, reason, &out, err);
    dw_errc code = dw_inproc_event(one->in, f->ev, at_us, (int64_t)number, &out, err);
    if (code == DW_OK && out.reason != DW_OK)
        refuse(f, number, out.reason, out.fate == DW_INPROC_PARKED ? "kept for a later version" : "");
    return code;
}

dw_errc dw_log_file_read(const dw_cli *cli, const char *path, const char *policy_dir, int64_t at_us, dw_log_file **out,
                         dw_error *err)
{
    dw_log_file *f = calloc(1, sizeof(*f));
    size_t len = 0;
    if (f == NULL)
        return no_memory(err);
    f->cli = cli;
    f->at_us = at_us;
    f->data_us = INT64_MIN;
    f->arena = dw_arena_new(DW_LINE_ARENA_BYTES);
    f->ev = malloc(sizeof(*f->ev));
    dw_errc code = f->arena != NULL && f->ev != NULL ? open_file(f, path, err) : no_memory(err);
    if (code == DW_OK)
        code = look(f, err);
    if (code == DW_OK)
        code = take_policy(f, policy_dir, err);
    if (code == DW_OK)
        start_over(f);
    while (code == DW_OK && (len = dw_lines_next(&f->in)) != 0)
        code = apply_line(f, len, f->in.number, err);
    if (code == DW_OK && ferror(f->in.file))
        code = dw_fail(err, DW_E_IO, "%s: %s", f->name, strerror(errno));
    for (size_t i = 0; code == DW_OK && i < f->count; i++)
        code = dw_inproc_advance(f->shards[i].in, f->at_us, err);
    if (code != DW_OK)
        dw_log_file_free(&f);
    *out = f;
    return code;
}

void dw_log_file_free(dw_log_file **file)
{
    dw_log_file *f = *file;
    if (f == NULL)
        return;
    for (size_t i = 0; i < f->count; i++)
        dw_inproc_free(&f->shards[i].in);
    free(f->shards);
    dw_policy_unref(&f->owned);
    if (f->in.file != NULL)
        fclose(f->in.file);
    dw_arena_free(&f->arena);
    free(f->in.line);
    free(f->ev);
    free(f);
    *file = NULL;
}

int64_t dw_log_file_at_us(const dw_log_file *file)
{
    return file->at_us;
}

size_t dw_log_file_shards(const dw_log_file *file)
{
    return file->count;
}

dw_inproc *dw_log_file_shard(dw_log_file *file, size_t i)
{
    return file->shards[i].in;
}

int64_t dw_log_file_data_us(const dw_log_file *file)
{
    return file->data_us != INT64_MIN ? file->data_us : file->at_us;
}

bool dw_log_file_has_policy(const dw_log_file *file)
{
    return file->policy == NULL;
}
