/* diff.c: longest common subsequence of lines, after what is equal at both ends has been set aside. */

#include "daemon/cli/diff.h"

#include <stdlib.h>

typedef struct lines {
    dw_str *items;
    size_t count;
} lines;

static bool split(dw_str text, lines *out)
{
    size_t count = 0;
    for (uint32_t i = 0; i < text.len; i++)
        count += text.ptr[i] == '\n';
    out->items = calloc(count + 1, sizeof(dw_str));
    if (out->items == NULL)
        return false;
    uint32_t begin = 0;
    for (uint32_t i = 0; i <= text.len; i++) {
        if (i < text.len && text.ptr[i] != '\n')
            continue;
        if (i < text.len || i > begin)
            out->items[out->count++] = (dw_str){text.ptr + begin, i - begin};
        begin = i + 1;
    }
    return true;
}

static size_t replaced(const lines *a, const lines *b, size_t first, size_t a_end, size_t b_end, dw_diff_line *each,
                       void *user)
{
    for (size_t i = first; i < a_end; i++)
        each(user, '-', i + 1, a->items[i]);
    for (size_t i = first; i < b_end; i++)
        each(user, '+', i + 1, b->items[i]);
    return a_end - first + b_end - first;
}

size_t dw_diff(dw_str before, dw_str after, dw_diff_line *each, void *user)
{
    lines a = {0};
    lines b = {0};
    size_t changes = SIZE_MAX;
    uint32_t *common = NULL; /* common[i][j]: length of the longest common run of a[i..] and b[j..] */
    if (!split(before, &a) || !split(after, &b))
        goto done;
    size_t first = 0;
    size_t a_end = a.count;
    size_t b_end = b.count;
    while (first < a_end && first < b_end && dw_str_eq(a.items[first], b.items[first]))
        first++;
    while (a_end > first && b_end > first && dw_str_eq(a.items[a_end - 1], b.items[b_end - 1])) {
        a_end--;
        b_end--;
    }
    size_t rows = a_end - first;
    size_t width = b_end - first + 1;
    if (rows != 0 && width > DW_DIFF_CELLS_MAX / (rows + 1)) {
        changes = replaced(&a, &b, first, a_end, b_end, each, user);
        goto done;
    }
    common = calloc((rows + 1) * width, sizeof(*common));
    if (common == NULL)
        goto done;
    for (size_t i = rows; i-- > 0;) {
        for (size_t j = width - 1; j-- > 0;) {
            uint32_t down = common[(i + 1) * width + j];
            uint32_t right = common[i * width + j + 1];
            common[i * width + j] = dw_str_eq(a.items[first + i], b.items[first + j])
                                        ? common[(i + 1) * width + j + 1] + 1
                                        : (down > right ? down : right);
        }
    }
    changes = 0;
    size_t i = 0;
    size_t j = 0;
    while (i < rows || j + 1 < width) {
        if (i < rows && j + 1 < width && dw_str_eq(a.items[first + i], b.items[first + j])) {
            i++;
            j++;
            continue;
        }
        changes++;
        if (i < rows && (j + 1 == width || common[(i + 1) * width + j] >= common[i * width + j + 1])) {
            each(user, '-', first + i + 1, a.items[first + i]);
            i++;
        } else {
            each(user, '+', first + j + 1, b.items[first + j]);
            j++;
        }
    }
done:
    free(common);
    free(a.items);
    free(b.items);
    return changes;
}
