// fastchild is a multilang component that does as little as possible for a tuple,
// so that a benchmark measures the host.
//
//   fastchild [-m] spout BATCH RELIABLE [BYTES]
//   fastchild [-m] bolt EMIT
//   fastchild [-m] paced RATE BATCH
//   fastchild [-m] lone MICROS
//   fastchild [-m] relay
//   fastchild [-m] gauge
//   fastchild [-m] timed BATCH BYTES
//   fastchild [-m] work MICROS [FACTOR SECS]
//   fastchild [-m] pass MICROS
//   fastchild [-m] split N
//
// A spout emits BATCH words at each next, with an id if RELIABLE is 1; with
// BYTES each word is that long. A bolt acks each tuple, after an emit anchored to
// it if EMIT is 1. With -m it uses msgpack, else JSON.
//
// The others measure latency. A paced spout emits RATE tuples a second, or as many
// as it is asked for if RATE is 0, and at most BATCH at a next. It keeps to a
// schedule that does not wait for the host: each tuple has the time at which it was
// due, so that all tuples that had to wait for a stall are late, not only the
// first. A lone spout emits a tuple MICROS after a next, and measures the time to
// its ack. A relay emits its tuples again, and a gauge measures how long ago they
// were due.
//
// For backpressure: a timed spout emits BATCH tuples of BYTES at each next, and
// measures the time from each emit to its ack. A worker needs MICROS for a tuple,
// and for SECS in turn FACTOR times as many; it sleeps, or spins if a sleep would
// be too coarse, and counts the time in which it worked. pass is a worker that
// emits its tuples again. A split emits N tuples for one.
//
// Without a host, for the cost of the pipes themselves:
//
//   fastchild ring HOPS MICROS SECONDS
//   fastchild flood BYTES SECONDS
//
// A ring passes a message of a tuple's size through HOPS pipes and as many
// processes, one each MICROS, and prints the p50 and the p99 of the rounds in
// nanoseconds. A flood is written by one process in pieces of BYTES, copied by a
// second and read by a third; it prints bytes per second.
//
// If $BENCH_DIR is a directory, the counts are in COMPONENT-PID there. The
// file is mapped, so that counting costs only an addition.
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

// ---- The counts, which others read.

// A histogram's buckets are 1/32 of a power of two wide: times are within 3 %.
enum { SUB_BITS = 5, SUB = 1 << SUB_BITS, BUCKETS = 40 * SUB };

struct counts {
    int64_t tuples; // a spout: emitted. a bolt: acked
    int64_t acks;   // a spout: acks
    int64_t fails;  // a spout: fails
    int64_t busy;   // a worker: nanoseconds
    int64_t latency[BUCKETS];
};
static struct counts unseen, *counts = &unseen;

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void sleepUntil(int64_t when) {
    struct timespec t = {when / 1000000000, when % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL)) {}
}

static void record(struct counts *to, int64_t nanos) {
    uint64_t v = nanos < 0 ? 0 : nanos;
    int power = v < SUB ? SUB_BITS : 63 - __builtin_clzll(v);
    size_t bucket = (power - SUB_BITS) * SUB + (v >> (power - SUB_BITS));
    to->latency[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
}

static void openCounts(const char *component, int len) {
    char *dir = getenv("BENCH_DIR"), path[4096];
    if (!dir) return;
    snprintf(path, sizeof path, "%s/%.*s-%d", dir, len, component, getpid());
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || ftruncate(fd, sizeof *counts)) return;
    void *map = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map != MAP_FAILED) counts = map;
    close(fd);
}

// ---- Output is collected, and written before the program waits for input.

static char out[1 << 18];
static size_t outLen;

static void writeAll(int fd, const char *bytes, size_t n) {
    while (n > 0) {
        ssize_t k = write(fd, bytes, n);
        if (k <= 0) exit(0);
        bytes += k, n -= k;
    }
}

static void flush(void) {
    writeAll(1, out, outLen);
    outLen = 0;
}

static void put(const void *bytes, size_t n) {
    if (n > sizeof out - outLen) flush();
    if (n > sizeof out) {
        writeAll(1, bytes, n);
        return;
    }
    memcpy(out + outLen, bytes, n);
    outLen += n;
}
#define PUT(literal) put(literal, sizeof literal - 1)

// ---- Input is one buffer; a message is a span of it.

static int msgpack;
static char *in;
static size_t inCap, inLen, inAt;

struct span { const char *at; size_t len; };

static void fill(void) {
    flush();
    if (inAt > 0) {
        memmove(in, in + inAt, inLen - inAt);
        inLen -= inAt, inAt = 0;
    }
    if (inCap - inLen < 1 << 16) in = realloc(in, inCap = 2 * inCap + (1 << 18));
    if (!in) exit(1);
    ssize_t n = read(0, in + inLen, inCap - inLen);
    if (n <= 0) exit(0);
    inLen += n;
}

static struct span readJSON(void) {
    for (size_t searched = 0;;) {
        char *from = in + inAt, *feed = memchr(from + searched, '\n', inLen - inAt - searched);
        size_t len = feed ? (size_t)(feed - from) : inLen - inAt;
        if (!feed || inLen - inAt < len + 5) {
            searched = len;
            fill();
        } else if (!memcmp(feed, "\nend\n", 5)) {
            inAt += len + 5;
            return (struct span){from, len};
        } else {
            searched = len + 1;
        }
    }
}

static uint64_t big(const char *p, int n) {
    uint64_t v = 0;
    while (n-- > 0) v = v << 8 | (unsigned char)*p++;
    return v;
}

// skip returns where the msgpack value at p ends, NULL if that is not before end.
static const char *skip(const char *p, const char *end) {
    for (uint64_t left = 1; left > 0; left--) {
        if (p >= end) return NULL;
        unsigned char c = *p++;
        int header = 0; // bytes of a length
        if (c <= 0x7f || c >= 0xe0 || (c >= 0xc0 && c <= 0xc3)) continue;
        if (c <= 0x8f) left += 2 * (c & 15);
        else if (c <= 0x9f) left += c & 15;
        else if (c <= 0xbf) p += c & 31;
        else if (c <= 0xc6) header = 1 << (c - 0xc4);
        else if (c <= 0xc9) header = 1 << (c - 0xc7), p++;
        else if (c <= 0xcb) p += c == 0xca ? 4 : 8;
        else if (c <= 0xd3) p += 1 << ((c - 0xcc) & 3);
        else if (c <= 0xd8) p += 1 + (1 << (c - 0xd4));
        else if (c <= 0xdb) header = 1 << (c - 0xd9);
        else {
            int n = c & 1 ? 4 : 2;
            if (end - p < n) return NULL;
            left += (c >= 0xde ? 2 : 1) * big(p, n);
            p += n;
        }
        if (header) {
            int ext = c >= 0xc7 && c <= 0xc9; // its type's byte comes after the length
            const char *at = ext ? p - 1 : p;
            if (end - at < header) return NULL;
            p += header + big(at, header);
        }
        if (p > end) return NULL;
    }
    return p;
}

static struct span readMsgpack(void) {
    const char *end;
    while (!(end = skip(in + inAt, in + inLen))) fill();
    struct span m = {in + inAt, end - (in + inAt)};
    inAt += m.len;
    return m;
}

static struct span readMessage(void) { return msgpack ? readMsgpack() : readJSON(); }

// fieldIn returns the raw value of a key in a stretch of a message.
static struct span fieldIn(struct span m, size_t from, size_t to, const char *key) {
    size_t n = strlen(key);
    const char *end = m.at + m.len, *at = m.at + from;
    for (; (at = memmem(at, m.at + to - at, key, n)); at += n) {
        const char *v = at + n;
        if (at == m.at) continue;
        if (msgpack) {
            if ((unsigned char)at[-1] != (0xa0 | n)) continue;
            const char *past = skip(v, end);
            if (past) return (struct span){v, past - v};
            continue;
        }
        if (at[-1] != '"' || v >= end || *v != '"') continue;
        for (v++; v < end && (*v == ':' || *v == ' '); v++) {}
        const char *past = v;
        if (v < end && *v == '"') {
            for (past++; past < end && *past != '"'; past++) if (*past == '\\') past++;
            past++;
        } else if (v < end && *v == '[') {
            while (past < end && *past != ']') past++; // of our own words, which have no brackets
            past++;
        } else {
            while (past < end && *past != ',' && *past != '}') past++;
        }
        if (past <= end) return (struct span){v, past - v};
    }
    return (struct span){0, 0};
}

// field returns the raw value of a key. It is enough of a parser for what hosts
// send, whose keys are before or after a tuple's values: in a large
// message it looks only there.
static struct span field(struct span m, const char *key) {
    enum { EDGE = 512 };
    if (m.len <= 64 << 10) return fieldIn(m, 0, m.len, key);
    struct span v = fieldIn(m, 0, EDGE, key);
    return v.at ? v : fieldIn(m, m.len - EDGE, m.len, key);
}

// text is the content of a raw string, without its quotes or its length.
static struct span text(struct span raw) {
    size_t head = 1, tail = msgpack ? 0 : 1;
    if (msgpack && (unsigned char)*raw.at >= 0xd9) head += 1 << ((unsigned char)*raw.at - 0xd9);
    return (struct span){raw.at + head, raw.len - head - tail};
}

// is reports whether a short message contains a word.
static int is(struct span m, const char *word) { return m.len < 512 && memmem(m.at, m.len, word, strlen(word)); }

// ---- A component's output.

static void greet(void) {
    struct span hello = readMessage();
    struct span dir = fieldIn(hello, 0, hello.len, "pidDir"), component = fieldIn(hello, 0, hello.len, "componentid");
    char path[4096], pid[64];
    if (dir.at) {
        dir = text(dir);
        snprintf(path, sizeof path, "%.*s/%d", (int)dir.len, dir.at, getpid());
        int fd = open(path, O_WRONLY | O_CREAT, 0644);
        if (fd >= 0) close(fd);
    }
    if (component.at) {
        component = text(component);
        openCounts(component.at, component.len);
    }
    if (msgpack) {
        uint32_t n = getpid();
        unsigned char m[] = {0x81, 0xa3, 'p', 'i', 'd', 0xce, n >> 24, n >> 16, n >> 8, n};
        put(m, sizeof m);
    } else {
        put(pid, snprintf(pid, sizeof pid, "{\"pid\": %d}\nend\n", getpid()));
    }
}

static void sync_(void) {
    if (msgpack) PUT("\x81\xa7" "command\xa4" "sync");
    else PUT("{\"command\":\"sync\"}\nend\n");
}

// spoutEmit emits a tuple of one string, with n as its id if that is not negative.
static void spoutEmit(int64_t n, const char *word, size_t len) {
    char id[32];
    int k = n < 0 ? 0 : snprintf(id, sizeof id, "%lld", (long long)n);
    if (msgpack) {
        unsigned char idHead = 0xa0 | k, head[] = {0x91, 0xdb, len >> 24, len >> 16, len >> 8, len};
        if (k) {
            PUT("\x84\xa7" "command\xa4" "emit\xa2" "id"); put(&idHead, 1); put(id, k);
        } else PUT("\x83\xa7" "command\xa4" "emit");
        PUT("\xad" "need_task_ids\xc2\xa5" "tuple");
        if (len < 32) { head[1] = 0xa0 | len; put(head, 2); } else put(head, sizeof head);
        put(word, len);
    } else {
        PUT("{\"command\":\"emit\",");
        if (k) { PUT("\"id\":\""); put(id, k); PUT("\","); }
        PUT("\"need_task_ids\":false,\"tuple\":[\""); put(word, len); PUT("\"]}\nend\n");
    }
}

static void boltEmit(struct span anchor, struct span values) {
    if (msgpack) {
        PUT("\x84\xa7" "command\xa4" "emit\xa7" "anchors\x91"); put(anchor.at, anchor.len);
        PUT("\xad" "need_task_ids\xc2\xa5" "tuple"); put(values.at, values.len);
    } else {
        PUT("{\"command\":\"emit\",\"anchors\":["); put(anchor.at, anchor.len);
        PUT("],\"need_task_ids\":false,\"tuple\":"); put(values.at, values.len); PUT("}\nend\n");
    }
}

static void boltAck(struct span id) {
    if (msgpack) {
        PUT("\x82\xa7" "command\xa3" "ack\xa2" "id"); put(id.at, id.len);
    } else {
        PUT("{\"command\":\"ack\",\"id\":"); put(id.at, id.len); PUT("}\nend\n");
    }
}

// ---- The roles.

static void spout(int batch, int reliable, size_t bytes) {
    static const char *const words[] = {"dog", "cat", "zebra", "elephant", "giraffe", "lion", "otter", "whale",
                                        "robin", "crane", "ibis", "lynx", "mole", "newt", "toad", "wren"};
    char *blob = bytes ? memset(malloc(bytes), 'x', bytes) : NULL;
    for (int64_t n = 0;;) {
        struct span m = readMessage();
        if (is(m, "next")) {
            for (int i = 0; i < batch; i++, n++, counts->tuples++) {
                const char *word = blob ? blob : words[n & 15];
                spoutEmit(reliable ? n : -1, word, blob ? bytes : strlen(word));
            }
        } else if (is(m, "ack")) counts->acks++;
        sync_();
    }
}

static int64_t putDue(int64_t n, int64_t due) {
    char value[32];
    spoutEmit(n, value, snprintf(value, sizeof value, "%lld", (long long)due));
    counts->tuples++;
    return n + 1;
}

static void paced(double rate, int batch) {
    double every = rate > 0 ? 1e9 / rate : 0, due = 0;
    for (int64_t n = 0;;) {
        struct span m = readMessage();
        if (is(m, "next")) {
            int64_t t = now();
            if (due == 0 || every == 0) due = t;
            if (due > t) {
                flush(); // output must not wait
                sleepUntil(due);
                t = now();
            }
            for (int i = 0; i < batch && due <= t; i++, due += every) n = putDue(n, due);
        } else if (is(m, "ack")) counts->acks++;
        sync_();
    }
}

static void lone(int64_t micros) {
    int64_t sent = 0;
    for (int64_t n = 0;;) {
        struct span m = readMessage();
        if (is(m, "next")) {
            flush();
            sleepUntil(now() + micros * 1000);
            n = putDue(n, sent = now());
        } else if (is(m, "ack")) {
            record(counts, now() - sent);
            counts->acks++;
        }
        sync_();
    }
}

// bolt acks its tuples, after emit, if given, has emitted the tuple that it makes of each.
static void bolt(void emit(struct span id, struct span m)) {
    for (;;) {
        struct span m = readMessage(), id;
        if (is(m, "__heartbeat")) { sync_(); continue; }
        id = field(m, "id");
        if (!id.at) continue; // a list of task ids
        if (emit) emit(id, m);
        boltAck(id);
        counts->tuples++;
    }
}

static void emitPair(struct span id, struct span m) {
    (void)m;
    boltEmit(id, msgpack ? (struct span){"\x92\xa3" "dog\x01", 6} : (struct span){"[\"dog\",1]", 9});
}

static void passOn(struct span id, struct span m) { boltEmit(id, field(m, "tuple")); }

static void gauge(struct span id, struct span m) {
    (void)id;
    struct span values = field(m, "tuple");
    int64_t due = 0;
    for (size_t i = 0; i < values.len; i++) {
        unsigned char c = values.at[i];
        if (c >= '0' && c <= '9') due = 10 * due + c - '0';
    }
    record(counts, now() - due);
}

// ---- Backpressure.

static void timed(int batch, size_t bytes) {
    char *value = memset(malloc(bytes + 1), 'x', bytes + 1);
    int64_t last = 0;
    for (;;) {
        struct span m = readMessage();
        if (is(m, "next")) {
            for (int i = 0; i < batch; i++, counts->tuples++) {
                int64_t t = now();
                last = t > last ? t : last + 1; // the id, and so another one for each
                for (size_t k = 0; k < bytes && k < 4; k++) value[k] = 'a' + random() % 26;
                spoutEmit(last, value, bytes);
            }
        } else if (is(m, "ack") || is(m, "fail")) {
            struct span id = text(field(m, "id"));
            int64_t sent = 0;
            for (size_t i = 0; i < id.len; i++) sent = 10 * sent + id.at[i] - '0';
            if (is(m, "ack")) record(counts, now() - sent), counts->acks++;
            else counts->fails++;
        }
        sync_();
    }
}

static void work(int64_t nanos, double factor, int64_t turn, int pass) {
    enum { COARSE = 200000 };
    int64_t begin = now();
    for (;;) {
        struct span m = readMessage(), id;
        if (is(m, "__heartbeat")) { sync_(); continue; }
        id = field(m, "id");
        if (!id.at) continue;
        int64_t t = now(), need = turn && (t - begin) / turn % 2 ? nanos * factor : nanos;
        if (need >= COARSE) flush(), sleepUntil(t + need); // flush: output must not wait
        else while (now() < t + need) {}
        counts->busy += now() - t;
        if (pass) passOn(id, m);
        boltAck(id);
        counts->tuples++;
    }
}

static int splitInto;
static void split(struct span id, struct span m) {
    for (int i = 0; i < splitInto; i++) passOn(id, m);
}

// ---- Without a host.

static long quantile(double q) {
    int64_t sum = 0, n = 0;
    for (int i = 0; i < BUCKETS; i++) sum += counts->latency[i];
    for (int i = 0; i < BUCKETS; i++) {
        if ((n += counts->latency[i]) < q * sum) continue;
        int power = i < SUB ? 0 : i / SUB - 1;
        return (long)(i - power * SUB) << power;
    }
    return 0;
}

static void openPipe(int p[2]) {
    if (pipe(p)) { perror("fastchild: pipe"); exit(1); }
    fcntl(p[0], F_SETPIPE_SZ, 1 << 20);
}

static void ring(int hops, int64_t micros, double secs) {
    int first[2], back[2];
    openPipe(first);
    int from = first[0];
    for (int i = 1; i < hops; i++) {
        openPipe(back);
        if (fork() == 0) {
            char message[128];
            close(first[1]);
            for (ssize_t n; (n = read(from, message, sizeof message)) > 0;) writeAll(back[1], message, n);
            exit(0);
        }
        close(from), close(back[1]);
        from = back[0];
    }
    char message[100] = {0};
    for (int64_t end = now() + secs * 1e9; now() < end;) {
        sleepUntil(now() + micros * 1000);
        int64_t sent = now();
        writeAll(first[1], message, sizeof message);
        if (read(from, message, sizeof message) <= 0) exit(1);
        record(counts, now() - sent);
    }
    printf("%ld %ld\n", quantile(0.5), quantile(0.99));
}

static void flood(size_t bytes, double secs) {
    int up[2], down[2];
    openPipe(up), openPipe(down);
    char *buf = memset(malloc(bytes), 'x', bytes);
    if (fork() == 0) {
        close(up[0]), close(down[0]), close(down[1]);
        for (;;) writeAll(up[1], buf, bytes);
    }
    close(up[1]);
    if (fork() == 0) {
        close(down[0]);
        for (ssize_t n; (n = read(up[0], buf, bytes)) > 0;) writeAll(down[1], buf, n);
        exit(0);
    }
    close(up[0]), close(down[1]);
    int64_t begin = now(), total = 0;
    while (now() < begin + secs * 1e9) {
        ssize_t n = read(down[0], buf, bytes);
        if (n <= 0) exit(1);
        total += n;
    }
    printf("%.0f\n", total / ((now() - begin) / 1e9));
}

int main(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], "-m")) msgpack = 1, argv++, argc--;
    const char *role = argc > 1 ? argv[1] : "";
    if (argc == 5 && !strcmp(role, "ring")) return ring(atoi(argv[2]), atol(argv[3]), atof(argv[4])), 0;
    if (argc == 4 && !strcmp(role, "flood")) return flood(atol(argv[2]), atof(argv[3])), 0;
    if ((argc == 4 || argc == 5) && !strcmp(role, "spout")) greet(), spout(atoi(argv[2]), atoi(argv[3]), argc > 4 ? atol(argv[4]) : 0);
    if (argc == 4 && !strcmp(role, "paced")) greet(), paced(atof(argv[2]), atoi(argv[3]));
    if (argc == 3 && !strcmp(role, "lone")) greet(), lone(atol(argv[2]));
    if (argc == 3 && !strcmp(role, "bolt")) greet(), bolt(atoi(argv[2]) ? emitPair : NULL);
    if (argc == 2 && !strcmp(role, "relay")) greet(), bolt(passOn);
    if (argc == 2 && !strcmp(role, "gauge")) greet(), bolt(gauge);
    if (argc == 4 && !strcmp(role, "timed")) greet(), timed(atoi(argv[2]), atol(argv[3]));
    if ((argc == 3 || argc == 5) && !strcmp(role, "work"))
        greet(), work(atof(argv[2]) * 1000, argc == 5 ? atof(argv[3]) : 1, argc == 5 ? atof(argv[4]) * 1e9 : 0, 0);
    if (argc == 3 && !strcmp(role, "pass")) greet(), work(atof(argv[2]) * 1000, 1, 0, 1);
    if (argc == 3 && !strcmp(role, "split")) greet(), splitInto = atoi(argv[2]), bolt(split);
    fprintf(stderr, "usage: fastchild [-m] spout BATCH RELIABLE [BYTES] | bolt EMIT | paced RATE BATCH | lone MICROS | relay | gauge\n"
                    "                       timed BATCH BYTES | work MICROS [FACTOR SECS] | pass MICROS | split N\n"
                    "       fastchild ring HOPS MICROS SECONDS | flood BYTES SECONDS\n");
    return 2;
}
