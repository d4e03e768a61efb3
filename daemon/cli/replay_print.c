/* replay_print.c: one line per live alert and instant, and with --obligations per obligation, warning and flag. */

#include "daemon/cli/child_print.h"
#include "daemon/cli/replay.h"
#include "daemon/cli/text.h"
#include "proto/json.h"

#include <inttypes.h>

static void put_string(dw_str text)
{
    putchar_unlocked('"');
    for (uint32_t i = 0; i < text.len; i++) { /* ids are printable ASCII; an instant comes from the command line */
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < 0x20) {
            printf("\\u%04x", c);
            continue;
        }
        if (c == '"' || c == '\\')
            putchar_unlocked('\\');
        putchar_unlocked(c);
    }
    putchar_unlocked('"');
}

void dw_replay_put_first(const char *name, dw_str text)
{
    fputs_unlocked("{\"", stdout);
    fputs_unlocked(name, stdout);
    fputs_unlocked("\":", stdout);
    put_string(text);
}

void dw_replay_put(const char *name, dw_str text)
{
    fputs_unlocked(",\"", stdout);
    fputs_unlocked(name, stdout);
    fputs_unlocked("\":", stdout);
    put_string(text);
}

void dw_replay_put_due(const char *prefix, dw_due_kind kind, int32_t due_on, int64_t due_at_us)
{
    char text[32], name[32];
    if (kind == DW_DUE_NONE)
        return;
    if (kind == DW_DUE_DATE)
        dw_date_format(due_on, text);
    else
        dw_instant_format(due_at_us, text);
    snprintf(name, sizeof(name), "%s%s", prefix, kind == DW_DUE_DATE ? "due_on" : "due_at");
    dw_replay_put(name, dw_str_from(text));
}

char *dw_replay_due_text(dw_due_kind kind, int32_t due_on, int64_t due_at_us, char *out, size_t size)
{
    char text[DW_TEXT_TIME_MAX] = "";
    if (kind == DW_DUE_DATE)
        dw_text_day(due_on, text, sizeof(text));
    else if (kind == DW_DUE_INSTANT)
        dw_text_time(due_at_us, text, sizeof(text));
    snprintf(out, size, "%s%s", text[0] != '\0' ? "due " : "no due date", text);
    return out;
}

dw_str dw_replay_subject(const dw_record *rec, dw_str subject_id)
{
    return subject_id.len != 0 ? subject_id : rec->child_ref;
}

static void put_head(const dw_replay_instant *at, const char *kind, const dw_record *rec, dw_str rule_id,
                     dw_str subject_id)
{
    dw_replay_put_first("at", dw_str_from(at->text));
    if (kind != NULL)
        dw_replay_put("kind", dw_str_from(kind));
    dw_replay_put("rule", rule_id);
    dw_replay_put("la_code", rec->la_code);
    dw_replay_put("child_ref", rec->child_ref);
    dw_replay_put("subject", dw_replay_subject(rec, subject_id));
}

static void print_alert(const dw_replay *r, const dw_replay_instant *at, const dw_record *rec, const dw_alert *alert)
{
    char raised[32], due[DW_TEXT_TIME_MAX + 8], subject[2 * DW_ID_BYTES_MAX];
    if (r->cli->json) {
        dw_instant_format(alert->opened_us, raised);
        put_head(at, NULL, rec, alert->rule_id, alert->subject_id);
        dw_replay_put_due("", alert->due_kind, alert->due_on, alert->due_at_us);
        dw_replay_put("raised_at", dw_str_from(raised));
        printf(",\"priority\":\"P%d\",\"level\":%" PRIu32 "}\n", (int)alert->priority, alert->level);
        return;
    }
    dw_text_subject(alert->subject_kind, alert->subject_id, subject, sizeof(subject));
    dw_text_time(alert->opened_us, raised, sizeof(raised));
    printf("%s  P%d  %-6.*s  %.*s/%.*s%s%s, %s, raised %s, %s%s\n", at->text, (int)alert->priority,
           DW_STR_ARG(alert->rule_id), DW_STR_ARG(rec->la_code), DW_STR_ARG(rec->child_ref),
           subject[0] != '\0' ? ", " : "", subject,
           dw_replay_due_text(alert->due_kind, alert->due_on, alert->due_at_us, due, sizeof(due)), raised,
           dw_text_level(alert->level), alert->state == DW_AL_ACKED ? ", acknowledged" : "");
}

static void put_day(const char *name, int32_t day)
{
    char text[32];
    dw_date_format(day, text);
    dw_replay_put(name, dw_str_from(text));
}

/* Nothing when the record says all that the rule asks for. */
static void put_gaps(uint32_t gaps)
{
    const char *before = ",\"gaps\":[\"";
#define X(e, bit, name, words)                                                                                         \
    if ((gaps & (e)) != 0) {                                                                                           \
        fputs_unlocked(before, stdout);                                                                                \
        fputs_unlocked(name "\"", stdout);                                                                             \
        before = ",\"";                                                                                                \
    }
    DW_GAP_LIST(X)
#undef X
    if (gaps != 0)
        putchar_unlocked(']');
}

static void print_obligation(const dw_replay *r, const dw_replay_instant *at, const dw_record *rec,
                             const dw_obligation *ob)
{
    char due[DW_TEXT_TIME_MAX + 8], subject[2 * DW_ID_BYTES_MAX], gaps[DW_GAPS_TEXT_MAX];
    const char *kind = ob->state == DW_OB_FLAGGED ? "flag" : ob->state == DW_OB_WARNED ? "warning" : "obligation";
    if (r->cli->json) {
        put_head(at, kind, rec, ob->rule->id, ob->subject_id);
        dw_replay_put("subject_kind", ob->subject_kind);
        dw_replay_put("state", dw_str_from(dw_ob_state_name(ob->state)));
        dw_replay_put_due("", ob->due_kind, ob->due_on, ob->due_at_us);
        if (ob->paused_until != 0)
            put_day("paused_until", ob->paused_until);
        put_gaps(dw_gaps_of(ob));
        printf(",\"approximate\":%s,\"count\":%" PRIu32 "}\n", ob->approximate ? "true" : "false", ob->count);
        return;
    }
    dw_text_subject(ob->subject_kind, ob->subject_id, subject, sizeof(subject));
    printf("%s  %s  %-6.*s  %.*s/%.*s%s%s, %s, %s%s\n", at->text, kind, DW_STR_ARG(ob->rule->id),
           DW_STR_ARG(rec->la_code), DW_STR_ARG(rec->child_ref), subject[0] != '\0' ? ", " : "", subject,
           dw_replay_due_text(ob->due_kind, ob->due_on, ob->due_at_us, due, sizeof(due)), dw_ob_state_name(ob->state),
           dw_gaps_text(dw_gaps_of(ob), gaps));
}

dw_errc dw_replay_print(dw_replay *r, dw_inproc *in, const dw_replay_instant *at, dw_error *err)
{
    size_t count = dw_inproc_count(in);
    for (size_t i = 0; i < count; i++) {
        dw_inproc_child *child = dw_inproc_at(in, i);
        const dw_record *rec = dw_inproc_record(child);
        for (uint32_t k = 0; k < rec->alert_count; k++)
            if (dw_alert_is_live(&rec->alerts[k]))
                print_alert(r, at, rec, &rec->alerts[k]);
        if (!r->obligations)
            continue;
        dw_inproc_view view;
        dw_errc code = dw_inproc_evaluate(in, child, at->us, &view, err);
        if (code != DW_OK)
            return code;
        for (uint32_t k = 0; view.obligations != NULL && k < view.obligations->count; k++)
            print_obligation(r, at, view.rec, &view.obligations->items[k]);
    }
    return DW_OK;
}
