/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Feeds files to a fuzz target without libFuzzer, so that every build checks
 * the corpora. usage: NAME_fuzz FILE-OR-DIRECTORY...
 * Each file runs in a process of its own and is one line of TAP. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define INPUT_MAX (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void bail_out(const char *path, const char *why)
{
    printf("Bail out! %s: %s\n", path, why);
    exit(EXIT_FAILURE);
}

/* In a copy of exactly its size, so that a sanitizer sees a read beyond it. */
static void feed(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(INPUT_MAX);
    size_t size;

    if (file == NULL || data == NULL) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    size = fread(data, 1, INPUT_MAX, file);
    if (ferror(file) || size == INPUT_MAX || fclose(file) != 0) {
        fprintf(stderr, "%s: cannot be read, or is too large\n", path);
        exit(EXIT_FAILURE);
    }
    data = realloc(data, size + (size == 0));
    if (data == NULL) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    (void)LLVMFuzzerTestOneInput(data, size);
    free(data);
}

typedef struct run_t {
    int count;
    int failures;
} run_t;

/* Feed one file and print its line. */
static void report(run_t *run, const char *path)
{
    int status = 0;
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        feed(path);
        exit(EXIT_SUCCESS);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid) {
        bail_out(path, strerror(errno));
    }
    run->count++;
    run->failures += status != 0;
    printf("%sok %d - %s\n", status == 0 ? "" : "not ", run->count, path);
    if (WIFSIGNALED(status)) {
        printf("# killed by signal %d\n", WTERMSIG(status));
    }
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Feed all files of a directory, in order of their names. */
static void report_directory(run_t *run, const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, is_visible, alphasort);
    int i;

    if (count <= 0) {
        bail_out(path, count == 0 ? "no files" : strerror(errno));
    }
    for (i = 0; i < count; i++) {
        size_t size = strlen(path) + strlen(entries[i]->d_name) + 2;
        char *file = malloc(size);

        if (file == NULL) {
            bail_out(path, "no memory");
        }
        snprintf(file, size, "%s/%s", path, entries[i]->d_name);
        report(run, file);
        free(file);
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    run_t run = {0, 0};
    struct stat info;
    int i;

    if (argc < 2) {
        bail_out(argv[0], "name a corpus");
    }
    for (i = 1; i < argc; i++) {
        if (stat(argv[i], &info) != 0) {
            bail_out(argv[i], strerror(errno));
        }
        if (S_ISDIR(info.st_mode)) {
            report_directory(&run, argv[i]);
        }
        else {
            report(&run, argv[i]);
        }
    }
    printf("1..%d\n", run.count);
    return run.failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
