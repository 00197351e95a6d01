// A byte buffer that grows, for both encoders.
#ifndef BYTESINK_H
#define BYTESINK_H

#include "CImageCodecs.h"
#include <stddef.h>

typedef struct {
    uint8_t *bytes;
    size_t count;
    size_t capacity;
} byte_sink;

// 0 when there is no memory; the sink then keeps what it has.
int byte_sink_reserve(byte_sink *sink, size_t more);

void codec_say(char *text, size_t text_bytes, const char *message);

#endif
