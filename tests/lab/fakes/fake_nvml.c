/* A libnvidia-ml.so.1 without a driver behind it. It says what these variables tell it:
 *   FAKE_NVML_INIT    the code that starting returns (0)
 *   FAKE_NVML_DRIVER  the driver's version (550.54.15)
 *   FAKE_NVML_CUDA    the newest CUDA it speaks, times 1000 (12040)
 *   FAKE_NVML_GPUS    the cards: name;capability;PCI id;word=value;word=value|name;capability;PCI id …, with these words:
 *                     total, used    MiB of memory (12288, 1024)
 *                     pids           who computes: pid:MiB,pid:MiB; without MiB the driver does not tell how much
 *                     mode           compute mode (0)
 *                     mig            splitting is on, with these slices: UUID,UUID (none: mig=)
 *                     slow           clock event reasons, such as 0x40 (1, idle);  busy  percent (0)
 *                     ecc            uncorrected errors;  pages  1: waiting for a reset
 *                     rows           1 waiting for a reset, 2 failed, 3 both;  fabric  state
 *                     lost           the code with which the card refuses its handle
 *   FAKE_NVML_FAIL    function=code,function@index=code: for all cards, or for one
 *   FAKE_NVML_HANG    the function that never returns; any other word: starting
 *   FAKE_NVML_LOST    the card with this index does not answer (code 15)
 *   FAKE_NVML_MIG     splitting is on for all cards, and there is no slice
 * Built with -DOLD it lacks the functions that drivers before 2016 or so did not have.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OK 0
#define NOT_SUPPORTED 3
#define NOT_FOUND 6
#define TOO_SMALL 7
#define LOST 15
#define SLICES 1000 /* a handle is 1 + the index of the card, and as many thousands more as the number of the slice */
#define MIB(n) ((unsigned long long)(n) << 20)
#define INDEX(gpu) ((long)(gpu) % SLICES - 1)
#define ASKED(gpu) { int code = told(__func__, INDEX(gpu)); if (code) return code; }
#define SAYS(function, type, word, otherwise) \
    int function(void *gpu, type *out) { ASKED(gpu) *out = (type)value(gpu, word, otherwise); return value(gpu, word, otherwise) < 0 ? NOT_SUPPORTED : OK; }

typedef struct { char legacy[16]; unsigned domain, bus, device, ids, subsystem; char id[32]; } Pci;
typedef struct { unsigned long long total, free, used; } Memory;
typedef struct { unsigned pid; unsigned long long memory; unsigned instance, computing; } Program;
typedef struct { unsigned gpu, memory; } Busy;
typedef struct { unsigned version; char cluster[16]; int status; unsigned clique; unsigned char state; unsigned health; } Fabric;

static const char *say(const char *name, const char *otherwise) { const char *v = getenv(name); return v ? v : otherwise; }
static int number(const char *name, int otherwise) { const char *v = getenv(name); return v ? atoi(v) : otherwise; }

/* A part of the description of a card, by its number, or a word=value by its word; NULL where it is not there. */
static const char *part(long index, int place, const char *word) {
    static char text[16384];
    char *rest, *one;
    size_t length = strlen(word);
    snprintf(text, sizeof text, "%s", say("FAKE_NVML_GPUS", "NVIDIA GeForce RTX 3060;8.6;2504"));
    for (one = strtok_r(text, "|", &rest); one && index--; one = strtok_r(NULL, "|", &rest)) ;
    for (rest = one ? strsep(&one, ";") : NULL; rest; rest = strsep(&one, ";"))
        if (place-- == 0 || (length && !strncmp(rest, word, length) && rest[length] == '=')) return length ? rest + length + 1 : rest;
    return NULL;
}
static const char *card(long index, int place) { const char *v = part(index, place, ""); return v ? v : ""; }
static long value(void *gpu, const char *word, long otherwise) {
    const char *v = part(INDEX(gpu), -1, word);
    return v ? strtol(v, NULL, 0) : otherwise;
}

/* What this function was told to answer: 0 is well. Here it may also hang. */
static int told(const char *function, long index) {
    char one[96];
    const char *found, *all = say("FAKE_NVML_FAIL", "");
    while (!strcmp(say("FAKE_NVML_HANG", ""), function)) pause();
    snprintf(one, sizeof one, "%s@%ld=", function, index);
    if (!(found = strstr(all, one))) { snprintf(one, sizeof one, "%s=", function); found = strstr(all, one); }
    return found ? atoi(found + strlen(one)) : OK;
}

int nvmlInitWithFlags(unsigned flags) {
    while (getenv("FAKE_NVML_HANG") && strncmp(getenv("FAKE_NVML_HANG"), "nvml", 4)) pause();
    return number("FAKE_NVML_INIT", OK);
}
int nvmlInit_v2(void) { return nvmlInitWithFlags(0); }
int nvmlShutdown(void) { return OK; }
const char *nvmlErrorString(int code) { return "as the fake was told"; }
int nvmlSystemGetDriverVersion(char *out, unsigned size) {
    snprintf(out, size, "%s", say("FAKE_NVML_DRIVER", "550.54.15"));
    return told(__func__, 0);
}
int nvmlDeviceGetCount_v2(unsigned *out) {
    const char *all = say("FAKE_NVML_GPUS", "one");
    for (*out = *all != 0; *all; all++) *out += *all == '|';
    return told(__func__, 0);
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **out) {
    *out = (void *)(long)(index + 1);
    ASKED(*out)
    return number("FAKE_NVML_LOST", -1) == (int)index ? LOST : (int)value(*out, "lost", OK);
}
int nvmlDeviceGetName(void *gpu, char *out, unsigned size) { ASKED(gpu) snprintf(out, size, "%s", card(INDEX(gpu), 0)); return OK; }
int nvmlDeviceGetMemoryInfo(void *gpu, Memory *out) {
    ASKED(gpu)
    out->total = MIB(value(gpu, "total", 12288)), out->used = MIB(value(gpu, "used", 1024)), out->free = out->total - out->used;
    return OK;
}
/* The UUID of a slice by its number, from 1. */
static int slice(void *gpu, long wanted, char *out, unsigned size) {
    const char *uuids = part(INDEX(gpu), -1, "mig");
    for (; uuids && *uuids && --wanted; uuids = strchr(uuids, ',') ? strchr(uuids, ',') + 1 : NULL) ;
    if (!uuids || !*uuids) return NOT_FOUND;
    snprintf(out, size, "%.*s", (int)strcspn(uuids, ","), uuids);
    return OK;
}
int nvmlDeviceGetUUID(void *gpu, char *out, unsigned size) {
    ASKED(gpu)
    if ((long)gpu > SLICES) return slice(gpu, (long)gpu / SLICES, out, size);
    snprintf(out, size, "GPU-%ld0000000-fake", INDEX(gpu));
    return OK;
}
#ifndef OLD
int nvmlSystemGetCudaDriverVersion_v2(int *out) { *out = number("FAKE_NVML_CUDA", 12040); return told(__func__, 0); }
int nvmlDeviceGetPciInfo_v3(void *gpu, Pci *out) {
    ASKED(gpu)
    memset(out, 0, sizeof *out);
    out->ids = (unsigned)strtol(card(INDEX(gpu), 2), NULL, 16) << 16 | 0x10de;
    snprintf(out->id, sizeof out->id, "00000000:%02lX:00.0", (long)gpu);
    return OK;
}
int nvmlDeviceGetCudaComputeCapability(void *gpu, int *major, int *minor) {
    ASKED(gpu)
    return sscanf(card(INDEX(gpu), 1), "%d.%d", major, minor) == 2 ? OK : NOT_SUPPORTED;
}
int nvmlDeviceGetMigMode(void *gpu, unsigned *now, unsigned *later) {
    ASKED(gpu)
    *now = *later = 1;
    return getenv("FAKE_NVML_MIG") || part(INDEX(gpu), -1, "mig") ? OK : NOT_SUPPORTED;
}
int nvmlDeviceGetMaxMigDeviceCount(void *gpu, unsigned *out) { ASKED(gpu) *out = 7; return OK; }
int nvmlDeviceGetMigDeviceHandleByIndex(void *gpu, unsigned index, void **out) {
    char uuid[96];
    ASKED(gpu)
    *out = (char *)gpu + SLICES * (index + 1);
    return slice(gpu, index + 1, uuid, sizeof uuid);
}
SAYS(nvmlDeviceGetComputeMode, unsigned, "mode", 0)
SAYS(nvmlDeviceGetCurrentClocksEventReasons, unsigned long long, "slow", 1)
SAYS(nvmlDeviceGetRetiredPagesPendingStatus, unsigned, "pages", -1)
SAYS(nvmlDeviceGetCurrPcieLinkWidth, unsigned, "width", 16)
SAYS(nvmlDeviceGetMaxPcieLinkWidth, unsigned, "widest", 16)
SAYS(nvmlDeviceGetPerformanceState, unsigned, "state", 8)
int nvmlDeviceGetTemperature(void *gpu, unsigned sensor, unsigned *out) { ASKED(gpu) *out = (unsigned)value(gpu, "temp", 40); return OK; }
int nvmlDeviceGetUtilizationRates(void *gpu, Busy *out) { ASKED(gpu) out->gpu = out->memory = (unsigned)value(gpu, "busy", 0); return OK; }
int nvmlDeviceGetTotalEccErrors(void *gpu, int kind, int counter, unsigned long long *out) {
    ASKED(gpu)
    *out = kind == 1 && counter == 0 ? (unsigned long long)value(gpu, "ecc", 0) : 99; /* corrected ones, and those of old */
    return value(gpu, "ecc", -1) < 0 ? NOT_SUPPORTED : OK;
}
int nvmlDeviceGetRemappedRows(void *gpu, unsigned *corrected, unsigned *uncorrected, unsigned *pending, unsigned *failed) {
    ASKED(gpu)
    *corrected = 1, *uncorrected = 0, *pending = value(gpu, "rows", 0) & 1, *failed = value(gpu, "rows", 0) >> 1 & 1;
    return value(gpu, "rows", -1) < 0 ? NOT_SUPPORTED : OK;
}
int nvmlDeviceGetGpuFabricInfoV(void *gpu, Fabric *out) { ASKED(gpu) out->state = (unsigned char)value(gpu, "fabric", 0); return OK; }
int nvmlDeviceGetComputeRunningProcesses_v3(void *gpu, unsigned *count, Program *out) {
    const char *pids = part(INDEX(gpu), -1, "pids");
    unsigned room = *count, found = 0;
    ASKED(gpu)
    for (; pids && *pids; found++) {
        char *end;
        Program one = {(unsigned)strtol(pids, &end, 10), ~0ull};
        if (*end == ':') one.memory = MIB(strtol(end + 1, &end, 10));
        if (found < room && out) out[found] = one;
        pids = *end == ',' ? end + 1 : NULL;
    }
    *count = found;
    return found > room ? TOO_SMALL : OK;
}
#endif
