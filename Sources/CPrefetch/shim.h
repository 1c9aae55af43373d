#ifndef WAYBILL_PREFETCH_SHIM_H
#define WAYBILL_PREFETCH_SHIM_H

#include <stddef.h>

// Swift has no word for the processor's hint that memory will be read soon.
static inline __attribute__((always_inline)) void waybill_prefetch(const void *start, size_t count) {
  const char *p = (const char *)start;
  const char *end = p + count;
  for (; p < end; p += 64) __builtin_prefetch(p, 0, 3);
}

#endif
