/* log.c: formats, rate limit and the way to the journal. */

#include "daemon/log.h"

#include "daemon/loop.h"
#include "proto/limits.h"

#include <sys/stat.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

typedef struct window {
    const char *event; /* names are string constants: compared by content, kept by pointer */
    int64_t began_us;
    uint32_t lines;
    uint32_t swallowed;
} window;

struct dw_log {
    FILE *stream;
    dw_log_format format; /* never DW_LOG_AUTO */
    dw_log_level level;
    window windows[DW_LOG_EVENTS_MAX];
    uint64_t swallowed;
};

typedef struct line {
    dw_log_level level;
    const char *event;
    int32_t partition;
    const char *text;
    int64_t wall_us;
} line;

const char *dw_log_level_name(dw_log_level level)
{
    switch (level) {
    case DW_LOG_ERROR:
        return "error";
    case DW_LOG_WARN:
        return "warn";
    case DW_LOG_INFO:
        return "info";
    case DW_LOG_DEBUG:
        return "debug";
    }
    return "error";
}

/* systemd sets JOURNAL_STREAM to "device:inode" of the socket it gave us as standard error. */
static bool stream_is_journal(FILE *stream)
{
    const char *at = getenv("JOURNAL_STREAM");
    struct stat st;
    if (at == NULL || fstat(fileno(stream), &st) != 0)
        return false;
    char own[64];
    snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    return strcmp(at, own) == 0;
}

static dw_log_format choose(FILE *stream, dw_log_format format)
{
    if (format != DW_LOG_AUTO)
        return format;
    return stream_is_journal(stream) ? DW_LOG_JOURNAL : DW_LOG_TEXT;
}

dw_log *dw_log_new(void *stream, dw_log_format format, dw_log_level level)
{
    dw_log *log = calloc(1, sizeof(*log));
    if (log == NULL)
        return NULL;
    log->stream = stream;
    log->format = choose(stream, format);
    log->level = level;
    return log;
}

void dw_log_free(dw_log **log)
{
    free(*log);
    *log = NULL;
}

void dw_log_configure(dw_log *log, dw_log_format format, dw_log_level level)
{
    log->format = choose(log->stream, format);
    log->level = level;
}

bool dw_log_wants(const dw_log *log, dw_log_level level)
{
    return level <= log->level;
}

uint64_t dw_log_swallowed(const dw_log *log)
{
    return log->swallowed;
}

static void time_text(int64_t wall_us, char *out, size_t max)
{
    time_t seconds = (time_t)(wall_us / 1000000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    size_t n = strftime(out, max, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + n, max - n, ".%03dZ", (int)(wall_us / 1000 % 1000));
}

/* Quoted for JSON and logfmt alike: the text has no control characters left. */
static void put_quoted(FILE *out, const char *text)
{
    fputc('"', out);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            fputc('\\', out);
        fputc(*c, out);
    }
    fputc('"', out);
}

static void write_stream(FILE *out, dw_log_format format, const line *l)
{
    char when[40];
    time_text(l->wall_us, when, sizeof(when));
    const char *level = dw_log_level_name(l->level);
    if (format == DW_LOG_JSON) {
        fprintf(out, "{\"time\":\"%s\",\"level\":\"%s\",\"event\":\"%s\"", when, level, l->event);
        if (l->partition >= 0)
            fprintf(out, ",\"partition\":%d", l->partition);
        fputs(",\"text\":", out);
        put_quoted(out, l->text);
        fputs("}\n", out);
    } else if (format == DW_LOG_TEXT) {
        fprintf(out, "%s %-5s %s", when, level, l->event);
        if (l->partition >= 0)
            fprintf(out, " [%d]", l->partition);
        fprintf(out, ": %s\n", l->text);
    } else {
        fprintf(out, "time=%s level=%s event=%s", when, level, l->event);
        if (l->partition >= 0)
            fprintf(out, " partition=%d", l->partition);
        fputs(" text=", out);
        put_quoted(out, l->text);
        fputc('\n', out);
    }
    fflush(out);
}

static bool write_journal(const line *l)
{
    static const int priorities[] = {[DW_LOG_ERROR] = 3, [DW_LOG_WARN] = 4, [DW_LOG_INFO] = 6, [DW_LOG_DEBUG] = 7};
    if (l->partition >= 0)
        return sd_journal_send("MESSAGE=%s: [%d] %s", l->event, l->partition, l->text, "PRIORITY=%i",
                               priorities[l->level], "DRIFTWATCH_EVENT=%s", l->event, "DRIFTWATCH_PARTITION=%d",
                               l->partition, "SYSLOG_IDENTIFIER=driftwatchd", NULL) == 0;
    return sd_journal_send("MESSAGE=%s: %s", l->event, l->text, "PRIORITY=%i", priorities[l->level],
                           "DRIFTWATCH_EVENT=%s", l->event, "SYSLOG_IDENTIFIER=driftwatchd", NULL) == 0;
}

static void emit(dw_log *log, const line *l)
{
    if (log->format == DW_LOG_JOURNAL && write_journal(l))
        return;
    write_stream(log->stream, log->format, l);
}

static void end_window(dw_log *log, window *w, int64_t wall_us)
{
    if (w->swallowed > 0) {
        char text[160];
        snprintf(text, sizeof(text), "%u more lines of %s in %d s", w->swallowed, w->event,
                 (int)(DW_LOG_WINDOW_US / 1000000));
        emit(log, &(line){DW_LOG_WARN, "log_swallowed", DW_LOG_NO_PARTITION, text, wall_us});
    }
    w->swallowed = 0;
    w->lines = 0;
}

/* False: this line goes over the limit of its event name. */
static bool admit(dw_log *log, const char *event, dw_now now)
{
    window *w = NULL;
    for (size_t i = 0; i < DW_LOG_EVENTS_MAX && w == NULL; i++)
        if (log->windows[i].event == NULL || strcmp(log->windows[i].event, event) == 0)
            w = &log->windows[i];
    if (w == NULL)
        return true; /* more names than slots: never lose a line for that */
    if (w->event == NULL || now.boot_us - w->began_us >= DW_LOG_WINDOW_US) {
        w->event = event;
        end_window(log, w, now.wall_us);
        w->began_us = now.boot_us;
    }
    if (w->lines >= DW_LOG_BURST) {
        w->swallowed++;
        log->swallowed++;
        return false;
    }
    w->lines++;
    return true;
}

void dw_log_flush(dw_log *log)
{
    dw_now now = dw_now_read();
    for (size_t i = 0; i < DW_LOG_EVENTS_MAX && log->windows[i].event != NULL; i++)
        if (log->windows[i].swallowed > 0 && now.boot_us - log->windows[i].began_us >= DW_LOG_WINDOW_US)
            end_window(log, &log->windows[i], now.wall_us);
}

void dw_log_write(dw_log *log, dw_log_level level, const char *event, int32_t partition, const char *fmt, ...)
{
    if (!dw_log_wants(log, level))
        return;
    dw_now now = dw_now_read();
    if (level != DW_LOG_DEBUG && !admit(log, event, now)) /* who asks for debug wants it all */
        return;
    char text[DW_LOG_LINE_BYTES_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    emit(log, &(line){level, event, partition, text, now.wall_us});
}
