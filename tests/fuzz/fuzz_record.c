// link: dw_core
/* fuzz_record.c: any bytes as a child's stored record: two bytes with the head's length, the head, and then what every one of
 * its pages is said to be. What decodes has a front that says the same, and encodes to what decodes again. */
#include "handlers/record.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define PAGES_MAX 3

static void use(dw_record *rec, const dw_record_front *front)
{
    dw_encoded out = {0};
    dw_error err = {0};
    dw_record *again = NULL;
    FUZZ_MUST(rec->offset == front->offset && rec->next_due_us == front->next_due_us);
    dw_errc rc = dw_record_encode(rec, NULL, &out, &err);
    FUZZ_MUST(rc == DW_OK || rc == DW_E_NOMEM);
    if (rc == DW_OK) {
        FUZZ_MUST(dw_record_decode(out.head.data, out.head.len, &again, &err) == DW_OK);
        FUZZ_MUST(again->fact_count == rec->fact_count && again->alert_count == rec->alert_count);
        FUZZ_MUST(dw_str_eq(again->child_ref, rec->child_ref) && again->page_count == rec->page_count);
        dw_record_free(&again);
    }
    dw_encoded_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dw_record *rec = NULL;
    dw_record_front front = {0};
    dw_error err = {0};
    if (size < 2)
        return 0;
    size_t len = (size_t)data[0] | (size_t)data[1] << 8;
    const uint8_t *head = data + 2;
    len = len > size - 2 ? size - 2 : len;
    bool peeked = dw_record_peek(head, len, &front);
    if (dw_record_decode(head, len, &rec, &err) != DW_OK) {
        FUZZ_MUST(rec == NULL && err.text[0] != '\0');
        return 0;
    }
    FUZZ_MUST(peeked);
    bool whole = rec->page_count <= PAGES_MAX;
    for (uint32_t i = 0; whole && i < rec->page_count; i++)
        whole = dw_record_attach_page(rec, i, head + len, size - 2 - len, &err) == DW_OK;
    if (whole || rec->pages_loaded == 0)
        use(rec, &front);
    dw_record_free(&rec);
    return 0;
}
