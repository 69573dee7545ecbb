#include "core/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "core/stop.h"

struct worker {
    struct pld_pool *pool;
    pthread_t thread;
    int id;
};

struct pld_pool {
    int threads;
    struct worker *workers; /* [threads]; entry 0 is the caller and has no thread */
    void (*on_start)(void);
    pthread_mutex_t lock;
    pthread_cond_t wake, done;
    unsigned long generation; /* of the run that workers should join */
    int busy;                 /* workers still inside the current run */
    bool quit;
    /* current run */
    pld_task_fn task;
    void *context;
    size_t count;
    atomic_size_t next;
    atomic_bool failed;
    size_t failed_index;
    struct pld_error error;
};

static void record_failure(struct pld_pool *pool, size_t index)
{
    pthread_mutex_lock(&pool->lock);
    if (!atomic_load(&pool->failed) || index < pool->failed_index) {
        pool->failed_index = index;
        pool->error = *pld_error_last();
        atomic_store(&pool->failed, true);
    }
    pthread_mutex_unlock(&pool->lock);
}

static void work(struct pld_pool *pool, int id)
{
    while (!atomic_load(&pool->failed)) {
        size_t i = atomic_fetch_add(&pool->next, 1);
        if (i >= pool->count) break;
        pld_status status = pld_stop_check();
        if (status == PLD_OK) status = pool->task(pool->context, i, id);
        if (status != PLD_OK) record_failure(pool, i);
    }
}

static void *worker_main(void *argument)
{
    struct worker *worker = argument;
    struct pld_pool *pool = worker->pool;
    unsigned long seen = 0;
    if (pool->on_start) pool->on_start();
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (!pool->quit && pool->generation == seen)
            pthread_cond_wait(&pool->wake, &pool->lock);
        if (pool->quit) break;
        seen = pool->generation;
        pthread_mutex_unlock(&pool->lock);
        work(pool, worker->id);
        pthread_mutex_lock(&pool->lock);
        if (--pool->busy == 0) pthread_cond_signal(&pool->done);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static int usable_processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int n = CPU_COUNT(&set);
    return n > 0 ? n : 1;
}

pld_status pld_pool_new(struct pld_pool **out, int threads, void (*on_start)(void))
{
    *out = NULL;
    struct pld_pool *pool = calloc(1, sizeof *pool);
    if (!pool) return pld_fail_memory("thread pool");
    int want = threads > 0 ? threads : usable_processors();
    pool->threads = 1;
    pool->on_start = on_start;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pthread_cond_init(&pool->done, NULL);
    pool->workers = calloc((size_t)want, sizeof *pool->workers);
    if (!pool->workers) {
        pld_pool_free(pool);
        return pld_fail_memory("thread pool");
    }
    if (on_start) on_start();
    for (int i = 1; i < want; i++) {
        pool->workers[i] = (struct worker){.pool = pool, .id = i};
        if (pthread_create(&pool->workers[i].thread, NULL, worker_main, &pool->workers[i]) != 0) {
            pld_pool_free(pool);
            return pld_fail(PLD_EDEVICE, NULL, "cannot start %d threads", want);
        }
        pool->threads++;
    }
    *out = pool;
    return PLD_OK;
}

void pld_pool_free(struct pld_pool *pool)
{
    if (!pool) return;
    pthread_mutex_lock(&pool->lock);
    pool->quit = true;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 1; i < pool->threads; i++)
        pthread_join(pool->workers[i].thread, NULL);
    pthread_cond_destroy(&pool->wake);
    pthread_cond_destroy(&pool->done);
    pthread_mutex_destroy(&pool->lock);
    free(pool->workers);
    free(pool);
}

int pld_pool_threads(const struct pld_pool *pool)
{
    return pool->threads;
}

pld_status pld_pool_run(struct pld_pool *pool, size_t count, pld_task_fn task, void *context)
{
    pthread_mutex_lock(&pool->lock);
    pool->task = task;
    pool->context = context;
    pool->count = count;
    atomic_store(&pool->next, 0);
    atomic_store(&pool->failed, false);
    pool->busy = pool->threads - 1;
    pool->generation++;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);

    work(pool, 0);

    pthread_mutex_lock(&pool->lock);
    while (pool->busy > 0)
        pthread_cond_wait(&pool->done, &pool->lock);
    bool failed = atomic_load(&pool->failed);
    pthread_mutex_unlock(&pool->lock);
    return failed ? pld_error_set(&pool->error) : PLD_OK;
}
