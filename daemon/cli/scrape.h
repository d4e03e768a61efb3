#pragma once
/* scrape.h: the daemon's own figures, read from its metrics endpoint (http.listen), for what Redis does not hold. */

#include "config/settings.h"

#define DW_SCRAPE_BYTES_MAX ((size_t)16 << 20) /* bytes of one page: 4,096 partitions have some 4 MiB */

/* The page, malloc'd; NULL with *err when there is no endpoint or nobody answers. */
char *dw_scrape(const dw_settings *settings, dw_error *err);
/* Value of NAME{...partition="P"...}; `absent` when there is no such sample. */
double dw_scrape_value(const char *page, const char *name, int32_t partition, double absent);
/* The hold of a partition's shard as the page shows it: name of the sample with value 1; empty: none. */
void dw_scrape_hold(const char *page, int32_t partition, char *out, size_t size);
