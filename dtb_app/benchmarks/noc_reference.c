/* Uniform traffic on a k by k mesh, cycle by cycle: a plain program of the same model.
 *
 * Output-queued routers, dimension order, an endless queue per directed link, per ejection and per
 * injection port, each passing on one flit per cycle. Usage: noc_reference k rate cycles seed.
 * Prints link hops, copies delivered, mean wait in cycles, and seconds of processor time.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct flit {
    struct flit *behind;
    int destination, hops;
    long sent;
} flit;

typedef struct {
    flit *head, *tail;
} queue;

static uint64_t state;

static uint64_t draw(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void join(queue *q, flit *f)
{
    f->behind = NULL;
    if (q->head)
        q->tail->behind = f;
    else
        q->head = f;
    q->tail = f;
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    int k = atoi(argv[1]), n = k * k;
    double rate = atof(argv[2]);
    long cycles = atol(argv[3]);
    state = 88172645463325252ULL + 7919ULL * strtoull(argv[4], NULL, 10);
    for (int i = 0; i < 20; i++)
        draw();
    uint64_t threshold = (uint64_t)(rate * 4294967296.0);
    /* Of every tile: +x, -x, +y, -y, ejection, injection. */
    queue *port = calloc((size_t)n * 6, sizeof(queue));
    flit **moving = malloc((size_t)n * 6 * sizeof(flit *));
    int *tile_of = malloc((size_t)n * 6 * sizeof(int));
    flit *spare = NULL;
    long hops = 0, delivered = 0, waited = 0;
    clock_t begun = clock();
    for (long cycle = 0; cycle < cycles; cycle++) {
        int n_moving = 0;
        for (int t = 0; t < n; t++)
            for (int p = 0; p < 6; p++) {
                queue *q = &port[t * 6 + p];
                flit *f = q->head;
                if (!f)
                    continue;
                q->head = f->behind;
                if (p == 4) {
                    delivered++;
                    waited += cycle - f->sent - f->hops - 2;
                    f->behind = spare;
                    spare = f;
                    continue;
                }
                if (p < 4) {
                    hops++;
                    f->hops++;
                }
                tile_of[n_moving] = p == 0 ? t + 1 : p == 1 ? t - 1 : p == 2 ? t + k
                                    : p == 3 ? t - k : t;
                moving[n_moving++] = f;
            }
        for (int i = 0, m = n_moving ? (int)(cycle % n_moving) : 0; i < n_moving; i++) {
            flit *f = moving[m];
            int t = tile_of[m], d = f->destination;
            if (++m == n_moving)
                m = 0;
            int x = t % k, y = t / k, to_x = d % k, to_y = d / k;
            int p = to_x > x ? 0 : to_x < x ? 1 : to_y > y ? 2 : to_y < y ? 3 : 4;
            join(&port[t * 6 + p], f);
        }
        for (int t = 0; t < n; t++)
            if ((draw() >> 32) < threshold) {
                flit *f = spare;
                if (f)
                    spare = f->behind;
                else
                    f = malloc(sizeof(flit));
                f->destination = (int)((draw() >> 33) % (uint64_t)n);
                f->hops = 0;
                f->sent = cycle;
                join(&port[t * 6 + 5], f);
            }
    }
    printf("%ld %ld %.6f %.6f\n", hops, delivered, delivered ? (double)waited / delivered : 0.0,
           (double)(clock() - begun) / CLOCKS_PER_SEC);
    return 0;
}
