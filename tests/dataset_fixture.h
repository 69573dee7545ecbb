/* What the tests of eval/dataset share: a folder of files that lives as long as the program. */
#ifndef TESTS_DATASET_FIXTURE_H
#define TESTS_DATASET_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/file.h"
#include "core/log.h"
#include "eval/dataset.h"

static char folder[] = "/tmp/pld_dataset_XXXXXX";
static char used[4096]; /* where the last in() is */

/* Path of a file in the test's folder. */
static inline const char *in(const char *name)
{
    snprintf(used, sizeof used, "%s/%s", folder, name);
    return used;
}

static inline void put(const char *name, const char *text)
{
    char dir[4096];
    assert_int_equal(pld_path_dirname(dir, sizeof dir, in(name)), PLD_OK);
    assert_int_equal(pld_dir_make(dir), PLD_OK);
    assert_int_equal(pld_file_write(in(name), text, strlen(text)), PLD_OK);
}

/* A readable image file of this size, whatever its name says. */
static inline void put_image(const char *name, int width, int height)
{
    char text[65536];
    int n = snprintf(text, sizeof text, "P5 %d %d 255\n", width, height);
    assert_true((size_t)n + (size_t)(width * height) < sizeof text);
    memset(text + n, 'x', (size_t)(width * height));
    text[n + width * height] = '\0';
    put(name, text);
}

static inline struct pld_dataset open_good(const char *name,
                                           const struct pld_dataset_options *options)
{
    struct pld_dataset dataset;
    if (pld_dataset_open(&dataset, in(name), options) != PLD_OK)
        fail_msg("%s: %s", pld_error_last()->where, pld_error_last()->message);
    assert_int_equal(strlen(dataset.sha256), 64);
    assert_string_equal(dataset.source, in(name));
    return dataset;
}

/* Opens what must not open: `where` (NULL: the file itself) is a name in the folder. */
static inline void check_bad(const char *name, const struct pld_dataset_options *options,
                             const char *where, const char *message)
{
    struct pld_dataset dataset;
    assert_int_equal(pld_dataset_open(&dataset, in(name), options), PLD_EDATA);
    pld_dataset_release(&dataset);
    const struct pld_error *error = pld_error_last();
    if (strcmp(error->where, in(where ? where : name)) != 0 || !strstr(error->message, message))
        fail_msg("got '%s: %s', expected '%s: %s'", error->where, error->message, used, message);
    assert_null(strchr(error->message, '\n'));
}

static inline bool find_shared(char *out, size_t size, const char *name)
{
    const char *env = getenv("POLLARD_DATA"), *source = getenv("POLLARD_SOURCE_DIR");
    if (env)
        snprintf(out, size, "%s/%s", env, name);
    else
        snprintf(out, size, "%s/../shared/data/%s", source ? source : ".", name);
    if (pld_file_exists(out) || pld_dir_exists(out)) return true;
    print_message("skipped: no %s\n", out);
    return false;
}

static inline int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static inline int remove_folder(void **state)
{
    (void)state;
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

#endif
