// fastchild is a multilang component that does as little for a tuple as a
// program can, so that what a benchmark measures is the host.
//
//   fastchild [-m] spout BATCH RELIABLE [WORDBYTES]
//   fastchild [-m] bolt EMIT
//
// A spout emits BATCH words at each next, with an id if RELIABLE is 1; with
// WORDBYTES each word is that long. A bolt acks each tuple, and emits one
// anchored to it before if EMIT is 1. -m speaks msgpack, else JSON.
//
// Where $BENCH_DIR names a directory, the counts go to KIND-PID in it, a line
// each second: seconds, tuples, acks.
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int msgpack;

// Output is gathered, and written before the program waits for input.
static char out[1 << 18];
static size_t outLen;

static void flush(void) {
    for (size_t at = 0; at < outLen;) {
        ssize_t n = write(1, out + at, outLen - at);
        if (n <= 0) exit(0);
        at += n;
    }
    outLen = 0;
}

static void put(const void *bytes, size_t n) {
    while (n > 0) {
        if (outLen == sizeof out) flush();
        size_t part = sizeof out - outLen < n ? sizeof out - outLen : n;
        memcpy(out + outLen, bytes, part);
        outLen += part, bytes = (const char *)bytes + part, n -= part;
    }
}
#define PUT(literal) put(literal, sizeof literal - 1)

// Input is one buffer; a message is a span of it.
static char *in;
static size_t inCap, inLen, inAt;

static void fill(void) {
    flush();
    if (inAt > 0) {
        memmove(in, in + inAt, inLen - inAt);
        inLen -= inAt, inAt = 0;
    }
    if (inCap - inLen < 1 << 16) in = realloc(in, inCap = 2 * inCap + (1 << 18));
    ssize_t n = read(0, in + inLen, inCap - inLen - 1);
    if (n <= 0) exit(0);
    inLen += n;
}

struct span { const char *at; size_t len; };

static struct span readJSON(void) {
    size_t searched = 0;
    for (;;) {
        char *end = memmem(in + inAt + searched, inLen - inAt - searched, "\nend\n", 5);
        if (end) {
            struct span m = {in + inAt, end - (in + inAt)};
            inAt += m.len + 5;
            return m;
        }
        searched = inLen - inAt > 4 ? inLen - inAt - 4 : 0;
        fill();
    }
}

// skip returns where the msgpack value at p ends, NULL if that is not before end.
static uint64_t big(const char *p, int n) {
    uint64_t v = 0;
    while (n-- > 0) v = v << 8 | (unsigned char)*p++;
    return v;
}
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
            int ext = c >= 0xc7 && c <= 0xc9; // the type's byte was counted before the length
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

// field returns the raw value of a key: enough of a parser for what hosts send,
// where these keys come before, or in other words than, a tuple's values.
static struct span field(struct span m, const char *key) {
    struct span none = {0, 0};
    size_t n = strlen(key);
    for (const char *at = m.at; (at = memmem(at, m.at + m.len - at, key, n)); at += n) {
        const char *v = at + n, *end = m.at + m.len;
        if (msgpack) {
            if ((unsigned char)at[-1] != (0xa0 | n)) continue;
            return (struct span){v, skip(v, end) - v};
        }
        if (at[-1] != '"' || *v != '"') continue;
        for (v++; v < end && (*v == ':' || *v == ' '); v++) {}
        const char *to = v;
        if (*v == '"') {
            for (to++; *to != '"'; to++) if (*to == '\\') to++;
            to++;
        } else {
            while (to < end && *to != ',' && *to != '}') to++;
        }
        return (struct span){v, to - v};
    }
    return none;
}

static int holds(struct span m, const char *word) { return memmem(m.at, m.len, word, strlen(word)) != NULL; }

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static FILE *counts;
static long tuples, acks;
static void tell(void) {
    static double last;
    double now = seconds();
    if (counts && now - last >= 1) {
        fprintf(counts, "%.3f %ld %ld\n", now, tuples, acks);
        fflush(counts);
        last = now;
    }
}

static void greet(const char *kind) {
    struct span hello = readMessage(), dir = field(hello, "pidDir");
    char path[4096], pid[64];
    if (dir.at) {
        size_t head = 1, tail = msgpack ? 0 : 1; // the quotes, or the length
        if (msgpack) head = (unsigned char)*dir.at == 0xd9 ? 2 : (unsigned char)*dir.at == 0xda ? 3 : 1;
        snprintf(path, sizeof path, "%.*s/%d", (int)(dir.len - head - tail), dir.at + head, getpid());
        FILE *f = fopen(path, "w");
        if (f) fclose(f);
    }
    char *bench = getenv("BENCH_DIR");
    if (bench) {
        snprintf(path, sizeof path, "%s/%s-%d", bench, kind, getpid());
        counts = fopen(path, "w");
    }
    if (msgpack) {
        unsigned char m[] = {0x81, 0xa3, 'p', 'i', 'd', 0xce, getpid() >> 24, getpid() >> 16, getpid() >> 8, getpid()};
        put(m, sizeof m);
    } else {
        put(pid, snprintf(pid, sizeof pid, "{\"pid\": %d}\nend\n", getpid()));
    }
}

static void sync_(void) {
    if (msgpack) PUT("\x81\xa7" "command\xa4" "sync");
    else PUT("{\"command\":\"sync\"}\nend\n");
}

static const char *const words[] = {"dog", "cat", "zebra", "elephant", "giraffe", "lion", "otter", "whale",
                                    "robin", "crane", "ibis", "lynx", "mole", "newt", "toad", "wren"};

static void putWord(const char *word, size_t len) {
    if (!msgpack) {
        PUT("[\""); put(word, len); PUT("\"]");
        return;
    }
    unsigned char head[] = {0x91, 0xdb, len >> 24, len >> 16, len >> 8, len};
    if (len < 32) { head[1] = 0xa0 | len; put(head, 2); } else put(head, sizeof head);
    put(word, len);
}

static void spout(int batch, int reliable, size_t wordBytes) {
    char id[32], *blob = NULL;
    if (wordBytes) memset(blob = malloc(wordBytes), 'x', wordBytes);
    for (long n = 0;;) {
        struct span m = readMessage();
        if (holds(m, "next")) {
            for (int i = 0; i < batch; i++, n++, tuples++) {
                const char *word = blob ? blob : words[n & 15];
                size_t len = blob ? wordBytes : strlen(word);
                if (msgpack) {
                    if (reliable) {
                        PUT("\x84\xa7" "command\xa4" "emit\xa2" "id");
                        int k = snprintf(id + 1, sizeof id - 1, "%ld", n);
                        id[0] = 0xa0 | k;
                        put(id, k + 1);
                    } else PUT("\x83\xa7" "command\xa4" "emit");
                    PUT("\xad" "need_task_ids\xc2\xa5" "tuple");
                    putWord(word, len);
                } else {
                    if (reliable) put(id, snprintf(id, sizeof id, "{\"id\":\"%ld\",", n)); else PUT("{");
                    PUT("\"command\":\"emit\",\"need_task_ids\":false,\"tuple\":");
                    putWord(word, len);
                    PUT("}\nend\n");
                }
            }
        } else if (holds(m, "ack")) acks++;
        sync_();
        tell();
    }
}

static void bolt(int emit) {
    for (;;) {
        struct span m = readMessage(), id;
        if (*m.at == '[') continue;
        if (holds(m, "__heartbeat")) { sync_(); tell(); continue; }
        id = field(m, "id");
        if (!id.at) continue;
        if (msgpack) {
            if (emit) {
                PUT("\x84\xa7" "command\xa4" "emit\xa7" "anchors\x91"); put(id.at, id.len);
                PUT("\xad" "need_task_ids\xc2\xa5" "tuple\x92\xa3" "dog\x01");
            }
            PUT("\x82\xa7" "command\xa3" "ack\xa2" "id"); put(id.at, id.len);
        } else {
            if (emit) { PUT("{\"command\":\"emit\",\"anchors\":["); put(id.at, id.len); PUT("],\"tuple\":[\"dog\",1],\"need_task_ids\":false}\nend\n"); }
            PUT("{\"command\":\"ack\",\"id\":"); put(id.at, id.len); PUT("}\nend\n");
        }
        if ((++tuples & 255) == 0) tell();
    }
}

int main(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], "-m")) msgpack = 1, argv++, argc--;
    if (argc > 3 && !strcmp(argv[1], "spout")) {
        greet("spout");
        spout(atoi(argv[2]), atoi(argv[3]), argc > 4 ? atol(argv[4]) : 0);
    }
    if (argc > 2 && !strcmp(argv[1], "bolt")) {
        greet("bolt");
        bolt(atoi(argv[2]));
    }
    fprintf(stderr, "usage: fastchild [-m] spout BATCH RELIABLE [WORDBYTES] | fastchild [-m] bolt EMIT\n");
    return 2;
}
