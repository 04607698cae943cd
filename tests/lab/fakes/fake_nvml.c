/* A libnvidia-ml.so.1 without a driver behind it. It says what these variables tell it:
 *   FAKE_NVML_INIT    the code that starting returns (0)
 *   FAKE_NVML_HANG    starting never returns
 *   FAKE_NVML_DRIVER  the driver's version (550.54.15)
 *   FAKE_NVML_CUDA    the newest CUDA it speaks, times 1000 (12040)
 *   FAKE_NVML_GPUS    the cards: name;capability;PCI id|name;capability;PCI id
 *   FAKE_NVML_LOST    the card with this index does not answer (code 15)
 *   FAKE_NVML_MIG     splitting is on, and there is no slice
 * Built with -DOLD it lacks the functions that drivers before 2016 or so did not have.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OK 0
#define NOT_SUPPORTED 3
#define NOT_FOUND 6
#define LOST 15

typedef struct { char legacy[16]; unsigned domain, bus, device, ids, subsystem; char id[32]; } Pci;
typedef struct { unsigned long long total, free, used; } Memory;
static char words[3][96];

static const char *say(const char *name, const char *otherwise) { const char *v = getenv(name); return v ? v : otherwise; }
static int number(const char *name, int otherwise) { const char *v = getenv(name); return v ? atoi(v) : otherwise; }

static const char *card(long index, int part) {
    char text[1024], *rest, *one, *word;
    snprintf(text, sizeof text, "%s", say("FAKE_NVML_GPUS", "NVIDIA GeForce RTX 3060;8.6;2504"));
    for (one = strtok_r(text, "|", &rest); one && index--; one = strtok_r(NULL, "|", &rest)) ;
    for (word = one ? strsep(&one, ";") : ""; one && part--; word = strsep(&one, ";")) ;
    snprintf(words[0], sizeof words[0], "%s", word ? word : "");
    return words[0];
}

int nvmlInitWithFlags(unsigned flags) {
    while (getenv("FAKE_NVML_HANG")) pause();
    return number("FAKE_NVML_INIT", OK);
}
int nvmlInit_v2(void) { return nvmlInitWithFlags(0); }
int nvmlShutdown(void) { return OK; }
const char *nvmlErrorString(int code) { return "as the fake was told"; }
int nvmlSystemGetDriverVersion(char *out, unsigned size) { snprintf(out, size, "%s", say("FAKE_NVML_DRIVER", "550.54.15")); return OK; }
int nvmlDeviceGetCount_v2(unsigned *out) {
    const char *all = say("FAKE_NVML_GPUS", "one");
    for (*out = *all != 0; *all; all++) *out += *all == '|';
    return OK;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **out) {
    *out = (void *)(long)(index + 1);
    return number("FAKE_NVML_LOST", -1) == (int)index ? LOST : OK;
}
int nvmlDeviceGetName(void *gpu, char *out, unsigned size) { snprintf(out, size, "%s", card((long)gpu - 1, 0)); return OK; }
int nvmlDeviceGetUUID(void *gpu, char *out, unsigned size) { snprintf(out, size, "GPU-%ld0000000-fake", (long)gpu - 1); return OK; }
int nvmlDeviceGetMemoryInfo(void *gpu, Memory *out) { out->total = 12ull << 30; out->free = 11ull << 30; out->used = 1ull << 30; return OK; }
#ifndef OLD
int nvmlSystemGetCudaDriverVersion_v2(int *out) { *out = number("FAKE_NVML_CUDA", 12040); return OK; }
int nvmlDeviceGetPciInfo_v3(void *gpu, Pci *out) {
    memset(out, 0, sizeof *out);
    out->ids = (unsigned)strtol(card((long)gpu - 1, 2), NULL, 16) << 16 | 0x10de;
    snprintf(out->id, sizeof out->id, "00000000:%02lX:00.0", (long)gpu);
    return OK;
}
int nvmlDeviceGetCudaComputeCapability(void *gpu, int *major, int *minor) {
    return sscanf(card((long)gpu - 1, 1), "%d.%d", major, minor) == 2 ? OK : NOT_SUPPORTED;
}
int nvmlDeviceGetMigMode(void *gpu, unsigned *now, unsigned *later) { *now = *later = 1; return getenv("FAKE_NVML_MIG") ? OK : NOT_SUPPORTED; }
int nvmlDeviceGetMaxMigDeviceCount(void *gpu, unsigned *out) { *out = 7; return OK; }
int nvmlDeviceGetMigDeviceHandleByIndex(void *gpu, unsigned index, void **out) { return NOT_FOUND; }
int nvmlDeviceGetComputeMode(void *gpu, unsigned *out) { *out = 0; return OK; }
#endif
