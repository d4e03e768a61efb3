/* yaml.c: libyaml documents with positions. Two passes: events (what the composer would hide), then the document. */

#include "config/yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define QUOTE_MAX 60 /* bytes of a key quoted in a problem */

static int quoted(dw_str s)
{
    return s.len > QUOTE_MAX ? QUOTE_MAX : (int)s.len;
}

static void parser_problem(const yaml_parser_t *parser, const char *file, dw_str text, dw_problems *problems)
{
    const char *what = parser->problem != NULL ? parser->problem : "unreadable";
    unsigned line = (unsigned)parser->problem_mark.line + 1, column = (unsigned)parser->problem_mark.column + 1;
    if (parser->error == YAML_READER_ERROR) { /* has an offset and no mark */
        line = 1;
        column = 1;
        for (size_t i = 0; i < parser->problem_offset && i < text.len; i++) {
            column = text.ptr[i] == '\n' ? 1 : column + 1;
            line += text.ptr[i] == '\n';
        }
    }
    if (parser->context != NULL)
        dw_problems_add_at(problems, file, line, column, false, "not valid YAML: %s %s", parser->context, what);
    else
        dw_problems_add_at(problems, file, line, column, false, "not valid YAML: %s", what);
}

static void event_problem(const yaml_event_t *event, const char *file, dw_problems *problems, const char *what)
{
    dw_problems_add_at(problems, file, (unsigned)event->start_mark.line + 1, (unsigned)event->start_mark.column + 1,
                       false, "%s", what);
}

static void refuse_decoration(const char *file, dw_problems *problems, const yaml_event_t *event, const void *anchor,
                              const void *tag)
{
    if (anchor != NULL)
        event_problem(event, file, problems, "anchors (&name) are not used in driftwatch files");
    if (tag != NULL)
        event_problem(event, file, problems, "tags (!name) are not used in driftwatch files");
}

/* What the first pass has seen. */
typedef struct scanned {
    unsigned depth, documents, documents_max;
    unsigned second_line; /* of the second document's --- */
} scanned;

static bool scan_document(const yaml_event_t *event, const char *file, dw_problems *problems, scanned *seen)
{
    if (++seen->documents == 2)
        seen->second_line = (unsigned)event->start_mark.line + 1;
    if (seen->documents <= seen->documents_max)
        return true;
    event_problem(event, file, problems,
                  seen->documents_max == 1
                      ? "a second document (---): one file holds one document"
                      : "a third document (---): the standards and the authority's own file are two");
    return false;
}

/* One event; false ends the pass. */
static bool scan_event(const yaml_event_t *event, const char *file, dw_problems *problems, scanned *seen)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (!scan_document(event, file, problems, seen))
            return false;
        break;
    case YAML_ALIAS_EVENT:
        event_problem(event, file, problems, "aliases (*name) are not used in driftwatch files");
        break;
    case YAML_SCALAR_EVENT:
        refuse_decoration(file, problems, event, event->data.scalar.anchor, event->data.scalar.tag);
        break;
    case YAML_SEQUENCE_START_EVENT:
        refuse_decoration(file, problems, event, event->data.sequence_start.anchor, event->data.sequence_start.tag);
        ++seen->depth;
        break;
    case YAML_MAPPING_START_EVENT:
        refuse_decoration(file, problems, event, event->data.mapping_start.anchor, event->data.mapping_start.tag);
        ++seen->depth;
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        --seen->depth;
        break;
    case YAML_STREAM_END_EVENT:
        return false;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
    if (seen->depth > DW_YAML_DEPTH_MAX) {
        event_problem(event, file, problems, "nested too deeply");
        return false;
    }
    return true;
}

/* The document API resolves aliases, drops anchors and stops at the first document, so look at the events first. */
static void scan(const char *file, dw_str text, dw_problems *problems, scanned *seen)
{
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0) {
        dw_problems_add(problems, file, NULL, false, "out of memory");
        return;
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.ptr, text.len);
    bool more = true;
    while (more) {
        yaml_event_t event;
        if (yaml_parser_parse(&parser, &event) == 0) {
            parser_problem(&parser, file, text, problems);
            break;
        }
        more = scan_event(&event, file, problems, seen);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
}

typedef struct key_at {
    dw_str key;
    yaml_node_t *node;
} key_at;

static int key_compare(const void *a, const void *b)
{
    const key_at *x = a, *y = b;
    int c = dw_str_cmp(x->key, y->key);
    return c != 0 ? c : (x->node > y->node) - (x->node < y->node); /* nodes lie in the order of the text */
}

static void check_keys(dw_yaml *yaml, const yaml_node_t *map)
{
    size_t pairs = (size_t)(map->data.mapping.pairs.top - map->data.mapping.pairs.start), n = 0;
    key_at *keys = calloc(pairs != 0 ? pairs : 1, sizeof(*keys));
    if (keys == NULL) {
        dw_problems_add(yaml->problems, yaml->file, map, false, "out of memory");
        return;
    }
    for (size_t i = 0; i < pairs; i++) {
        yaml_node_t *key = dw_yaml_node(yaml, map->data.mapping.pairs.start[i].key);
        if (key->type == YAML_SCALAR_NODE)
            keys[n++] = (key_at){dw_yaml_scalar(key), key};
        else
            dw_problems_add(yaml->problems, yaml->file, key, false, "a key must be a word, not a list or mapping");
    }
    qsort(keys, n, sizeof(*keys), key_compare);
    for (size_t i = 1; i < n; i++)
        if (dw_str_eq(keys[i - 1].key, keys[i].key))
            dw_problems_add(yaml->problems, yaml->file, keys[i].node, false, "%.*s stands here a second time",
                            quoted(keys[i].key), keys[i].key.ptr);
    free(keys);
}

/* One node of another document, without what it holds. Its number, 0 when out of memory. */
static int copy_node(yaml_document_t *doc, const yaml_node_t *from)
{
    int id = 0;
    switch (from->type) {
    case YAML_SCALAR_NODE:
        id = yaml_document_add_scalar(doc, from->tag, from->data.scalar.value, (int)from->data.scalar.length,
                                      from->data.scalar.style);
        break;
    case YAML_SEQUENCE_NODE:
        id = yaml_document_add_sequence(doc, from->tag, from->data.sequence.style);
        break;
    case YAML_MAPPING_NODE:
        id = yaml_document_add_mapping(doc, from->tag, from->data.mapping.style);
        break;
    case YAML_NO_NODE:
        break;
    }
    if (id != 0) {
        doc->nodes.start[id - 1].start_mark = from->start_mark;
        doc->nodes.start[id - 1].end_mark = from->end_mark;
    }
    return id;
}

/* All nodes of `from` behind those of `doc`; the number of its root. */
static bool append_document(yaml_document_t *doc, const yaml_document_t *from, int *root)
{
    int base = (int)(doc->nodes.top - doc->nodes.start);
    for (const yaml_node_t *node = from->nodes.start; node < from->nodes.top; node++)
        if (copy_node(doc, node) == 0)
            return false;
    int id = base;
    for (const yaml_node_t *node = from->nodes.start; node < from->nodes.top; node++) {
        id++;
        if (node->type == YAML_SEQUENCE_NODE) {
            for (const yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++)
                if (yaml_document_append_sequence_item(doc, id, base + *i) == 0)
                    return false;
        } else if (node->type == YAML_MAPPING_NODE) {
            for (const yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++)
                if (yaml_document_append_mapping_pair(doc, id, base + p->key, base + p->value) == 0)
                    return false;
        }
    }
    *root = base + 1;
    return true;
}

/* The second document behind the first, unless nothing stands in it. */
static bool load_second(yaml_parser_t *parser, yaml_document_t *doc, int *second)
{
    yaml_document_t more;
    if (yaml_parser_load(parser, &more) == 0)
        return false;
    bool ok = yaml_document_get_root_node(&more) == NULL || dw_yaml_is_null(yaml_document_get_root_node(&more)) ||
              append_document(doc, &more, second);
    if (!ok)
        parser->error = YAML_MEMORY_ERROR;
    yaml_document_delete(&more);
    return ok;
}

static bool parse(dw_yaml *yaml, const char *file, dw_str text, dw_problems *problems, scanned *seen, int *second)
{
    if (text.len > DW_CONFIG_BYTES_MAX) {
        dw_problems_add(problems, file, NULL, false, "longer than %d bytes", DW_CONFIG_BYTES_MAX);
        return false;
    }
    size_t errors = problems->errors;
    scan(file, text, problems, seen);
    if (problems->errors != errors)
        return false;
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0) {
        dw_problems_add(problems, file, NULL, false, "out of memory");
        return false;
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.ptr, text.len);
    yaml_document_t doc;
    bool loaded = yaml_parser_load(&parser, &doc) != 0;
    if (loaded && seen->documents > 1 && !load_second(&parser, &doc, second)) {
        yaml_document_delete(&doc);
        loaded = false;
    }
    if (!loaded)
        parser_problem(&parser, file, text, problems);
    yaml_parser_delete(&parser);
    if (!loaded)
        return false;
    *yaml = (dw_yaml){.doc = doc, .file = file, .problems = problems, .text = text};
    for (yaml_node_t *node = yaml->doc.nodes.start; node < yaml->doc.nodes.top; node++)
        if (node->type == YAML_MAPPING_NODE)
            check_keys(yaml, node);
    return true;
}

bool dw_yaml_parse(dw_yaml *yaml, const char *file, dw_str text, dw_problems *problems)
{
    scanned seen = {.documents_max = 1};
    int second = 0;
    return parse(yaml, file, text, problems, &seen, &second);
}

bool dw_yaml_parse_two(dw_yaml *yaml, const char *file, dw_str text, dw_problems *problems, int *second,
                       unsigned *second_line)
{
    scanned seen = {.documents_max = 2};
    *second = 0;
    bool ok = parse(yaml, file, text, problems, &seen, second);
    *second_line = seen.second_line;
    return ok;
}

void dw_yaml_deinit(dw_yaml *yaml)
{
    yaml_document_delete(&yaml->doc);
}

yaml_node_t *dw_yaml_root(dw_yaml *yaml)
{
    return yaml_document_get_root_node(&yaml->doc);
}

yaml_node_t *dw_yaml_node(dw_yaml *yaml, int id)
{
    return yaml_document_get_node(&yaml->doc, id);
}

yaml_node_t *dw_yaml_get(dw_yaml *yaml, const yaml_node_t *map, const char *key)
{
    if (map == NULL || map->type != YAML_MAPPING_NODE)
        return NULL;
    dw_str wanted = dw_str_from(key);
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++)
        if (dw_str_eq(dw_yaml_scalar(dw_yaml_node(yaml, p->key)), wanted))
            return dw_yaml_node(yaml, p->value);
    return NULL;
}

dw_str dw_yaml_scalar(const yaml_node_t *node)
{
    if (node == NULL || node->type != YAML_SCALAR_NODE)
        return (dw_str){0};
    return (dw_str){(const char *)node->data.scalar.value, (uint32_t)node->data.scalar.length};
}

bool dw_yaml_is_null(const yaml_node_t *node)
{
    if (node == NULL || node->type != YAML_SCALAR_NODE || node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    dw_str s = dw_yaml_scalar(node);
    return s.len == 0 || dw_str_eq(s, DW_STR_LIT("~")) || dw_str_eq(s, DW_STR_LIT("null"));
}

void dw_yaml_only(dw_yaml *yaml, const yaml_node_t *map, const char *const *allowed)
{
    if (map == NULL || map->type != YAML_MAPPING_NODE)
        return;
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++) {
        const yaml_node_t *node = dw_yaml_node(yaml, p->key);
        dw_nearest nearest = {.word = dw_yaml_scalar(node)};
        bool known = node->type != YAML_SCALAR_NODE; /* reported by the parse */
        for (const char *const *a = allowed; *a != NULL && !known; a++) {
            known = dw_str_eq(nearest.word, dw_str_from(*a));
            dw_nearest_try(&nearest, *a);
        }
        if (known)
            continue;
        if (nearest.best != NULL)
            dw_problems_add(yaml->problems, yaml->file, node, false, "unknown key %.*s; did you mean %s?",
                            quoted(nearest.word), nearest.word.ptr, nearest.best);
        else
            dw_problems_add(yaml->problems, yaml->file, node, false, "unknown key %.*s", quoted(nearest.word),
                            nearest.word.ptr);
    }
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Step over one byte of source; continuation bytes of UTF-8 take no column. */
static void step(dw_str text, size_t *at, unsigned *line, unsigned *column)
{
    unsigned char c = (unsigned char)text.ptr[(*at)++];
    if (c == '\n') {
        ++*line;
        *column = 1;
    } else if ((c & 0xc0) != 0x80) {
        ++*column;
    }
}

/* Value and source are walked side by side: a run of blanks in one is a run of blanks in the other, whatever folding did. */
void dw_yaml_position(const dw_yaml *yaml, const yaml_node_t *scalar, size_t offset, unsigned *line, unsigned *column)
{
    unsigned start_line = (unsigned)scalar->start_mark.line + 1, start_column = (unsigned)scalar->start_mark.column + 1;
    unsigned l = 1, c = 1;
    size_t at = 0;
    dw_str text = yaml->text, value = dw_yaml_scalar(scalar);
    if (text.len >= 3 && memcmp(text.ptr, "\xef\xbb\xbf", 3) == 0)
        at = 3; /* a byte order mark takes no column */
    *line = start_line;
    *column = start_column;
    while (at < text.len && (l < start_line || (l == start_line && c < start_column)))
        step(text, &at, &l, &c);
    yaml_scalar_style_t style = scalar->data.scalar.style;
    if (style == YAML_SINGLE_QUOTED_SCALAR_STYLE || style == YAML_DOUBLE_QUOTED_SCALAR_STYLE) {
        if (at < text.len)
            step(text, &at, &l, &c);
    } else if (style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE) {
        while (at < text.len && l == start_line)
            step(text, &at, &l, &c);
        while (at < text.len && is_blank(text.ptr[at]))
            step(text, &at, &l, &c);
    }
    size_t i = 0;
    while (i < offset && i < value.len && at < text.len) {
        if (is_blank(value.ptr[i])) {
            while (i < value.len && i < offset && is_blank(value.ptr[i]))
                i++;
            while (at < text.len && is_blank(text.ptr[at]))
                step(text, &at, &l, &c);
        } else if (value.ptr[i] == text.ptr[at]) {
            step(text, &at, &l, &c);
            i++;
        } else {
            return; /* an escape in quotes: the scalar's start is near enough */
        }
    }
    *line = l;
    *column = c;
}

bool dw_file_read(const char *path, size_t max, char **out, size_t *len, dw_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a named pipe must not hang the start */
    if (fd < 0) {
        dw_fail(err, DW_E_IO, "cannot open %s: %s", path, strerror(errno));
        return false;
    }
    char *data = NULL;
    size_t used = 0, cap = 0;
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        dw_fail(err, DW_E_IO, "%s is not a regular file", path);
        goto fail;
    }
    cap = st.st_size >= 0 && (size_t)st.st_size < max ? (size_t)st.st_size + 2 : max + 2;
    data = malloc(cap);
    while (data != NULL) {
        ssize_t got = read(fd, data + used, cap - 1 - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            dw_fail(err, DW_E_IO, "cannot read %s: %s", path, strerror(errno));
            goto fail;
        }
        if (got == 0)
            break;
        used += (size_t)got;
        if (used > max || used + 1 == cap) { /* it grew while it was read */
            dw_fail(err, DW_E_TOO_BIG, "%s is longer than %zu bytes", path, max);
            goto fail;
        }
    }
    if (data == NULL) {
        dw_fail(err, DW_E_NOMEM, "out of memory reading %s", path);
        goto fail;
    }
    data[used] = '\0';
    *out = data;
    *len = used;
    close(fd);
    return true;
fail:
    free(data);
    close(fd);
    return false;
}
