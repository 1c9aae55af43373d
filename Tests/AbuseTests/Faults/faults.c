// Preloaded before a program: counts the calls that touch files, and makes the n-th of them fail or end the process.
//   WAYBILL_FAULT_AT     the number of the call, from 1; 0 only counts
//   WAYBILL_FAULT_ERRNO  the error number it fails with; 0 sends a signal instead
//   WAYBILL_FAULT_SIGNAL the signal sent
//   WAYBILL_FAULT_COUNT  a file that gets the number of calls when the process exits
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_long calls;
static long wanted;
static int number, signal_number;

__attribute__((constructor)) static void begin(void) {
  const char *at = getenv("WAYBILL_FAULT_AT");
  const char *with = getenv("WAYBILL_FAULT_ERRNO");
  wanted = at ? atol(at) : 0;
  const char *sent = getenv("WAYBILL_FAULT_SIGNAL");
  number = with ? atoi(with) : 0;
  signal_number = sent ? atoi(sent) : SIGKILL;
}

__attribute__((destructor)) static void end(void) {
  const char *path = getenv("WAYBILL_FAULT_COUNT");
  long total = calls;
  wanted = 0;
  if (!path) return;
  FILE *file = fopen(path, "w");
  if (!file) return;
  fprintf(file, "%ld\n", total);
  fclose(file);
}

// Whether this call is the one.
static int hits(void) {
  if (atomic_fetch_add(&calls, 1) + 1 != wanted) return 0;
  if (number == 0) {
    kill(getpid(), signal_number);
    return 0;
  }
  errno = number;
  return 1;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define WRAP(result, name, parameters, arguments) \
  result name parameters { return hits() ? (result)-1 : NEXT(name) arguments; }

#define OPEN(name, parameters, arguments) \
  int name parameters { \
    va_list list; \
    va_start(list, flags); \
    mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(list, mode_t) : 0; \
    va_end(list); \
    return hits() ? -1 : NEXT(name) arguments; \
  }

OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
OPEN(open64, (const char *path, int flags, ...), (path, flags, mode))
OPEN(openat, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
OPEN(openat64, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))

WRAP(ssize_t, read, (int file, void *bytes, size_t count), (file, bytes, count))
WRAP(ssize_t, pread, (int file, void *bytes, size_t count, off_t at), (file, bytes, count, at))
WRAP(ssize_t, pread64, (int file, void *bytes, size_t count, off64_t at), (file, bytes, count, at))
WRAP(ssize_t, write, (int file, const void *bytes, size_t count), (file, bytes, count))
WRAP(ssize_t, copy_file_range, (int from, off64_t *a, int to, off64_t *b, size_t count, unsigned flags), (from, a, to, b, count, flags))
WRAP(int, fstat, (int file, struct stat *status), (file, status))
WRAP(int, stat, (const char *path, struct stat *status), (path, status))
WRAP(int, lstat, (const char *path, struct stat *status), (path, status))
WRAP(int, fstatat, (int folder, const char *path, struct stat *status, int flags), (folder, path, status, flags))
WRAP(int, fsync, (int file), (file))
WRAP(int, syncfs, (int file), (file))
WRAP(int, flock, (int file, int operation), (file, operation))
WRAP(int, mkdirat, (int folder, const char *path, mode_t mode), (folder, path, mode))
WRAP(int, unlinkat, (int folder, const char *path, int flags), (folder, path, flags))
WRAP(int, renameat, (int from, const char *a, int to, const char *b), (from, a, to, b))
WRAP(int, renameat2, (int from, const char *a, int to, const char *b, unsigned flags), (from, a, to, b, flags))
WRAP(int, linkat, (int from, const char *a, int to, const char *b, int flags), (from, a, to, b, flags))
WRAP(int, symlinkat, (const char *text, int folder, const char *path), (text, folder, path))

// The descriptor is gone even if an error is reported.
int close(int file) {
  int result = NEXT(close)(file);
  return hits() ? -1 : result;
}

void *mmap(void *address, size_t size, int protection, int flags, int file, off_t at) {
  static __typeof__(&mmap) next;
  if (!next) next = NEXT(mmap);
  return file >= 0 && hits() ? MAP_FAILED : next(address, size, protection, flags, file, at);
}

DIR *fdopendir(int file) { return hits() ? NULL : NEXT(fdopendir)(file); }
struct dirent *readdir(DIR *folder) { return hits() ? NULL : NEXT(readdir)(folder); }
struct dirent64 *readdir64(DIR *folder) { return hits() ? NULL : NEXT(readdir64)(folder); }
