/* Preloaded into a process, counts what it does to files below one folder, and kills it, or lets the disk refuse, at the n-th step. See tests/chaos.py.

   What the C library does for itself is not seen here, such as the writes of fwrite; kills at random times are for those. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { COUNT, KILL, TEAR, FULL, FAIL };
enum { HARMLESS, TAKES_ROOM };

static char root[4096];
static int log_file = -1, mode = COUNT;
static long at;
static atomic_long steps;

/* Begin to count below `folder`, a line a step to `log`; at step `when` do what `what` says: nothing, die, die half-way, have a full disk from then on, fail once. */
void faults_arm(const char *folder, int log, long when, int what) {
    snprintf(root, sizeof root, "%s", folder);
    log_file = log;
    at = when;
    mode = what;
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static int below(const char *path) { return strncmp(path, root, strlen(root)) == 0; }

/* Whether the call goes on: 1; or fails: 0, with errno set; or is torn, where it writes: 2. */
static int step(const char *kind, const char *path, int room) {
    if (!below(path)) return 1;
    long number = ++steps;
    char line[4400];
    int length = snprintf(line, sizeof line, "%ld\t%s\t%s\n", number, kind, path + strlen(root));
    if (log_file >= 0) syscall(SYS_write, log_file, line, length);
    if (mode == FULL && number >= at && room == TAKES_ROOM) { errno = ENOSPC; return 0; }
    if (mode == FAIL && number == at) { errno = EIO; return 0; }
    if (mode == KILL && number == at) die();
    if (mode == TEAR && number == at) return 2;
    return 1;
}

static int path_of(int file, const char *name, char *path, size_t size) {
    if (!*root) return 0;
    char link[64];
    ssize_t length = 0;
    if (name && *name == '/') { snprintf(path, size, "%s", name); return 1; }
    if (file == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
    else snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    length = readlink(link, path, size - 1);
    if (length < 0) return 0;
    path[length] = 0;
    if (name) snprintf(path + length, size - length, "/%s", name);
    return 1;
}

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static int on_file(const char *kind, int file, int room) {
    char path[4096];
    return path_of(file, NULL, path, sizeof path) ? step(kind, path, room) : 1;
}

static int on_name(const char *kind, int folder, const char *name, int room) {
    char path[4096];
    return path_of(folder, name, path, sizeof path) ? step(kind, path, room) : 1;
}

#define WRITES(name, offset_type) \
    ssize_t name(int file, const void *bytes, size_t count, offset_type offset) { \
        REAL(ssize_t, #name, int, const void *, size_t, offset_type); \
        int go = on_file("write", file, TAKES_ROOM); \
        if (go == 2) { real(file, bytes, count / 2, offset); die(); } \
        return go ? real(file, bytes, count, offset) : -1; \
    }
WRITES(pwrite, off_t)
WRITES(pwrite64, off64_t)

ssize_t write(int file, const void *bytes, size_t count) {
    REAL(ssize_t, "write", int, const void *, size_t);
    int go = on_file("write", file, TAKES_ROOM);
    if (go == 2) { real(file, bytes, count / 2); die(); }
    return go ? real(file, bytes, count) : -1;
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    REAL(ssize_t, "writev", int, const struct iovec *, int);
    int go = on_file("write", file, TAKES_ROOM);
    if (go == 2) { real(file, parts, 1); die(); }
    return go ? real(file, parts, count) : -1;
}

#define GO_ON(...) \
    if (go == 2) die(); \
    return go ? real(__VA_ARGS__) : -1

ssize_t sendfile(int to, int from, off_t *offset, size_t count) {
    REAL(ssize_t, "sendfile", int, int, off_t *, size_t);
    int go = on_file("copy", to, TAKES_ROOM);
    GO_ON(to, from, offset, count);
}

ssize_t sendfile64(int to, int from, off64_t *offset, size_t count) {
    REAL(ssize_t, "sendfile64", int, int, off64_t *, size_t);
    int go = on_file("copy", to, TAKES_ROOM);
    GO_ON(to, from, offset, count);
}

ssize_t copy_file_range(int from, off64_t *from_offset, int to, off64_t *to_offset, size_t count, unsigned flags) {
    REAL(ssize_t, "copy_file_range", int, off64_t *, int, off64_t *, size_t, unsigned);
    int go = on_file("copy", to, TAKES_ROOM);
    GO_ON(from, from_offset, to, to_offset, count, flags);
}

#define ON_FILE(name, kind, room) \
    int name(int file) { \
        REAL(int, #name, int); \
        int go = on_file(kind, file, room); \
        if (go == 2) die(); \
        return go ? real(file) : -1; \
    }
ON_FILE(fsync, "sync", HARMLESS)
ON_FILE(fdatasync, "sync", HARMLESS)

#define TRUNCATES(name, type) \
    int name(int file, type length) { \
        REAL(int, #name, int, type); \
        int go = on_file("truncate", file, HARMLESS); \
        if (go == 2) die(); \
        return go ? real(file, length) : -1; \
    }
TRUNCATES(ftruncate, off_t)
TRUNCATES(ftruncate64, off64_t)

#define ON_NAME(name, kind) \
    int name(const char *path) { \
        REAL(int, #name, const char *); \
        int go = on_name(kind, AT_FDCWD, path, HARMLESS); \
        if (go == 2) die(); \
        return go ? real(path) : -1; \
    }
ON_NAME(unlink, "delete")
ON_NAME(rmdir, "delete")

int unlinkat(int folder, const char *name, int flags) {
    REAL(int, "unlinkat", int, const char *, int);
    int go = on_name("delete", folder, name, HARMLESS);
    if (go == 2) die();
    return go ? real(folder, name, flags) : -1;
}

int mkdir(const char *path, mode_t rights) {
    REAL(int, "mkdir", const char *, mode_t);
    int go = on_name("make folder", AT_FDCWD, path, TAKES_ROOM);
    if (go == 2) die();
    return go ? real(path, rights) : -1;
}

int rename(const char *from, const char *to) {
    REAL(int, "rename", const char *, const char *);
    int go = on_name("rename", AT_FDCWD, to, HARMLESS);
    if (go == 2) die();
    return go ? real(from, to) : -1;
}

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    REAL(int, "renameat", int, const char *, int, const char *);
    int go = on_name("rename", to_folder, to, HARMLESS);
    if (go == 2) die();
    return go ? real(from_folder, from, to_folder, to) : -1;
}

#define OPENS(name) \
    int name(const char *path, int flags, ...) { \
        REAL(int, #name, const char *, int, ...); \
        va_list rest; \
        va_start(rest, flags); \
        mode_t rights = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        int go = flags & (O_CREAT | O_TRUNC) ? on_name("create", AT_FDCWD, path, faccessat(AT_FDCWD, path, F_OK, 0) ? TAKES_ROOM : HARMLESS) : 1; \
        if (go == 2) die(); \
        return go ? real(path, flags, rights) : -1; \
    }
OPENS(open)
OPENS(open64)

#define OPENS_AT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        REAL(int, #name, int, const char *, int, ...); \
        va_list rest; \
        va_start(rest, flags); \
        mode_t rights = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        int go = flags & (O_CREAT | O_TRUNC) ? on_name("create", folder, path, faccessat(folder, path, F_OK, 0) ? TAKES_ROOM : HARMLESS) : 1; \
        if (go == 2) die(); \
        return go ? real(folder, path, flags, rights) : -1; \
    }
OPENS_AT(openat)
OPENS_AT(openat64)
