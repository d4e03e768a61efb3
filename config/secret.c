/* secret.c: reads secrets from files that only their owner can read, or from systemd's credentials directory. */

#include "config/settings_table.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_bare(const char *path)
{
    return strchr(path, '/') == NULL;
}

/* The path of a secret; NULL with err. */
static char *locate(const char *path, dw_error *err)
{
    char *full = NULL;
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    if (path[0] == '\0') {
        dw_fail(err, DW_E_CONFIG, "no file is named for this secret");
        return NULL;
    }
    if (is_bare(path) && folder == NULL) {
        dw_fail(err, DW_E_CONFIG, "%s is the name of a systemd credential, and there is no $CREDENTIALS_DIRECTORY here",
                path);
        return NULL;
    }
    int n = is_bare(path) ? asprintf(&full, "%s/%s", folder, path) : asprintf(&full, "%s", path);
    if (n < 0) {
        dw_fail(err, DW_E_NOMEM, "out of memory");
        return NULL;
    }
    return full;
}

/* A file that others can read is no secret. systemd gives credentials 0440 with an ACL for the service's user, inside a
 * directory that nobody else can enter; there the group bit is no leak. */
static dw_errc check_mode(const char *full, bool credential, dw_error *err)
{
    struct stat st;
    if (stat(full, &st) != 0)
        return dw_fail(err, DW_E_IO, "cannot read the secret %s: %s", full, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return dw_fail(err, DW_E_CONFIG, "the secret %s is not a regular file", full);
    mode_t open_to = credential ? S_IRWXO : S_IRWXG | S_IRWXO;
    if ((st.st_mode & open_to) != 0)
        return dw_fail(err, DW_E_CONFIG, "the secret %s is open to others (mode %04o): chmod 0600 %s", full,
                       (unsigned)(st.st_mode & 07777), full);
    return DW_OK;
}

dw_errc dw_secret_read(const char *path, char **out, size_t *len, dw_error *err)
{
    char *full = locate(path, err), *data = NULL;
    size_t n = 0;
    if (full == NULL)
        return err != NULL && err->code != DW_OK ? err->code : DW_E_CONFIG;
    dw_errc code = check_mode(full, is_bare(path), err);
    if (code == DW_OK && !dw_file_read(full, DW_SECRET_BYTES_MAX, &data, &n, err))
        code = err != NULL && err->code != DW_OK ? err->code : DW_E_IO;
    if (code == DW_OK && data != NULL) {
        if (n > 0 && data[n - 1] == '\n')
            data[--n] = '\0';
        if (n > 0 && data[n - 1] == '\r')
            data[--n] = '\0';
        if (n == 0) {
            free(data);
            data = NULL;
            code = DW_E_CONFIG;
            dw_fail(err, code, "the secret %s is empty", full);
        }
    }
    free(full);
    if (code == DW_OK) {
        *out = data;
        *len = n;
    }
    return code;
}

void dw_secret_check(dw_yaml *yaml, const yaml_node_t *node, const char *path, char **out, size_t *len)
{
    char *secret = NULL;
    size_t n = 0;
    dw_error err = {0};
    if (dw_secret_read(path, &secret, &n, &err) != DW_OK || secret == NULL) {
        bool warning = is_bare(path) && getenv("CREDENTIALS_DIRECTORY") == NULL;
        dw_problems_add(yaml->problems, yaml->file, node, warning, "%s", err.text);
        return;
    }
    if (out != NULL) {
        *out = secret;
        *len = n;
        return;
    }
    explicit_bzero(secret, n);
    free(secret);
}
