// libpng and libjpeg behind functions that return. Both libraries leave by longjmp when something is wrong; that jump
// starts and ends inside these files and never crosses a Swift frame. Every warning that says "this data is damaged"
// is an error here: a half picture must not pass as a whole one.
#ifndef CIMAGECODECS_H
#define CIMAGECODECS_H

#include <stddef.h>
#include <stdint.h>

// How a call ended. Text for people is written to `text` unless the code is CODEC_OK.
typedef enum {
    CODEC_OK = 0,
    CODEC_DAMAGED,
    CODEC_UNSUPPORTED,
    CODEC_TOO_MANY_SCANS,
    CODEC_NO_MEMORY,
} codec_code;

// Room for a message, with its terminating zero.
#define CODEC_TEXT_BYTES 256

// A finished file. `bytes` was allocated here: give it back with codec_release.
typedef struct {
    uint8_t *bytes;
    size_t count;
} codec_file;

void codec_release(codec_file *file);

// Decodes a PNG into `out` (height * width * channels bytes, row-major, interleaved, 8 bit). `width` and `height` must be
// those of the IHDR chunk; `channels` is 1 for a grey picture and 3 otherwise. Alpha is composited on black.
codec_code codec_png_decode(
    const uint8_t *bytes, size_t count, uint32_t width, uint32_t height, int channels, uint8_t *out, char *text,
    size_t text_bytes);

// Writes a PNG. `depth` is 8, or 16 with big-endian samples; `channels` 1 or 3; `level` is zlib's, 0 to 9.
codec_code codec_png_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, int channels, int depth, int level, codec_file *file,
    char *text, size_t text_bytes);

// Decodes a JPEG into `out` as codec_png_decode does; four-component pictures become RGB. Nothing is rotated.
codec_code codec_jpeg_decode(
    const uint8_t *bytes, size_t count, uint32_t width, uint32_t height, int channels, int max_scans, uint8_t *out,
    char *text, size_t text_bytes);

// What kind of JPEG to write.
typedef struct {
    int quality;         // 1 to 100
    int subsampled;      // 1: chroma 4:2:0; 0: 4:4:4
    int progressive;     // 1: libjpeg's standard progression of scans
    const uint8_t *exif; // body of an APP1 segment, or NULL
    uint32_t exif_count;
} codec_jpeg_options;

// Writes a JPEG. `channels` is 1 (grey), 3 (RGB) or 4 (CMYK in Adobe's inverted sense: 255 = no ink; stored as YCCK).
codec_code codec_jpeg_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, int channels, const codec_jpeg_options *options,
    codec_file *file, char *text, size_t text_bytes);

#endif
