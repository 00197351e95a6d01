#include "ByteSink.h"
#include <stdio.h>
// jpeglib.h needs stdio.h before it.
#include <jerror.h>
#include <jpeglib.h>
#include <setjmp.h>
#include <stdlib.h>

// libjpeg hands back a pointer to its error manager, the first member here; the rest hangs behind it.
typedef struct {
    struct jpeg_error_mgr errors;
    jmp_buf back;
    codec_code code;
    char *text;
    size_t text_bytes;
} jpeg_failure;

static void leave(j_common_ptr cinfo) {
    jpeg_failure *failure = (jpeg_failure *)cinfo->err;
    char message[JMSG_LENGTH_MAX];
    cinfo->err->format_message(cinfo, message);
    codec_say(failure->text, failure->text_bytes, message);
    switch (cinfo->err->msg_code) {
    case JERR_OUT_OF_MEMORY:
    case JERR_NO_BACKING_STORE: failure->code = CODEC_NO_MEMORY; break;
    case JERR_SOF_UNSUPPORTED:
    case JERR_BAD_PRECISION:
    case JERR_ARITH_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_CCIR601_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_NOTIMPL:
    case JERR_NOT_COMPILED: failure->code = CODEC_UNSUPPORTED; break;
    default: failure->code = CODEC_DAMAGED;
    }
    longjmp(failure->back, 1);
}

static void give_up(j_common_ptr cinfo, codec_code code, const char *message) {
    jpeg_failure *failure = (jpeg_failure *)cinfo->err;
    codec_say(failure->text, failure->text_bytes, message);
    failure->code = code;
    longjmp(failure->back, 1);
}

// Level -1 is a warning. All but two mean damaged data; those two speak of odd version numbers in a sound file.
static void judge(j_common_ptr cinfo, int level) {
    int message = cinfo->err->msg_code;
    if (level < 0 && message != JWRN_JFIF_MAJOR && message != JWRN_ADOBE_XFORM) leave(cinfo);
}

static void prepare_failure(jpeg_failure *failure, char *text, size_t text_bytes) {
    jpeg_std_error(&failure->errors);
    failure->errors.error_exit = leave;
    failure->errors.emit_message = judge;
    failure->code = CODEC_DAMAGED;
    failure->text = text;
    failure->text_bytes = text_bytes;
    codec_say(text, text_bytes, "");
}

typedef struct {
    struct jpeg_decompress_struct cinfo;
    struct jpeg_progress_mgr progress;
    int max_scans;
    uint8_t *row;
    jpeg_failure failure;
} jpeg_reading;

// Called for every row of every scan: a file of thousands of scans costs nothing beyond the limit.
static void watch_scans(j_common_ptr cinfo) {
    jpeg_reading *work = cinfo->client_data;
    if (work->cinfo.input_scan_number > work->max_scans) give_up(cinfo, CODEC_TOO_MANY_SCANS, "too many scans");
}

// Adobe stores inks inverted (255 = none), others the plain way.
static void inks_to_rgb(const uint8_t *inks, uint32_t width, int inverted, uint8_t *out) {
    unsigned flip = inverted ? 0 : 255;
    for (uint32_t x = 0; x < width; x++, inks += 4, out += 3) {
        unsigned key = inks[3] ^ flip;
        for (int c = 0; c < 3; c++) out[c] = (uint8_t)(((inks[c] ^ flip) * key + 127) / 255);
    }
}

static codec_code decode(
    jpeg_reading *work, const uint8_t *bytes, size_t count, uint32_t width, uint32_t height, int channels,
    uint8_t *out) {
    if (setjmp(work->failure.back)) return work->failure.code;
    j_decompress_ptr cinfo = &work->cinfo;
    jpeg_create_decompress(cinfo);
    cinfo->client_data = work;
    work->progress.progress_monitor = watch_scans;
    cinfo->progress = &work->progress;
    jpeg_mem_src(cinfo, bytes, count);
    jpeg_read_header(cinfo, TRUE);
    if (cinfo->image_width != width || cinfo->image_height != height)
        give_up((j_common_ptr)cinfo, CODEC_DAMAGED, "the header has another size than announced");
    switch (cinfo->num_components) {
    case 1: cinfo->out_color_space = JCS_GRAYSCALE; break;
    case 3: cinfo->out_color_space = JCS_RGB; break;
    case 4: cinfo->out_color_space = JCS_CMYK; break;
    default: give_up((j_common_ptr)cinfo, CODEC_UNSUPPORTED, "expected 1, 3 or 4 components");
    }
    if (channels != (cinfo->num_components == 1 ? 1 : 3))
        give_up((j_common_ptr)cinfo, CODEC_DAMAGED, "the header has other components than announced");
    cinfo->dct_method = JDCT_ISLOW;
    jpeg_start_decompress(cinfo);
    if (cinfo->output_components == 4) {
        work->row = malloc((size_t)width * 4);
        if (!work->row) give_up((j_common_ptr)cinfo, CODEC_NO_MEMORY, "no memory for a row of inks");
    }
    while (cinfo->output_scanline < cinfo->output_height) {
        uint8_t *target = out + (size_t)cinfo->output_scanline * width * (size_t)channels;
        JSAMPROW row = work->row ? work->row : target;
        jpeg_read_scanlines(cinfo, &row, 1);
        if (work->row) inks_to_rgb(work->row, width, cinfo->saw_Adobe_marker, target);
    }
    // A component that no scan carried would be a flat grey plane that nobody warned about.
    for (int c = 0; c < cinfo->num_components; c++)
        if (!cinfo->comp_info[c].quant_table || (cinfo->coef_bits && cinfo->coef_bits[c][0] != 0))
            give_up((j_common_ptr)cinfo, CODEC_DAMAGED, "the scans do not carry the whole picture");
    jpeg_finish_decompress(cinfo);
    return CODEC_OK;
}

codec_code codec_jpeg_decode(
    const uint8_t *bytes, size_t count, uint32_t width, uint32_t height, int channels, int max_scans, uint8_t *out,
    char *text, size_t text_bytes) {
    jpeg_reading work = {.max_scans = max_scans};
    prepare_failure(&work.failure, text, text_bytes);
    work.cinfo.err = &work.failure.errors;
    codec_code code = decode(&work, bytes, count, width, height, channels, out);
    jpeg_destroy_decompress(&work.cinfo);
    free(work.row);
    return code;
}

typedef struct {
    struct jpeg_compress_struct cinfo;
    struct jpeg_destination_mgr destination;
    byte_sink sink;
    jpeg_failure failure;
} jpeg_writing;

static void open_room(j_compress_ptr cinfo) {
    jpeg_writing *work = cinfo->client_data;
    if (!byte_sink_reserve(&work->sink, 1 << 16))
        give_up((j_common_ptr)cinfo, CODEC_NO_MEMORY, "no memory for the written file");
    cinfo->dest->next_output_byte = work->sink.bytes + work->sink.count;
    cinfo->dest->free_in_buffer = work->sink.capacity - work->sink.count;
}

static boolean room_full(j_compress_ptr cinfo) {
    jpeg_writing *work = cinfo->client_data;
    work->sink.count = work->sink.capacity;
    open_room(cinfo);
    return TRUE;
}

static void close_room(j_compress_ptr cinfo) {
    jpeg_writing *work = cinfo->client_data;
    work->sink.count = work->sink.capacity - cinfo->dest->free_in_buffer;
}

static codec_code encode(
    jpeg_writing *work, const uint8_t *pixels, uint32_t width, uint32_t height, int channels,
    const codec_jpeg_options *options) {
    if (setjmp(work->failure.back)) return work->failure.code;
    j_compress_ptr cinfo = &work->cinfo;
    jpeg_create_compress(cinfo);
    cinfo->client_data = work;
    work->destination.init_destination = open_room;
    work->destination.empty_output_buffer = room_full;
    work->destination.term_destination = close_room;
    cinfo->dest = &work->destination;
    cinfo->image_width = width;
    cinfo->image_height = height;
    cinfo->input_components = channels;
    cinfo->in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
    jpeg_set_defaults(cinfo);
    if (channels == 4) jpeg_set_colorspace(cinfo, JCS_YCCK);
    jpeg_set_quality(cinfo, options->quality, TRUE);
    int side = options->subsampled && channels > 1 ? 2 : 1;
    for (int c = 0; c < cinfo->num_components; c++) {
        int full = c == 0 || c == 3;  // luminance, and the black of YCCK
        cinfo->comp_info[c].h_samp_factor = full ? side : 1;
        cinfo->comp_info[c].v_samp_factor = full ? side : 1;
    }
    if (options->progressive) jpeg_simple_progression(cinfo);
    jpeg_start_compress(cinfo, TRUE);
    if (options->exif) jpeg_write_marker(cinfo, JPEG_APP0 + 1, options->exif, options->exif_count);
    size_t stride = (size_t)width * (size_t)channels;
    while (cinfo->next_scanline < height) {
        JSAMPROW row = (JSAMPROW)(pixels + cinfo->next_scanline * stride);
        jpeg_write_scanlines(cinfo, &row, 1);
    }
    jpeg_finish_compress(cinfo);
    return CODEC_OK;
}

codec_code codec_jpeg_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, int channels, const codec_jpeg_options *options,
    codec_file *file, char *text, size_t text_bytes) {
    jpeg_writing work = {0};
    prepare_failure(&work.failure, text, text_bytes);
    work.cinfo.err = &work.failure.errors;
    codec_code code = encode(&work, pixels, width, height, channels, options);
    jpeg_destroy_compress(&work.cinfo);
    file->bytes = work.sink.bytes;
    file->count = work.sink.count;
    if (code != CODEC_OK) codec_release(file);
    return code;
}
