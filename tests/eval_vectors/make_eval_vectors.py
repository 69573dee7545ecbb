#!/usr/bin/env python3
"""Writes the expectation headers of this folder from OpenCV, the reference of eval/resize.h and
eval/image.h:

    pip install opencv-python-headless==4.10.0.84 numpy pillow
    python3 make_eval_vectors.py [FOLDER_OF_SHARED_IMAGES]

Pictures are made by noise() below, which the tests repeat in C, so a header holds sizes and digests
only. A digest is the first 16 hex digits of the SHA-256 of the RGB bytes. The small files of
image_vectors.h are the fuzzer's corpus, too, and are written there."""
import hashlib
import io
import math
import pathlib
import random
import sys
import zlib

import cv2
import numpy as np
from PIL import Image

cv2.ipp.setUseIPP(False)  # Intel's INTER_CUBIC rounds 4 % of the bytes to a neighbour
HERE = pathlib.Path(__file__).resolve().parent
NOTE = f"/* Made by make_eval_vectors.py with OpenCV {cv2.__version__}; do not edit. */\n/* clang-format off */\n"


def noise(width, height, seed):
    """RGB bytes that look random and are the same in C."""
    i = np.arange(width * height * 3, dtype=np.uint64)
    v = ((i + seed) * 2654435761) & 0xFFFFFFFF
    v ^= v >> 15
    v = (v * 2246822519) & 0xFFFFFFFF
    return (v >> 24).astype(np.uint8).reshape(height, width, 3)


def digest(rgb):
    return hashlib.sha256(np.ascontiguousarray(rgb).tobytes()).hexdigest()[:16]


def filter_vectors():
    """INTER_AREA and INTER_CUBIC."""
    rng = random.Random(3)
    sizes = [(64, 48, 32, 24), (60, 90, 20, 30), (60, 90, 20, 31), (640, 480, 416, 416), (9, 9, 9, 9), (7, 5, 20, 3),
             (5, 7, 3, 20), (31, 17, 62, 34), (500, 333, 320, 320), (2000, 3, 7, 2), (3, 2000, 2, 7), (427, 640, 427, 320)]
    while len(sizes) < 80:
        sizes.append(tuple(rng.randint(2, rng.choice([8, 60, 300])) for _ in range(4)))
    lines = []
    for seed, (sw, sh, dw, dh) in enumerate(sizes):
        a, c = (digest(cv2.resize(noise(sw, sh, seed), (dw, dh), interpolation=f)) for f in (cv2.INTER_AREA, cv2.INTER_CUBIC))
        lines.append(f'{{{sw}, {sh}, {dw}, {dh}, "{a}", "{c}"}},')
    head = "static const struct {\n    int sw, sh, dw, dh;\n    const char *area, *cubic;\n} filter_vectors[] = {\n"
    (HERE / "filter_vectors.h").write_text(NOTE + head + "\n".join(lines) + "\n};\n")


def resize_vectors():
    rng = random.Random(1)
    sizes = [(1, 1, 1, 1), (1, 1, 7, 5), (2, 1, 1, 1), (9, 9, 9, 9), (64, 48, 32, 24),
             (64, 48, 32, 23), (64, 47, 32, 24), (640, 480, 640, 640), (3, 2000, 5, 7),
             (2000, 3, 7, 5), (2, 2, 500, 3), (500, 3, 2, 2), (333, 500, 277, 416),
             (640, 427, 416, 277), (17, 17, 34, 34)]
    while len(sizes) < 150:
        sizes.append(tuple(rng.randint(1, rng.choice([8, 60, 300])) for _ in range(4)))
    lines = []
    for seed, (sw, sh, dw, dh) in enumerate(sizes):
        out = cv2.resize(noise(sw, sh, seed), (dw, dh), interpolation=cv2.INTER_LINEAR)
        lines.append(f'{{{sw}, {sh}, {dw}, {dh}, "{digest(out)}"}},')
    head = "static const struct {\n    int sw, sh, dw, dh;\n    const char *digest;\n} resize_vectors[] = {\n"
    (HERE / "resize_vectors.h").write_text(NOTE + head + "\n".join(lines) + "\n};\n")


# The four ways to fit a picture, as each family's own code calls OpenCV.

def fit_ultralytics(img, width, height):
    h, w = img.shape[:2]
    r = min(height / h, width / w)
    nw, nh = int(round(w * r)), int(round(h * r))
    dw, dh = (width - nw) / 2, (height - nh) / 2
    top, left = int(round(dh - 0.1)), int(round(dw - 0.1))
    out = np.full((height, width, 3), 114, np.uint8)
    out[top:top + nh, left:left + nw] = cv2.resize(img, (nw, nh), interpolation=cv2.INTER_LINEAR)
    return out, (r, r, left, top)


def fit_yolov5_val(img, width, height):
    """load_image() of its dataset, then letterbox(), for a square input."""
    h, w = img.shape[:2]
    r = min(height / h, width / w)
    nw, nh = min(math.ceil(w * r), width), min(math.ceil(h * r), height)
    dw, dh = (width - nw) / 2, (height - nh) / 2
    top, left = int(round(dh - 0.1)), int(round(dw - 0.1))
    out = np.full((height, width, 3), 114, np.uint8)
    filter_ = cv2.INTER_AREA if r < 1 else cv2.INTER_LINEAR
    out[top:top + nh, left:left + nw] = cv2.resize(img, (nw, nh), interpolation=filter_) if r != 1 else img
    return out, (r, r, left, top)


def fit_yolox(img, width, height):
    h, w = img.shape[:2]
    r = min(height / h, width / w)
    nw, nh = int(w * r), int(h * r)
    out = np.full((height, width, 3), 114, np.uint8)
    out[:nh, :nw] = cv2.resize(img, (nw, nh), interpolation=cv2.INTER_LINEAR)
    return out, (r, r, 0, 0)


def fit_stretch(img, width, height):
    h, w = img.shape[:2]
    out = cv2.resize(img, (width, height), interpolation=cv2.INTER_LINEAR)
    return out, (width / w, height / h, 0, 0)


def fit_cubic(img, width, height):
    h, w = img.shape[:2]
    out = cv2.resize(img, (width, height), interpolation=cv2.INTER_CUBIC)
    return out, (width / w, height / h, 0, 0)


def fit_nanodet(img, width, height):
    h, w = img.shape[:2]
    to_origin, scale, to_centre = np.eye(3), np.eye(3), np.eye(3)
    to_origin[:2, 2] = -w / 2, -h / 2
    scale[0, 0] = scale[1, 1] = height / h if w / h < width / height else width / w
    to_centre[:2, 2] = 0.5 * width, 0.5 * height
    m = to_centre @ scale @ to_origin
    return cv2.warpAffine(img, m[:2], dsize=(width, height)), (m[0, 0], m[1, 1], m[0, 2], m[1, 2])


FITS = {"ultralytics": fit_ultralytics, "yolov5-val": fit_yolov5_val, "ppyoloe": fit_cubic, "yolox": fit_yolox, "picodet": fit_stretch,
        "nanodet": fit_nanodet}


def fit_vectors():
    rng = random.Random(2)
    inputs = [(640, 640), (416, 416), (320, 192), (96, 160)]
    images = [(640, 480), (480, 640), (333, 500), (640, 640), (427, 640), (53, 401), (1280, 720)]
    images += [(rng.randint(20, 700), rng.randint(20, 700)) for _ in range(18)]
    lines = []
    for seed, (w, h) in enumerate(images):
        width, height = inputs[seed % len(inputs)]
        for name, fit in FITS.items():
            out, place = fit(noise(w, h, seed), width, height)
            values = ", ".join(float(v).hex() for v in place)
            lines.append(f'{{"{name}", {w}, {h}, {width}, {height}, {seed}, {{{values}}}, '
                         f'"{digest(out)}"}},')
    head = ("static const struct {\n    const char *preprocess;\n    int w, h, width, height, seed;\n"
            "    double placement[4];\n    const char *digest;\n} fit_vectors[] = {\n")
    (HERE / "fit_vectors.h").write_text(NOTE + head + "\n".join(lines) + "\n};\n")


def image_files():
    """Name and bytes of one small file a kind."""
    def save(img, kind, **options):
        buffer = io.BytesIO()
        img.save(buffer, kind, **options)
        return buffer.getvalue()

    rgb = Image.fromarray(noise(4, 3, 7)).resize((19, 13), Image.BICUBIC)
    rgba = rgb.convert("RGBA")
    rgba.putalpha(Image.fromarray(noise(19, 13, 9)[:, :, 0]))
    yield "jpeg_420", save(rgb, "JPEG", quality=90, subsampling=2)
    yield "jpeg_422_progressive", save(rgb, "JPEG", quality=60, subsampling=1, progressive=True)
    yield "jpeg_444", save(rgb, "JPEG", quality=90, subsampling=0)
    yield "jpeg_grey", save(rgb.convert("L"), "JPEG")
    yield "jpeg_cmyk", save(rgb.convert("CMYK"), "JPEG")
    yield "jpeg_rgb", save(rgb, "JPEG", keep_rgb=True)
    yield "png_rgb", save(rgb, "PNG")
    yield "png_rgba", save(rgba, "PNG")
    yield "png_palette", save(rgb.quantize(16), "PNG", bits=4)
    yield "png_grey16", cv2.imencode(".png", noise(19, 13, 3)[:, :, 0].astype(np.uint16) * 257 - 1)[1].tobytes()
    yield "bmp", save(rgb, "BMP")
    yield "gif", save(rgb.quantize(8), "GIF")
    yield "ppm", save(rgb, "PPM")


def read_rgb(data):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1]


def exif(orientation):
    entry = b"\x12\x01\x03\x00\x01\x00\x00\x00" + bytes([orientation, 0, 0, 0])
    body = b"Exif\0\0II*\0\x08\0\0\0\x01\0" + entry + b"\0\0\0\0"
    return b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body


def png_bomb():
    """One pixel by its header, 10 MB when it is unpacked."""
    def chunk(kind, body):
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")
    header = (1).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(10 << 20), 9))
            + chunk(b"IEND", b""))


def image_vectors():
    text, table, turned = NOTE, "", ""
    corpus = HERE.parent / "fuzz" / "corpus" / "image"
    (corpus / "png_bomb").write_bytes(png_bomb())
    for name, data in image_files():
        (corpus / name).write_bytes(data)
        rows = [", ".join(str(b) for b in data[i:i + 24]) for i in range(0, len(data), 24)]
        text += f"static const unsigned char {name}[] = {{\n    " + ",\n    ".join(rows) + "};\n"
        if name == "gif":  # OpenCV reads GIF only since 4.11
            rgb = np.array(Image.open(io.BytesIO(data)).convert("RGB"))
        else:
            rgb = read_rgb(data)
        table += f'{{"{name}", {name}, sizeof {name}, "{digest(rgb)}"}},\n'
        if name == "jpeg_420":
            (corpus / "jpeg_turned").write_bytes(data[:2] + exif(6) + data[2:])
            for o in range(1, 9):
                turned += f'"{digest(read_rgb(data[:2] + exif(o) + data[2:]))}",\n'
    text += ("static const struct {\n    const char *name;\n    const unsigned char *data;\n    "
             "size_t size;\n    const char *digest;\n} image_vectors[] = {\n" + table + "};\n"
             "/* jpeg_420 with EXIF orientation 1..8 */\n"
             "static const char *const turned_vectors[8] = {\n" + turned + "};\n")
    (HERE / "image_vectors.h").write_text(text)


def shared_vectors(folder):
    lines = []
    for path in sorted(folder.glob("*/*.jpg")):
        rgb = cv2.imread(str(path))[:, :, ::-1].copy()
        row = [digest(rgb), digest(fit_ultralytics(rgb, 640, 640)[0]),
               digest(fit_yolox(rgb, 416, 416)[0]), digest(fit_nanodet(rgb, 320, 320)[0])]
        name = path.relative_to(folder)
        lines.append(f'{{"{name}", ' + ", ".join(f'"{d}"' for d in row) + "},")
    head = ("/* The picture itself, ultralytics at 640, yolox at 416, nanodet at 320. */\n"
            "static const struct {\n    const char *file, *decoded, *ultralytics, *yolox, *nanodet;\n"
            "} shared_vectors[] = {\n")
    (HERE / "shared_vectors.h").write_text(NOTE + head + "\n".join(lines) + "\n};\n")


if __name__ == "__main__":
    resize_vectors()
    filter_vectors()
    fit_vectors()
    image_vectors()
    if len(sys.argv) > 1:
        shared_vectors(pathlib.Path(sys.argv[1]))
