/* A libcuda.so.1 without a driver behind it. It says what these variables tell it:
 *   FAKE_CUDA_INIT     the code that cuInit returns (0)
 *   FAKE_CUDA_VERSION  the newest CUDA it speaks, times 1000 (12040)
 *   FAKE_CUDA_GPUS     how many cards there are (1)
 *   FAKE_CUDA_MIG      the UUIDs of slices, of which CUDA_VISIBLE_DEVICES may name one
 *   FAKE_CUDA_HANG     cuInit never returns;  FAKE_CUDA_CRASH  it ends the process
 * Like the real one it reads CUDA_VISIBLE_DEVICES once, ends the list at the first bad entry, and returns 100 for none.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NO_DEVICE 100

static int shown;
static int number(const char *name, int otherwise) { const char *v = getenv(name); return v ? atoi(v) : otherwise; }

static int count(void) {
    const char *list = getenv("CUDA_VISIBLE_DEVICES");
    int all = number("FAKE_CUDA_GPUS", 1), found = 0;
    if (!list) return all;
    if (!strncmp(list, "MIG-", 4)) return getenv("FAKE_CUDA_MIG") && strstr(getenv("FAKE_CUDA_MIG"), list) ? 1 : 0;
    while (*list) {
        char *end;
        long index = strncmp(list, "GPU-", 4) ? strtol(list, &end, 10) : (end = strchr(list, ',') ? strchr(list, ',') : strchr(list, 0), 0);
        if (end == list || index < 0 || index >= all) break;
        found++;
        list = *end == ',' ? end + 1 : end;
        if (*end && *end != ',') break;
    }
    return found;
}

int cuInit(unsigned flags) {
    while (getenv("FAKE_CUDA_HANG")) pause();
    if (getenv("FAKE_CUDA_CRASH")) abort();
    shown = count();
    int code = number("FAKE_CUDA_INIT", 0);
    return code ? code : shown ? 0 : NO_DEVICE;
}
int cuDriverGetVersion(int *out) { *out = number("FAKE_CUDA_VERSION", 12040); return 0; }
int cuDeviceGetCount(int *out) { *out = shown; return 0; }
