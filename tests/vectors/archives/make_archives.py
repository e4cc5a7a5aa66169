#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes the archives in this directory: good ones by every format, and what must be refused."""
import bz2
import gzip
import io
import lzma
import subprocess
import tarfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
MEMBERS = [("bin/", None), ("bin/at/", None), ("bin/at/user1.bin", b"first user image"),
           ("bin/boot.bin", b"boot loader"), ("bin/empty.bin", b"")]
MEGABYTE = 1 << 20


def make_zip(members, compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression, compresslevel=9) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = compression
            archive.writestr(info, data or b"")
    return out.getvalue()


def make_tar(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            if data is None:
                info.type = tarfile.DIRTYPE
            elif isinstance(data, str):
                info.type, info.linkname = (tarfile.SYMTYPE, data[1:]) if data[0] == "@" else (tarfile.LNKTYPE, data)
            else:
                info.size = len(data)
            archive.addfile(info, io.BytesIO(data) if isinstance(data, bytes) else None)
    return out.getvalue()


def make_tool(prefix):
    """A program and its text, below a directory of their own: with modes, and a directory that is not named."""
    return [(prefix + "tool-1.0/", None, 0o755), (prefix + "tool-1.0/bin/", None, 0o755),
            (prefix + "tool-1.0/bin/run", b"#!/bin/sh\n", 0o755), (prefix + "tool-1.0/share/read me.txt", b"text\n", 0o640)]


def make_tar_with_modes(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data, mode in members:
            info = tarfile.TarInfo(name)
            info.type, info.mode, info.size = (tarfile.DIRTYPE if data is None else tarfile.REGTYPE), mode, len(data or b"")
            archive.addfile(info, io.BytesIO(data or b""))
    return out.getvalue()


def make_zip_with_modes(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data, mode in members:
            info = zipfile.ZipInfo(name)
            info.create_system = 3  # Unix
            info.external_attr = ((0o040000 if data is None else 0o100000) | mode) << 16
            archive.writestr(info, data or b"")
    return out.getvalue()


def encrypted(archive):
    """The flag of an encrypted member, in the local header and in the directory."""
    data = bytearray(archive)
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def zeros(count):
    return gzip.compress(bytes(count), 9, mtime=0)


def head(name, size, kind, magic=b"ustar\00000"):
    """A tar head."""
    block = bytearray(tarfile.TarInfo(name).tobuf(tarfile.USTAR_FORMAT))
    block[124:136] = b"%011o\0" % size
    block[156:157] = kind
    block[257:265] = magic
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def filled(data):
    return data + bytes(-len(data) % 512)


def sparse_map(entries):
    """A file with a map of `entries` places where nothing is (GNU's format 1.0, the map before the content)."""
    keys = b"".join(b"%d GNU.sparse.%s\n" % (len(key) + 15, key) for key in (b"major=1", b"minor=0", b"name=a.bin"))
    body = filled(b"%d\n" % entries + b"0\n0\n" * entries)
    return head("head", len(keys), b"x") + filled(keys) + head("a.bin", len(body), b"0") + body + bytes(1024)


def devices(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, kind in members:
            info = tarfile.TarInfo(name)
            info.type, info.devmajor, info.devminor = kind, 1, 5
            archive.addfile(info)
    return out.getvalue()


def zstd(data):
    return subprocess.run(["zstd", "-q", "-19", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout


def main():
    tar = make_tar(MEMBERS)
    one = gzip.compress(b"the one content", 9, mtime=0)
    wrong = bytearray(one)
    wrong[-6] ^= 1
    a = [("a.bin", b"A")]
    files = {
        "good.zip": make_zip(MEMBERS),
        "good-stored.zip": make_zip(MEMBERS, zipfile.ZIP_STORED),
        "good.tar": tar,
        "good-dot-names.tar": make_tar([("./" + name, data) for name, data in MEMBERS]),
        "good.tar.gz": gzip.compress(tar, 9, mtime=0),
        "good.tar.bz2": bz2.compress(tar),
        "good.tar.xz": lzma.compress(tar),
        "good.tar.zst": zstd(tar),
        "good.gz": one,
        "good-with-name.gz": one[:3] + b"\x08" + one[4:10] + b"firmware.bin\0" + one[10:],
        "dot-dot.zip": make_zip([("../a.bin", b"A")] + a),
        "dot-dot.tar": make_tar(a + [("x/../../a.bin", b"A")]),
        "absolute.zip": make_zip([("/etc/a.bin", b"A")] + a),
        "absolute.tar": make_tar(a + [("/etc/a.bin", b"A")]),
        "twice.zip": make_zip(a + [("a.bin", b"B")]),
        "twice.tar": make_tar(a + [("a.bin", b"B")]),
        "encrypted.zip": encrypted(make_zip(a)),
        "link.tar": make_tar([("a.bin", b"A"), ("link.bin", "@a.bin"), ("hard.bin", "a.bin")]),
        "trailing.gz": one + b"more data",
        "bomb.gz": zeros(65 * MEGABYTE),
        "bomb.zip": make_zip([("a.bin", bytes(17 * MEGABYTE))]),
        "large.gz": zeros(16 * MEGABYTE + 1),
        "long-name.tar": make_tar(a + [("d/" + "n" * 598, b"")]),
        "many.zip": make_zip([(f"{n:x}", b"") for n in range(4096)] + a, zipfile.ZIP_STORED),
        "wrong-crc.gz": bytes(wrong),
        "two-members.gz": one + one,
        "packed-twice.gz": gzip.compress(one, 9, mtime=0),
        "bad-header.bz2": b"BZhx" + bz2.compress(b"content")[4:],
    }
    files |= {
        "sparse-map.tar.zst": zstd(sparse_map(2_000_000)),
        "sparse-old.tar": head("a.bin", 0, b"S", b"ustar  \0") + bytes(1024),
        "devices.tar": devices([("a.bin", tarfile.CHRTYPE), ("b.bin", tarfile.BLKTYPE), ("c.bin", tarfile.FIFOTYPE)]),
        "huge-size.tar": head("a.bin", 8 ** 11 - 1, b"0") + filled(b"A") + bytes(1024),
        "huge-name.tar": head("././@LongLink", 8 ** 11 - 1, b"L") + filled(b"A") + bytes(1024),
        "huge-head.tar": head("head", 8 ** 11 - 1, b"x") + filled(b"A") + bytes(1024),
        "bomb.tar.zst": zstd(head("a.bin", 65 * MEGABYTE, b"0") + bytes(65 * MEGABYTE + 1024)),
        "bomb.tar.xz": lzma.compress(head("a.bin", 65 * MEGABYTE, b"0") + bytes(65 * MEGABYTE + 1024)),
        "bomb.tar.bz2": bz2.compress(head("a.bin", 65 * MEGABYTE, b"0") + bytes(65 * MEGABYTE + 1024)),
        "large.tar.gz": gzip.compress(head("a.bin", 17 * MEGABYTE, b"0") + bytes(17 * MEGABYTE + 1024), 9, mtime=0),
    }
    tool_tar = make_tar_with_modes([("./", None, 0o755)] + make_tool("./"))
    files |= {
        "tool.tar": tool_tar,
        "tool.tar.gz": gzip.compress(tool_tar, 9, mtime=0),
        "tool.zip": make_zip_with_modes(make_tool("")),
        "setuid.tar": make_tar_with_modes([("run", b"#!/bin/sh\n", 0o6755)]),
        "below-file.tar": make_tar([("a", b"A"), ("a/b", b"B")]),
        "twice-stripped.tar": make_tar([("x/a", b"A"), ("y/a", b"B")]),
        "twice-by-dots.tar": make_tar([("x/a", b"A"), ("x/./a", b"B")]),
        "control-name.tar": make_tar([("a\x1b[2Jb", b"A")]),
        "latin1-name.tar": tarfile.TarInfo("caf\u00e9").tobuf(tarfile.USTAR_FORMAT, "latin-1") + bytes(1024),
        "bomb-of-many.zip": make_zip([(f"{n}.bin", bytes(14 * MEGABYTE)) for n in range(5)]),
    }
    for name, data in files.items():
        (HERE / name).write_bytes(data)


if __name__ == "__main__":
    main()
