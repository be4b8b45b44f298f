/* What a power failure leaves of an append-only file: the bytes of the last fsync that had come back.

   Preloaded into a Redis server. Beside each FILE.incr.aof it keeps FILE.incr.aof.synced: the length that is on
   the disk for sure, as 8 bytes. A test kills the server with -9 and cuts the file back to that length. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES 4096

static int side[FILES]; /* handle of the .synced file + 1, by handle of the append-only file */

static void opened(int fd, const char *path, int flags) {
  size_t length = strlen(path);
  if (fd < 0 || fd >= FILES || length < 9 || strcmp(path + length - 9, ".incr.aof") || !(flags & O_WRONLY)) return;
  char name[PATH_MAX];
  int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
  snprintf(name, sizeof name, "%s.synced", path);
  side[fd] = real(name, O_WRONLY | O_CREAT, 0600) + 1;
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
  int fd = real(path, flags, mode);
  opened(fd, path, flags);
  return fd;
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open64");
  int fd = real(path, flags, mode);
  opened(fd, path, flags);
  return fd;
}

int close(int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, "close");
  if (fd >= 0 && fd < FILES && side[fd]) {
    real(side[fd] - 1);
    side[fd] = 0;
  }
  return real(fd);
}

static int synced(int fd, const char *how) {
  struct stat before;
  int known = fd >= 0 && fd < FILES && side[fd] && fstat(fd, &before) == 0;
  int (*real)(int) = dlsym(RTLD_NEXT, how);
  int answer = real(fd);
  if (answer == 0 && known) {
    int64_t length = before.st_size;
    if (pwrite(side[fd] - 1, &length, sizeof length, 0) != sizeof length) return -1;
  }
  return answer;
}

int fsync(int fd) { return synced(fd, "fsync"); }
int fdatasync(int fd) { return synced(fd, "fdatasync"); }
