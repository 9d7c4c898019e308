/* Loaded into a command before the C library. It counts the steps by which the command changes files below
   $STEPS_WITHIN, adds a byte to $STEPS_LOG for each, and kills the process, as `kill -9` does, instead of the
   step whose number is $STEPS_KILL. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_int steps;

static void step(void) {
  const char *log = getenv("STEPS_LOG"), *last = getenv("STEPS_KILL");
  int n = ++steps;
  if (last && n == atoi(last)) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
  }
  int l = log ? open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
  if (l < 0) return;
  /* Not by the function below. */
  if (syscall(SYS_write, l, "x", 1) != 1) abort();
  close(l);
}

static void step_of(int fd) {
  const char *within = getenv("STEPS_WITHIN");
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (!within || n < 0) return;
  path[n] = 0;
  if (!strncmp(path, within, strlen(within))) step();
}

#define STEP(before, type, name, parameters, arguments)                    \
  type name parameters {                                                   \
    type(*real) parameters = (type(*) parameters)dlsym(RTLD_NEXT, #name);   \
    before;                                                                \
    return real arguments;                                                 \
  }

STEP(step_of(fd), ssize_t, write, (int fd, const void *bytes, size_t size), (fd, bytes, size))
STEP(step_of(fd), ssize_t, pwrite, (int fd, const void *bytes, size_t size, off_t at), (fd, bytes, size, at))
STEP(step_of(fd), ssize_t, pwrite64, (int fd, const void *bytes, size_t size, off64_t at), (fd, bytes, size, at))
STEP(step_of(to), ssize_t, copy_file_range,
     (int from, off64_t *at, int to, off64_t *there, size_t size, unsigned flags),
     (from, at, to, there, size, flags))
STEP(step_of(fd), int, fsync, (int fd), (fd))
STEP(step_of(fd), int, fdatasync, (int fd), (fd))
STEP(step_of(fd), int, ftruncate, (int fd, off_t size), (fd, size))
STEP(step_of(fd), int, ftruncate64, (int fd, off64_t size), (fd, size))
STEP(step(), int, unlink, (const char *path), (path))
STEP(step(), int, unlinkat, (int fd, const char *path, int flags), (fd, path, flags))
STEP(step(), int, rename, (const char *from, const char *to), (from, to))
STEP(step(), int, rmdir, (const char *path), (path))
STEP(step(), int, mkdir, (const char *path, mode_t mode), (path, mode))
