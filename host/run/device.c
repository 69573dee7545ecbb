/* The table of backends and the loader of plug-ins. */
#include "run/device.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/log.h"
#include "core/str.h"
#include "cpu/cpu.h"

struct backend_row {
    const char *name;
    const struct pld_backend_api *api; /* linked in, or NULL */
    const char *library, *symbol;      /* of a plug-in, or NULL */
};

static const struct backend_row rows[] = {
#define PLD_BACKEND_STATIC(name, api)             {name, &api, NULL, NULL},
#define PLD_BACKEND_PLUGIN(name, library, symbol) {name, NULL, library, symbol},
#include "run/backend.def"
#undef PLD_BACKEND_STATIC
#undef PLD_BACKEND_PLUGIN
};
enum { ROWS = sizeof rows / sizeof rows[0] };

const char *pld_device_name(int row)
{
    return row >= 0 && row < ROWS ? rows[row].name : NULL;
}

/* Loads the plug-in from one place; NULL with the loader's words in `why`. */
static void *load_from(const char *dir, const char *library, char *why, size_t size)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s%s%s", dir, *dir ? "/" : "", library) >= (int)sizeof path)
        return NULL;
    if (*dir && !pld_file_exists(path)) return NULL;
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) snprintf(why, size, "%s", dlerror());
    return handle;
}

/* Next to the executable, in ../lib from there, then where the loader looks. The library found
 * first counts: one that is there but does not load is an error, not a reason to look on. */
static void *load_library(const char *library, char *why, size_t size)
{
    char exe[4000], dir[4000], lib[4096];
    why[0] = '\0';
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (n > 0) {
        exe[n] = '\0';
        if (pld_path_dirname(dir, sizeof dir, exe) == PLD_OK) {
            snprintf(lib, sizeof lib, "%s/../lib", dir);
            void *handle = load_from(dir, library, why, size);
            if (!handle && !why[0]) handle = load_from(lib, library, why, size);
            if (handle || why[0]) return handle;
        }
    }
    return load_from("", library, why, size);
}

static pld_status find_api(const struct pld_backend_api **out, const struct backend_row *row)
{
    *out = row->api;
    if (row->api) return PLD_OK;
    char why[768];
    /* Never closed: kernels and devices live in it for the rest of the process. */
    void *handle = load_library(row->library, why, sizeof why);
    if (!handle) return pld_fail(PLD_EDEVICE, row->name, "cannot load the plug-in: %s", why);
    const struct pld_backend_api *api = dlsym(handle, row->symbol);
    if (!api)
        return pld_fail(PLD_EDEVICE, row->name, "%s has no %s: not a plug-in of this program",
                        row->library, row->symbol);
    if (api->version != PLD_BACKEND_API)
        return pld_fail(PLD_EDEVICE, row->name,
                        "%s speaks version %u of the backend interface, this program version %u",
                        row->library, (unsigned)api->version, (unsigned)PLD_BACKEND_API);
    *out = api;
    return PLD_OK;
}

static pld_status open_row(struct pld_backend **out, const struct backend_row *row, int index,
                           const struct pld_backend_options *options)
{
    struct pld_backend_options mine = options ? *options : (struct pld_backend_options){0};
    mine.device = index;
    const struct pld_backend_api *api;
    PLD_TRY(find_api(&api, row));
    return api->open(out, &mine);
}

/* Is there any sign of a GPU? Only then is falling back to the CPU worth a word. */
static bool gpu_present(void)
{
    return access("/dev/nvidiactl", F_OK) == 0 || access("/dev/nvidia0", F_OK) == 0;
}

static pld_status open_auto(struct pld_backend **out, const struct pld_backend_options *options)
{
    pld_status status = PLD_EDEVICE;
    for (int i = 0; i < ROWS; i++) {
        status = open_row(out, &rows[i], 0, options);
        if (status == PLD_OK) return PLD_OK;
        if (gpu_present())
            pld_log(PLD_LOG_INFO, "device %s is not used: %s", rows[i].name,
                    pld_error_last()->message);
    }
    return status;
}

/* Splits "name:i"; a name without an index is device 0. */
static pld_status split_name(char *name, size_t size, int *index, const char *device)
{
    size_t n = strcspn(device, ":");
    long long number = 0;
    bool good = n < size;
    if (good && device[n] == ':') good = pld_parse_i64(device + n + 1, &number);
    if (!good || number < 0 || number > 1023)
        return pld_fail(PLD_EUSAGE, "--device", "'%s' is not auto, cpu, cuda or cuda:i", device);
    memcpy(name, device, n);
    name[n] = '\0';
    *index = (int)number;
    return PLD_OK;
}

pld_status pld_device_open(struct pld_backend **out, const char *device,
                           const struct pld_backend_options *options)
{
    *out = NULL;
    if (strcmp(device, "auto") == 0) return open_auto(out, options);
    char name[64];
    int index;
    PLD_TRY(split_name(name, sizeof name, &index, device));
    for (int i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].name, name) != 0) continue;
        if (rows[i].api && index > 0)
            return pld_fail(PLD_EUSAGE, "--device", "'%s': there is only one %s", device, name);
        return open_row(out, &rows[i], index, options);
    }
    return pld_fail(PLD_EUSAGE, "--device", "'%s' is not auto, cpu, cuda or cuda:i", device);
}
