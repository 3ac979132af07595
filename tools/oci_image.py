#!/usr/bin/env python3
"""oci_image: put folders and tar files together as a container image in an OCI layout.

    oci_image.py OUT --tag app:1 --layer root/ --layer app.tar,zstd --created-by 'COPY app /'
    oci_image.py OUT --base debian/:bookworm --layer app/ --tag app:2
    oci_image.py OUT --append --platform linux/arm64 --layer arm/ --tag app:1 --multi

Layers are added in the order given. SRC of --layer is a folder, or a tar file that is taken as it is; after a comma
stands the compression: gzip (level 6), gzip:9, zstd, zstd:19, none. A folder may be the upper folder of an overlay
mount: its deletions become whiteouts (image-spec layer.md). Output is reproducible: entries are sorted, times are cut
to seconds, and --mtime SECONDS sets them all.

As a module: Layout(path).add(layers, ...) does the same; Layout.layer() adds one blob.
"""

import argparse
import hashlib
import json
import os
import queue
import stat
import subprocess
import sys
import tarfile
import threading
from dataclasses import dataclass, field

OCI = "application/vnd.oci.image."
COMPRESSORS = {"gzip": ["gzip", "-n", "-6"], "zstd": ["zstd", "-q", "-3"], "none": None,
               "igzip": ["igzip", "-c", "-1"]}  # igzip: gigabytes made quickly, for benchmarks
SUFFIX = {"gzip": "+gzip", "igzip": "+gzip", "zstd": "+zstd", "none": ""}


@dataclass
class Layer:
    """One layer blob: its digests are those we computed while writing it."""

    digest: str
    diff_id: str
    size: int
    media_type: str
    created_by: str = ""
    annotations: dict = field(default_factory=dict)


class _Pipe:
    """A file to write an uncompressed tar into: hashes it, compresses it, hashes and stores the result."""

    def __init__(self, path, compression):
        kind, _, level = compression.partition(":")
        if kind not in COMPRESSORS:
            raise SystemExit(f"oci_image: unknown compression {compression}: use gzip, zstd or none")
        command = COMPRESSORS[kind]
        if command and level:
            command = command[:-1] + [f"-{level}"]
        self._diff = hashlib.sha256()
        self._blob = hashlib.sha256()
        self._out = open(path, "wb")
        self.size = 0
        self._process = self._reader = None
        if command:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self._reader = threading.Thread(target=self._drain)
            self._reader.start()
        # The hash of the plain tar runs beside the writer: hashlib releases the interpreter lock for big blocks.
        self._queue = queue.Queue(64)
        self._hasher = threading.Thread(target=self._hash)
        self._hasher.start()

    def _drain(self):
        while block := self._process.stdout.read(1 << 20):
            self._store(block)

    def _hash(self):
        while (block := self._queue.get()) is not None:
            self._diff.update(block)

    def _store(self, block):
        self._blob.update(block)
        self._out.write(block)
        self.size += len(block)

    def write(self, data):
        data = bytes(data)
        self._queue.put(data)
        if self._process:
            self._process.stdin.write(data)
        else:
            self._store(data)
        return len(data)

    def close(self):
        self._queue.put(None)
        self._hasher.join()
        if self._process:
            self._process.stdin.close()
            self._reader.join()
            if self._process.wait() != 0:
                raise SystemExit(f"oci_image: {self._process.args[0]} failed")
        self._out.close()
        return "sha256:" + self._blob.hexdigest(), "sha256:" + self._diff.hexdigest()


def _opaque(path):
    for name in ("trusted.overlay.opaque", "user.overlay.opaque"):
        try:
            if os.getxattr(path, name, follow_symlinks=False) == b"y":
                return True
        except OSError:
            pass
    return False


def tar_folder(root, out, mtime=None):
    """Writes the folder's contents as a tar to `out`; overlay deletions become `.wh.` entries; sockets are left out."""
    tar = tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT, bufsize=1 << 20)

    def whiteout(folder, name):
        info = tarfile.TarInfo(os.path.join(folder, name))
        info.mode = 0o600
        tar.addfile(info)

    def walk(folder):
        with os.scandir(os.path.join(root, folder)) as entries:
            ordered = sorted(entries, key=lambda entry: os.fsencode(entry.name))
        for entry in ordered:
            name = os.path.join(folder, entry.name)
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISCHR(status.st_mode) and status.st_rdev == 0:
                whiteout(folder, ".wh." + entry.name)
                continue
            info = tar.gettarinfo(entry.path, arcname=name)
            if info is None:  # a socket
                continue
            info.uname = info.gname = ""
            info.mtime = int(info.mtime) if mtime is None else mtime
            if info.isreg():
                with open(entry.path, "rb") as file:
                    tar.addfile(info, file)
            else:
                tar.addfile(info)
            if info.isdir():
                if _opaque(entry.path):
                    whiteout(name, ".wh..wh..opq")
                walk(name)

    walk("")
    tar.close()


class Layout:
    """An OCI image layout folder (image-spec image-layout.md). Not safe for two writers at once."""

    def __init__(self, path):
        self.path = path
        self.blobs = os.path.join(path, "blobs", "sha256")
        os.makedirs(self.blobs, exist_ok=True)
        with open(os.path.join(path, "oci-layout"), "w") as file:
            file.write('{"imageLayoutVersion":"1.0.0"}')
        self._index_path = os.path.join(path, "index.json")
        if os.path.exists(self._index_path):
            self.index = json.load(open(self._index_path))
        else:
            self.index = {"schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": []}

    def blob(self, data):
        digest = hashlib.sha256(data).hexdigest()
        with open(os.path.join(self.blobs, digest), "wb") as file:
            file.write(data)
        return "sha256:" + digest

    def read(self, digest):
        with open(os.path.join(self.blobs, digest.split(":")[1]), "rb") as file:
            return file.read()

    def layer(self, source, compression="gzip", created_by="", mtime=None):
        """Adds a layer from a folder, a tar file's path, bytes of a tar, or a function that writes one to a file."""
        temporary = os.path.join(self.blobs, f".new.{os.getpid()}")
        pipe = _Pipe(temporary, compression)
        if isinstance(source, bytes):
            pipe.write(source)
        elif callable(source):
            source(pipe)
        elif os.path.isdir(source):
            tar_folder(source, pipe, mtime)
        else:
            with open(source, "rb") as file:
                while block := file.read(1 << 20):
                    pipe.write(block)
        digest, diff_id = pipe.close()
        os.rename(temporary, os.path.join(self.blobs, digest.split(":")[1]))
        media_type = OCI + "layer.v1.tar" + SUFFIX[compression.partition(":")[0]]
        return Layer(digest, diff_id, pipe.size, media_type, created_by)

    def base(self, reference):
        """The layers and config of an image in another layout (DIR or DIR:TAG); its blobs are linked or copied here."""
        path, tag = reference, None
        if not os.path.isdir(reference):
            path, _, tag = reference.rpartition(":")
        other = Layout(path)
        found = [m for m in other.index["manifests"] if tag in (None, _tag_of(m))]
        if not found:
            raise SystemExit(f"oci_image: no image {tag} in {path}")
        manifest = json.loads(other.read(found[0]["digest"]))
        config = json.loads(other.read(manifest["config"]["digest"]))
        commands = [h.get("created_by", "") for h in config.get("history", []) if not h.get("empty_layer")]
        layers = []
        for number, (entry, diff_id) in enumerate(zip(manifest["layers"], config["rootfs"]["diff_ids"])):
            name = entry["digest"].split(":")[1]
            target = os.path.join(self.blobs, name)
            if not os.path.exists(target):
                try:
                    os.link(os.path.join(other.blobs, name), target)
                except OSError:
                    subprocess.run(["cp", os.path.join(other.blobs, name), target], check=True)
            command = commands[number] if number < len(commands) else ""
            layers.append(Layer(entry["digest"], diff_id, entry["size"], entry["mediaType"], command))
        return layers, config

    def add(self, layers, tag=None, platform="linux/amd64", config=None, labels=None, annotations=None,
            created="2025-01-01T00:00:00Z", multi=False):
        """Writes config, manifest and index entry; returns the manifest's digest. `multi` gathers the images of one
        tag under one nested index, as a registry shows a multi-platform image."""
        system, architecture, *variant = platform.split("/")
        where = {"os": system, "architecture": architecture, **({"variant": variant[0]} if variant else {})}
        runtime = dict(config or {"Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]})
        if labels:
            runtime["Labels"] = {**runtime.get("Labels", {}), **labels}
        body = {"created": created, **where, "config": runtime,
                "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
                "history": [{"created": created, "created_by": layer.created_by} for layer in layers]}
        config_bytes = json.dumps(body).encode()
        manifest = {
            "schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
            "config": {"mediaType": OCI + "config.v1+json", "digest": self.blob(config_bytes),
                       "size": len(config_bytes)},
            "layers": [{"mediaType": layer.media_type, "digest": layer.digest, "size": layer.size,
                        **({"annotations": layer.annotations} if layer.annotations else {})} for layer in layers],
            **({"annotations": annotations} if annotations else {})}
        data = json.dumps(manifest).encode()
        entry = {"mediaType": OCI + "manifest.v1+json", "digest": self.blob(data), "size": len(data),
                 "platform": where}
        self._enter(entry, tag, multi)
        return entry["digest"]

    def _enter(self, entry, tag, multi):
        manifests = self.index["manifests"]
        old = next((m for m in manifests if tag and _tag_of(m) == tag), None)
        if old:
            manifests.remove(old)
        if multi:
            inner = {"schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": []}
            if old and old["mediaType"].endswith("index.v1+json"):
                inner = json.loads(self.read(old["digest"]))
            elif old:
                inner["manifests"].append({k: v for k, v in old.items() if k != "annotations"})
            inner["manifests"].append(entry)
            data = json.dumps(inner).encode()
            entry = {"mediaType": inner["mediaType"], "digest": self.blob(data), "size": len(data)}
        if tag:
            entry = {**entry, "annotations": {OCI_REF: tag}}
        manifests.append(entry)
        with open(self._index_path, "w") as file:
            json.dump(self.index, file)


OCI_REF = "org.opencontainers.image.ref.name"


def _tag_of(entry):
    return entry.get("annotations", {}).get(OCI_REF)


def _pairs(items):
    return dict(item.split("=", 1) for item in items)


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", help="the OCI layout folder to write")
    parser.add_argument("--layer", action="append", default=[], metavar="SRC[,COMPRESSION]")
    parser.add_argument("--created-by", action="append", default=[], help="history text of the layers, in order")
    parser.add_argument("--base", metavar="DIR[:TAG]", help="start with the layers and config of another image")
    parser.add_argument("--tag")
    parser.add_argument("--platform", default="linux/amd64")
    parser.add_argument("--config", metavar="JSON", help="the config object: Env, User, Entrypoint...")
    parser.add_argument("--label", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--annotation", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--created", default="2025-01-01T00:00:00Z")
    parser.add_argument("--mtime", type=int)
    parser.add_argument("--append", action="store_true", help="keep the images that OUT holds")
    parser.add_argument("--multi", action="store_true", help="gather images of one tag under a nested index")
    options = parser.parse_args(arguments)

    index = os.path.join(options.out, "index.json")
    if not options.append and os.path.exists(index):
        os.unlink(index)
    layout = Layout(options.out)
    layers, config = layout.base(options.base) if options.base else ([], {})
    for number, text in enumerate(options.layer):
        source, comma, compression = text.rpartition(",")
        if not comma:
            source, compression = text, "gzip"
        if not os.path.exists(source):
            raise SystemExit(f"oci_image: {source} does not exist")
        command = options.created_by[number] if number < len(options.created_by) else f"COPY {source} /"
        layers.append(layout.layer(source, compression, command, options.mtime))
    runtime = {**(config.get("config") or {}), **(json.loads(options.config) if options.config else {})}
    digest = layout.add(layers, options.tag, options.platform, runtime or None, _pairs(options.label),
                        _pairs(options.annotation), options.created, options.multi)
    print(digest)


if __name__ == "__main__":
    main(sys.argv[1:])
