/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Loaded into httpd under helgrind: says what order APR's atomic operations and
 * pthread_once make, which helgrind cannot see. Without it every pool that the
 * event MPM hands from thread to thread (ap_queue_info_push_pool, a list
 * without locks) looks like a race of all that lives in it. Each operation is
 * before any later one on the same address, as it is on the processors that
 * httpd has. */
#include <apr_atomic.h>
#include <dlfcn.h>
#include <pthread.h>
#include <valgrind/helgrind.h>

/* What the process would have called without this; NULL in the programs that
 * httpd runs and that have no APR. */
static void *real(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

#define ORDERED(type, name, parameters, arguments)                             \
    static type(*real_##name) parameters;                                      \
                                                                               \
    __attribute__((constructor)) static void find_##name(void)                 \
    {                                                                          \
        real_##name = (type(*) parameters)real(#name);                         \
    }                                                                          \
                                                                               \
    type name parameters                                                       \
    {                                                                          \
        type result;                                                           \
                                                                               \
        ANNOTATE_HAPPENS_BEFORE(mem);                                          \
        result = real_##name arguments;                                        \
        ANNOTATE_HAPPENS_AFTER(mem);                                           \
        return result;                                                         \
    }

ORDERED(apr_uint32_t, apr_atomic_read32, (volatile apr_uint32_t * mem), (mem))
ORDERED(apr_uint32_t, apr_atomic_add32,
        (volatile apr_uint32_t * mem, apr_uint32_t value), (mem, value))
ORDERED(apr_uint32_t, apr_atomic_inc32, (volatile apr_uint32_t * mem), (mem))
ORDERED(int, apr_atomic_dec32, (volatile apr_uint32_t * mem), (mem))
ORDERED(apr_uint32_t, apr_atomic_cas32,
        (volatile apr_uint32_t * mem, apr_uint32_t with, apr_uint32_t cmp),
        (mem, with, cmp))
ORDERED(apr_uint32_t, apr_atomic_xchg32,
        (volatile apr_uint32_t * mem, apr_uint32_t value), (mem, value))
ORDERED(void *, apr_atomic_casptr,
        (volatile void **mem, void *with, const void *cmp), (mem, with, cmp))
ORDERED(void *, apr_atomic_xchgptr, (volatile void **mem, void *with),
        (mem, with))

void apr_atomic_set32(volatile apr_uint32_t *mem, apr_uint32_t value)
{
    (void)apr_atomic_xchg32(mem, value);
}

void apr_atomic_sub32(volatile apr_uint32_t *mem, apr_uint32_t value)
{
    (void)apr_atomic_add32(mem, 0 - value);
}

static __thread void (*once_routine)(void);
static __thread pthread_once_t *once_control;

static void run_once(void)
{
    pthread_once_t *control = once_control;

    once_routine();
    ANNOTATE_HAPPENS_BEFORE(control);
}

static int (*real_once)(pthread_once_t *, void (*)(void));

__attribute__((constructor)) static void find_once(void)
{
    real_once = (int (*)(pthread_once_t *, void (*)(void)))real("pthread_once");
}

/* The routine may come here itself, with another control. */
int pthread_once(pthread_once_t *control, void (*routine)(void))
{
    int result;

    once_control = control;
    once_routine = routine;
    result = real_once(control, run_once);
    ANNOTATE_HAPPENS_AFTER(control);
    return result;
}
