#!/usr/bin/env python3
"""Writes the golden files of ImagingTests: pictures that other programs made, and what Pillow says of them.

Run from the package root: python3 Tests/Core/Goldens/imaging.py   (needs Pillow >= 11 and numpy)
The PNG files are packed here by hand, since Pillow writes neither interlaced files nor all depths; what Pillow can read of
them is checked against it before anything is written.
"""
import base64, io, struct, zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, __version__

TESTS = Path(__file__).resolve().parents[1] / "ImagingTests"


def sample(x, y, c, depth):
    """The test pattern; GoldenPattern.swift has the same formula."""
    return (x * 2741 + y * 9127 + c * 5303 + x * y * 577) % (1 << depth)


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def pack_rows(rows, depth, filtered):
    """Rows of samples to filtered scan lines; filter types 0 to 4 in turn, so that each is met."""
    out, channels = b"", None
    previous = None
    for index, row in enumerate(rows):
        if depth == 16:
            line = b"".join(struct.pack(">H", v) for v in row)
        elif depth == 8:
            line = bytes(row)
        else:
            bits = "".join(format(v, f"0{depth}b") for v in row)
            bits += "0" * (-len(bits) % 8)
            line = bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
        kind = index % 5
        previous = previous or bytes(len(line))
        step = filtered
        coded = bytearray()
        for i, value in enumerate(line):
            left = line[i - step] if i >= step else 0
            up = previous[i]
            corner = previous[i - step] if i >= step else 0
            p = left + up - corner
            nearest = min((left, up, corner), key=lambda v: abs(p - v))
            coded.append((value - [0, left, up, (left + up) // 2, nearest][kind]) & 255)
        out += bytes([kind]) + bytes(coded)
        previous = line
    return out


def png(width, height, colour, depth, interlaced=False, transparent=None):
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    pixel = lambda x, y: [sample(x, y, c, depth) for c in range(channels)]
    step = max(1, channels * depth // 8)
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    if not interlaced:
        passes = [(0, 0, 1, 1)]
    raw = b""
    for x0, y0, dx, dy in passes:
        rows = [[v for x in range(x0, width, dx) for v in pixel(x, y)] for y in range(y0, height, dy)]
        raw += pack_rows([r for r in rows if r], depth, step)
    body = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced)))
    body += chunk(b"gAMA", struct.pack(">I", 100000))
    if colour == 3:
        body += chunk(b"PLTE", bytes(v for i in range(1 << depth) for v in (i * 29 % 256, i * 71 % 256, i * 113 % 256)))
    if transparent is not None:
        body += chunk(b"tRNS", transparent)
    packed = zlib.compress(raw, 9)
    half = len(packed) // 2
    body += chunk(b"IDAT", packed[:half]) + chunk(b"IDAT", packed[half:])
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


def png_goldens():
    files = {}
    for colour, depths in {0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]}.items():
        for depth in depths:
            for interlaced in (False, True):
                name = f"{colour}.{depth}.{'adam7' if interlaced else 'plain'}"
                files[name] = png(11, 9, colour, depth, interlaced)
                Image.open(io.BytesIO(files[name])).load()
    grey = sample(3, 2, 0, 8)
    files["0.8.transparent"] = png(11, 9, 0, 8, transparent=struct.pack(">H", grey))
    rgb = [sample(3, 2, c, 8) for c in range(3)]
    files["2.8.transparent"] = png(11, 9, 2, 8, transparent=struct.pack(">HHH", *rgb))
    files["3.4.transparent"] = png(11, 9, 3, 4, True, transparent=bytes(range(0, 160, 20)))
    for name in ("2.8.adam7", "2.8.plain"):
        seen = np.asarray(Image.open(io.BytesIO(files[name])))
        want = [[[sample(x, y, c, 8) for c in range(3)] for x in range(11)] for y in range(9)]
        assert (seen == np.array(want)).all()
    return files


def smooth(width, height, channels):
    y, x = np.mgrid[0:height, 0:width]
    planes = [128 + 100 * np.sin(x / 5 + c) * np.cos(y / 4 + 2 * c) for c in range(channels)]
    return np.stack(planes, -1).round().astype(np.uint8)


def jpeg_goldens():
    rgb = Image.fromarray(smooth(20, 13, 3))
    grey = rgb.convert("L")
    inks = Image.fromarray(smooth(20, 13, 4), "CMYK")
    kinds = {
        "grey": (grey, {}), "full": (rgb, {"subsampling": 0}), "half": (rgb, {"subsampling": 2}),
        "progressive": (rgb, {"progressive": True}), "rgb": (rgb, {"keep_rgb": True}),
        "cmyk": (inks, {}), "restart": (rgb, {"restart_marker_blocks": 1}),
    }
    files, pixels = {}, {}
    for name, (picture, options) in kinds.items():
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=88, **options)
        files[name] = out.getvalue()
        seen = Image.open(io.BytesIO(files[name]))
        pixels[name] = (seen if name == "grey" else seen.convert("RGB")).tobytes()
    # Without Adobe's marker inks are stored the plain way round: cut the APP14 segment out.
    data = files["cmyk"]
    at = data.index(b"\xff\xee")
    files["plainInks"] = data[:at] + data[at + 2 + struct.unpack(">H", data[at + 2:at + 4])[0]:]
    return files, pixels


def orientation_goldens():
    upright = Image.fromarray(smooth(20, 13, 1)[..., 0])
    undo = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    files = {}
    for value, transpose in undo.items():
        stored = upright if transpose is None else upright.transpose(transpose)
        exif = Image.Exif()
        exif[0x0112] = value
        out = io.BytesIO()
        stored.save(out, "JPEG", quality=97, exif=exif)
        files[str(value)] = out.getvalue()
        turned = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(out.getvalue())))).astype(int)
        assert abs(turned - np.asarray(upright)).max() < 8, value
    return files, upright.tobytes()


def resize_goldens():
    width, height = 23, 17
    wanted = {}
    pattern = np.array([[[sample(x, y, c, 8) for c in range(3)] for x in range(width)] for y in range(height)], np.uint8)
    filters = {"bicubic": Image.BICUBIC, "bilinear": Image.BILINEAR, "nearest": Image.NEAREST}
    for name, method in filters.items():
        for size in ((9, 7), (31, 22), (23, 5), (6, 17)):
            rgb = Image.fromarray(pattern).resize(size, method)
            wanted[f"{name}.rgb.{size[0]}.{size[1]}"] = rgb.tobytes()
            grey = Image.fromarray(pattern[..., 0]).resize(size, method)
            wanted[f"{name}.grey.{size[0]}.{size[1]}"] = grey.tobytes()
    for name in ("bicubic", "bilinear"):
        for size in ((9, 7), (12, 19)):
            plane = Image.fromarray(pattern[..., 1].astype(np.float32)).resize(size, filters[name])
            wanted[f"{name}.plane.{size[0]}.{size[1]}"] = np.asarray(plane, "<f4").tobytes()
    return wanted


def write(file, comment, groups):
    lines = [f"// Written by Tests/Core/Goldens/imaging.py with Pillow {__version__}; do not edit.", f"// {comment}", "import Foundation", ""]
    for name, entries in groups.items():
        lines += [f"/// {entries.pop('doc')}", f"let {name}: [String: Data] = ["]
        for key, data in entries.items():
            text = base64.b64encode(data).decode()
            lines.append(f'    "{key}": golden(')
            lines.append('        """')
            lines += ["        " + text[i:i + 108] + "\\" for i in range(0, len(text), 108)]
            lines[-1] = lines[-1][:-1]
            lines += ['        """),']
        lines += ["]", ""]
    (TESTS / file).write_text("\n".join(lines[:-1]) + "\n")


def main():
    write("PNGGoldens.swift", "PNG files of 11 x 9 pixels, every colour type and depth.", {
        "pngGoldens": {"doc": 'By "colourType.depth.kind".', **png_goldens()}})
    files, pixels = jpeg_goldens()
    turned, upright = orientation_goldens()
    write("JPEGGoldens.swift", "JPEG files of 20 x 13 pixels and Pillow's pixels.", {
        "jpegGoldens": {"doc": "Files by kind.", **files},
        "jpegPixels": {"doc": "Pillow's pixels of the same files, grey or RGB.", **pixels},
        "orientationGoldens": {"doc": "Grey files by EXIF orientation; upright all are the same picture.", **turned},
        "orientationPixels": {"doc": "That picture.", "upright": upright}})
    write("ResizeGoldens.swift", "What Pillow makes of the 23 x 17 test pattern.", {
        "resizeGoldens": {"doc": 'By "filter.kind.width.height"; planes are little-endian Float32.', **resize_goldens()}})


if __name__ == "__main__":
    main()
