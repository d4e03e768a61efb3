/* setup.c: topics by the admin API, the key by getrandom. */

#include "daemon/setup.h"

#include "daemon/kafka_check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_BYTES = 32 };

dw_errc dw_setup_key(const char *path, dw_error *err)
{
    uint8_t random[KEY_BYTES];
    char hex[2 * KEY_BYTES + 2];
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return dw_fail(err, DW_E_IO, "no random numbers");
    for (size_t i = 0; i < sizeof(random); i++)
        snprintf(hex + 2 * i, 3, "%02x", random[i]);
    hex[sizeof(hex) - 2] = '\n';
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    dw_errc rc = DW_OK;
    if (fd < 0)
        rc = dw_fail(err, DW_E_IO, "%s: %s", path, strerror(errno));
    else if (write(fd, hex, sizeof(hex) - 1) != (ssize_t)sizeof(hex) - 1 || fsync(fd) != 0)
        rc = dw_fail(err, DW_E_IO, "%s: %s", path, strerror(errno));
    if (fd >= 0 && close(fd) != 0 && rc == DW_OK)
        rc = dw_fail(err, DW_E_IO, "%s: %s", path, strerror(errno));
    explicit_bzero(random, sizeof(random));
    explicit_bzero(hex, sizeof(hex));
    return rc;
}

static dw_errc setup_key(const dw_settings *settings, FILE *out, dw_error *err)
{
    const char *named = settings->auth_key_file;
    char beside[4096];
    bool have_name = named[0] != '\0';
    if (have_name && strchr(named, '/') == NULL) {
        fprintf(out, "the dw-auth key is the credential %s; give it to the service by LoadCredential\n", named);
        return DW_OK;
    }
    if (!have_name) {
        const char *slash = strrchr(settings->file, '/');
        int n = slash != NULL ? (int)(slash - settings->file) : 1;
        snprintf(beside, sizeof(beside), "%.*s/dw-auth", n, slash != NULL ? settings->file : ".");
        named = beside;
    }
    struct stat st;
    if (lstat(named, &st) == 0) {
        fprintf(out, "key file %s is there already; left as it is\n", named);
    } else {
        dw_errc rc = dw_setup_key(named, err);
        if (rc != DW_OK)
            return rc;
        fprintf(out, "made key file %s\n", named);
    }
    if (!have_name)
        fprintf(out, "name it in the settings, here and where `driftwatch` is used:\n  auth: {key_file: \"%s\"}\n",
                named);
    return DW_OK;
}

dw_errc dw_setup(const dw_settings *settings, void *stdio_out, dw_error *err)
{
    dw_errc rc = setup_key(settings, stdio_out, err);
    return rc == DW_OK ? dw_kafka_setup(settings, stdio_out, err) : rc;
}
