#include "ByteSink.h"
#include <stdio.h>
#include <stdlib.h>

int byte_sink_reserve(byte_sink *sink, size_t more) {
    if (sink->capacity - sink->count >= more) return 1;
    size_t wanted = sink->capacity * 2;
    if (wanted < sink->count + more) wanted = sink->count + more;
    if (wanted < 4096) wanted = 4096;
    uint8_t *grown = realloc(sink->bytes, wanted);
    if (!grown) return 0;
    sink->bytes = grown;
    sink->capacity = wanted;
    return 1;
}

void codec_say(char *text, size_t text_bytes, const char *message) { snprintf(text, text_bytes, "%s", message); }

void codec_release(codec_file *file) {
    free(file->bytes);
    file->bytes = NULL;
    file->count = 0;
}
