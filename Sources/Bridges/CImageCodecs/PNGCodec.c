#include "ByteSink.h"
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

// Everything that must survive a longjmp lives here, in memory, never in a register.
typedef struct {
    png_structp png;
    png_infop info;
    uint8_t *scratch;
    const uint8_t *bytes;
    size_t count;
    size_t position;
    byte_sink sink;
    codec_code code;
    char *text;
    size_t text_bytes;
} png_work;

static void fail(png_structp png, png_const_charp message) {
    png_work *work = png_get_error_ptr(png);
    if (work->code == CODEC_OK) work->code = CODEC_DAMAGED;
    codec_say(work->text, work->text_bytes, message);
    png_longjmp(png, 1);
}

static void refuse_warning(png_structp png, png_const_charp message) { fail(png, message); }
static void ignore_warning(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

static void pull(png_structp png, png_bytep out, png_size_t wanted) {
    png_work *work = png_get_io_ptr(png);
    if (work->count - work->position < wanted) png_error(png, "the file ends before the picture does");
    memcpy(out, work->bytes + work->position, wanted);
    work->position += wanted;
}

static void push(png_structp png, png_bytep bytes, png_size_t count) {
    png_work *work = png_get_io_ptr(png);
    if (!byte_sink_reserve(&work->sink, count)) {
        work->code = CODEC_NO_MEMORY;
        png_error(png, "no memory for the written file");
    }
    memcpy(work->sink.bytes + work->sink.count, bytes, count);
    work->sink.count += count;
}

static void flush(png_structp png) { (void)png; }

// Blends one row of `channels` colours plus alpha with black.
static void composite(const uint8_t *row, uint32_t width, int channels, uint8_t *out) {
    for (uint32_t x = 0; x < width; x++) {
        unsigned alpha = row[channels];
        for (int c = 0; c < channels; c++) *out++ = (uint8_t)((row[c] * alpha + 127) / 255);
        row += channels + 1;
    }
}

static codec_code decode(png_work *work, uint32_t width, uint32_t height, int channels, uint8_t *out) {
    if (setjmp(png_jmpbuf(work->png))) return work->code;
    png_structp png = work->png;
    png_infop info = work->info;
    png_set_read_fn(png, work, pull);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    png_set_chunk_malloc_max(png, 1 << 20);
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_set_benign_errors(png, 0);
    // Text, time, colour profiles: checked by CRC, else skipped. The model sees stored values, so gAMA does not count.
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_read_info(png, info);
    if (png_get_image_width(png, info) != width || png_get_image_height(png, info) != height)
        png_error(png, "the header has another size than announced");
    png_set_expand(png);
    png_set_scale_16(png);
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    int stored = png_get_channels(png, info);
    if (stored != channels && stored != channels + 1) png_error(png, "the header has other channels than announced");
    size_t out_row = (size_t)width * (size_t)channels;
    size_t stored_row = (size_t)width * (size_t)stored;
    if (png_get_rowbytes(png, info) != stored_row) png_error(png, "a row has another length than announced");
    if (stored == channels) {
        for (int pass = 0; pass < passes; pass++)
            for (uint32_t y = 0; y < height; y++) png_read_row(png, out + y * out_row, NULL);
    } else {
        // Interlaced rows are filled in seven passes, so all of them must be kept; else one row is enough.
        size_t kept = passes > 1 ? height : 1;
        work->scratch = calloc(kept, stored_row);
        if (!work->scratch) {
            work->code = CODEC_NO_MEMORY;
            png_error(png, "no memory for the rows with alpha");
        }
        for (int pass = 0; pass < passes; pass++) {
            for (uint32_t y = 0; y < height; y++) {
                uint8_t *row = work->scratch + (kept > 1 ? y * stored_row : 0);
                png_read_row(png, row, NULL);
                if (pass == passes - 1) composite(row, width, channels, out + y * out_row);
            }
        }
    }
    png_read_end(png, NULL);
    return CODEC_OK;
}

codec_code codec_png_decode(
    const uint8_t *bytes, size_t count, uint32_t width, uint32_t height, int channels, uint8_t *out, char *text,
    size_t text_bytes) {
    png_work work = {.bytes = bytes, .count = count, .text = text, .text_bytes = text_bytes};
    codec_say(text, text_bytes, "");
    work.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &work, fail, refuse_warning);
    work.info = work.png ? png_create_info_struct(work.png) : NULL;
    codec_code code = CODEC_NO_MEMORY;
    if (work.info)
        code = decode(&work, width, height, channels, out);
    else
        codec_say(text, text_bytes, "no memory for the decoder");
    if (work.png) png_destroy_read_struct(&work.png, work.info ? &work.info : NULL, NULL);
    free(work.scratch);
    return code;
}

static codec_code encode(
    png_work *work, const uint8_t *pixels, uint32_t width, uint32_t height, int channels, int depth, int level) {
    if (setjmp(png_jmpbuf(work->png))) return work->code;
    png_structp png = work->png;
    png_set_write_fn(png, work, push, flush);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    png_set_compression_level(png, level);
    // One fixed filter: choosing among five costs more than it saves at the levels used here.
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB);
    png_set_IHDR(
        png, work->info, width, height, depth, channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB,
        PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, work->info);
    size_t row = (size_t)width * (size_t)channels * (size_t)(depth / 8);
    for (uint32_t y = 0; y < height; y++) png_write_row(png, pixels + y * row);
    png_write_end(png, work->info);
    return CODEC_OK;
}

codec_code codec_png_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, int channels, int depth, int level, codec_file *file,
    char *text, size_t text_bytes) {
    png_work work = {.text = text, .text_bytes = text_bytes};
    codec_say(text, text_bytes, "");
    work.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &work, fail, ignore_warning);
    work.info = work.png ? png_create_info_struct(work.png) : NULL;
    codec_code code = CODEC_NO_MEMORY;
    if (work.info)
        code = encode(&work, pixels, width, height, channels, depth, level);
    else
        codec_say(text, text_bytes, "no memory for the encoder");
    if (work.png) png_destroy_write_struct(&work.png, work.info ? &work.info : NULL);
    file->bytes = work.sink.bytes;
    file->count = work.sink.count;
    if (code != CODEC_OK) codec_release(file);
    return code;
}
