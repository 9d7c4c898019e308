/* Loaded into the server before the C library: while a test holds the lock on $GATE_LOCK, no fsync of
   a write-ahead log of a tenant comes back. Each one that begins adds a byte to $GATE_LOG. While there is a
   file $GATE_FULL, the disk under the tenants' files is full: what is written gets half of its way. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* Its length; 0: it is none of a tenant's files. */
static ssize_t tenant_path(int fd, char *path, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, size - 1);
  if (n < 0) return 0;
  path[n] = 0;
  return strstr(path, "/tenants/") ? n : 0;
}

static int is_log(int fd) {
  char path[4096];
  ssize_t n = tenant_path(fd, path, sizeof path);
  return n > 4 && !strcmp(path + n - 4, "-wal");
}

/* How much of `size` bytes there is room for. */
static size_t room(int fd, size_t size) {
  const char *full = getenv("GATE_FULL");
  char path[4096];
  if (!full || access(full, F_OK) || !tenant_path(fd, path, sizeof path)) return size;
  return size / 2;
}

#define WRITE(name, parameters, arguments)                                             \
  ssize_t name parameters {                                                            \
    ssize_t(*real) parameters = (ssize_t(*) parameters)dlsym(RTLD_NEXT, #name);         \
    size_t asked = size;                                                               \
    size = room(fd, asked);                                                            \
    if (!size && asked) return errno = ENOSPC, -1;                                     \
    return real arguments;                                                             \
  }

WRITE(write, (int fd, const void *bytes, size_t size), (fd, bytes, size))
WRITE(pwrite, (int fd, const void *bytes, size_t size, off_t at), (fd, bytes, size, at))
WRITE(pwrite64, (int fd, const void *bytes, size_t size, off64_t at), (fd, bytes, size, at))

static void pass(int fd) {
  const char *lock = getenv("GATE_LOCK"), *log = getenv("GATE_LOG");
  if (!lock || !log || !is_log(fd)) return;
  int l = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (l >= 0) {
    if (write(l, "x", 1) != 1) abort();
    close(l);
  }
  int g = open(lock, O_RDONLY | O_CLOEXEC);
  if (g < 0) return;
  flock(g, LOCK_SH);
  close(g);
}

int fsync(int fd) {
  pass(fd);
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  return real(fd);
}

int fdatasync(int fd) {
  pass(fd);
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  return real(fd);
}
