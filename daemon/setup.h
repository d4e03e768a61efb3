#pragma once
/* setup.h: `driftwatchd --setup`: what a first start needs and nobody has made yet. */

#include "config/settings.h"

/* Makes missing topics and, where auth.key_file names none or is not set, a key file of mode 0600 beside the settings.
 * Says on `out` what it did. Existing things are left as they are. */
dw_errc dw_setup(const dw_settings *settings, void *stdio_out, dw_error *err);
/* Writes a new key of 32 random bytes as hex to `path`; fails when it exists. */
dw_errc dw_setup_key(const char *path, dw_error *err);
