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


def encrypted(archive):
    """The flag of an encrypted member, in the local header and in the directory."""
    data = bytearray(archive)
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def zeros(count):
    return gzip.compress(bytes(count), 9, mtime=0)


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
        "good.tar.zst": subprocess.run(["zstd", "-q", "-19", "-c"], input=tar, stdout=subprocess.PIPE, check=True).stdout,
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
    for name, data in files.items():
        (HERE / name).write_bytes(data)


if __name__ == "__main__":
    main()
