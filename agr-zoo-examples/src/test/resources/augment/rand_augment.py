"""Writes rand-augment.txt: what Pillow makes of a made-up image, by timm's operations and levels.

python3 rand_augment.py > rand-augment.txt      (Pillow 9.4.0)
"""
import base64
from PIL import Image, ImageEnhance, ImageOps

WIDTH, HEIGHT, FILL = 20, 16, (124, 116, 104)
BICUBIC = dict(resample=Image.BICUBIC, fillcolor=FILL)


def image():
    state, planes = 12345, []
    for c in range(3):
        plane = bytearray()
        for y in range(HEIGHT):
            for x in range(WIDTH):
                state = (state * 1103515245 + 12345) & 0x7FFFFFFF
                plane.append(20 + (7 * x + 5 * y + 40 * c) % 150 + (state >> 16) % 60)
        planes.append(Image.frombytes("L", (WIDTH, HEIGHT), bytes(plane)))
    return Image.merge("RGB", planes)


def affine(i, *map):
    return i.transform(i.size, Image.AFFINE, map, **BICUBIC)


def solarize_add(i, add):
    return i.point([min(255, v + add) if v < 128 else v for v in range(256)] * 3)


def factor(signed):
    return max(0.1, 1 + signed)


UNSIGNED = {
    "AUTO_CONTRAST": lambda i, l: ImageOps.autocontrast(i),
    "EQUALIZE": lambda i, l: ImageOps.equalize(i),
    "INVERT": lambda i, l: ImageOps.invert(i),
    "POSTERIZE": lambda i, l: ImageOps.posterize(i, 4 - int(l / 10 * 4)),
    "SOLARIZE": lambda i, l: ImageOps.solarize(i, 256 - int(l / 10 * 256)),
    "SOLARIZE_ADD": lambda i, l: solarize_add(i, int(l / 10 * 110)),
}
SIGNED = {
    "ROTATE": lambda i, l: i.rotate(l / 10 * 30, **BICUBIC),
    "COLOR": lambda i, l: ImageEnhance.Color(i).enhance(factor(l / 10 * 0.9)),
    "CONTRAST": lambda i, l: ImageEnhance.Contrast(i).enhance(factor(l / 10 * 0.9)),
    "BRIGHTNESS": lambda i, l: ImageEnhance.Brightness(i).enhance(factor(l / 10 * 0.9)),
    "SHARPNESS": lambda i, l: ImageEnhance.Sharpness(i).enhance(factor(l / 10 * 0.9)),
    "SHEAR_X": lambda i, l: affine(i, 1, l / 10 * 0.3, 0, 0, 1, 0),
    "SHEAR_Y": lambda i, l: affine(i, 1, 0, 0, l / 10 * 0.3, 1, 0),
    "TRANSLATE_X": lambda i, l: affine(i, 1, 0, l / 10 * 0.45 * WIDTH, 0, 1, 0),
    "TRANSLATE_Y": lambda i, l: affine(i, 1, 0, 0, 0, 1, l / 10 * 0.45 * HEIGHT),
}


def line(name, level, negated, out):
    planes = b"".join(p.tobytes() for p in out.split())
    print(name, level, str(negated).lower(), base64.b64encode(planes).decode())


start = image()
for level in (2.6, 8.7, 10.0):
    for name, op in UNSIGNED.items():
        line(name, level, False, op(start, level))
    for name, op in SIGNED.items():
        line(name, level, False, op(start, level))
        line(name, level, True, op(start, -level))
