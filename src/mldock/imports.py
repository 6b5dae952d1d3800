"""Imports of the project's modules, whose failures name what is missing and where to add it.

The build of an image ends with `python -m mldock.imports MODULE ...`: what the project imports is
imported there once, as a user without rights and without network.
"""

from __future__ import annotations

import argparse
import errno
import faulthandler
import importlib
import importlib.util
import os
import py_compile
import re
import signal
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryFile
from types import ModuleType
from typing import IO

from mldock.errors import ContainerError, format_error
from mldock.project import project_dir

# The packages of Debian that hold the libraries which wheels most often leave to the system.
SYSTEM_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libSM.so.6": "libsm6",
    "libX11.so.6": "libx11-6",
    "libXext.so.6": "libxext6",
    "libXrender.so.1": "libxrender1",
    "libgfortran.so.5": "libgfortran5",
    # Debian 13 calls it libglib2.0-0t64, which provides this name too.
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgomp.so.1": "libgomp1",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libodbc.so.2": "libodbc2",
    "libpq.so.5": "libpq5",
    "libsndfile.so.1": "libsndfile1",
    "libxcb.so.1": "libxcb1",
}

# The distributions whose modules have another name.
DISTRIBUTIONS = {
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
}

# These come with the driver of a machine that has a GPU, and are in no image.
DRIVER = ("libcuda.so", "libnvidia-")

# Imported by a server once it runs, whatever its model.
SERVER = (
    "gunicorn.app.wsgiapp",
    "numpy",
    "prometheus_client",
    "pydantic.json_schema",
    "tqdm",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn_worker",
)

IMAGE = Path("/app")
NOBODY = 65534


def import_module(name: str) -> ModuleType:
    """Import a module of the project.

    Raises:
        ContainerError: A shared library or a package is missing.

    """
    try:
        return importlib.import_module(name)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and f"{name}.".startswith(f"{error.name}."):
            file = f"{name.replace('.', '/')}.py"
            raise ContainerError(
                f"src/{file} is missing. Restore it, and let every user read it."
            ) from error
        if reason := explain(error):
            raise ContainerError(reason) from error
        raise


def explain(error: BaseException) -> str | None:
    """Return what is missing, who needs it and where to add it; None for any other failure."""
    if library := missing_library(error):
        place = "in the image" if project_dir() == IMAGE else "on this machine"
        return f"{library} is not {place}, and {importer(error)} needs it: {remedy(library)}."
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return None
    module = error.name.partition(".")[0]
    # A part of a package that is there is another matter: a wrong version, or a misspelt name.
    if module in sys.modules or importlib.util.find_spec(module):
        return None
    who, distribution = importer(error), DISTRIBUTIONS.get(module, module)
    own = ", or its file to src/" if who.endswith(".py") and module == distribution else ""
    return (
        f"{module} is not installed, and {who} needs it: "
        f"add {distribution} to src/requirements.txt{own}."
    )


def missing_library(error: BaseException | None) -> str | None:
    """Return the shared library that could not be loaded."""
    while error:
        # Some packages catch the failure, and raise an error of their own that quotes it.
        if found := re.search(r"([\w.+-]+\.so[.\d]*): cannot open shared object", str(error)):
            return found[1]
        error = error.__cause__ or error.__context__
    return None


def remedy(library: str) -> str:
    """Return what brings a shared library."""
    if library.startswith(DRIVER):
        return "it comes with the driver of NVIDIA, so run it with a GPU (--gpus all)"
    package, hint = SYSTEM_PACKAGES.get(library, ""), ""
    if not package:
        # Debian's rule for the names of packages, which not every library follows.
        name, _, version = library.lower().partition(".so")
        dash = "-" if name[-1].isdigit() else ""
        guess = f"; often {name}{dash}{version[1:]}" if version else ""
        package, hint = "the package that holds it", f" (apt-file search {library}{guess})"
    if project_dir() == IMAGE:
        return f"add {package} to src/apt.txt{hint}"
    return f"install {package}{hint}, and add it to src/apt.txt for the image"


def importer(error: BaseException) -> str:
    """Return the package, or the file of the project, whose import failed."""
    files = [frame.filename for frame in foreign_frames(error)]
    # An extension module that fails to load has no frame of its own.
    files.append(getattr(error, "path", None) or "")
    for file in map(Path, reversed(files)):
        if "site-packages" in file.parts:
            return file.parts[file.parts.index("site-packages") + 1].partition(".")[0]
        if file.is_relative_to(project_dir()):
            return file.relative_to(project_dir()).as_posix()
    return "the project"


def foreign_frames(error: BaseException) -> list[traceback.FrameSummary]:
    """Return where an import failed, without the frames of the import itself."""
    return [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename != __file__ and "importlib" not in frame.filename
    ]


def main() -> int:
    """Import modules in a process without rights, and keep the bytecode of a server's."""
    parser = argparse.ArgumentParser("mldock.imports", description=main.__doc__)
    parser.add_argument("modules", nargs="*", help="modules to import")
    parser.add_argument("--server", nargs="+", default=[], help="modules of the server (none)")
    arguments = parser.parse_args()
    with TemporaryFile("w+") as imported:
        if not (child := os.fork()):
            os._exit(run_imports(arguments.modules, arguments.server, imported))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code < 0:
            killer = signal.Signals(-code).name
            told = "A library does not run on this processor, or with another one of those above."
            print(f"The import was killed by {killer}. {told}", file=sys.stderr)
            return 1
        imported.seek(0)
        if code == 0 and arguments.server:
            write_bytecode(Path(line) for line in imported.read().splitlines())
    return code


def run_imports(modules: list[str], server: list[str], imported: IO[str]) -> int:
    """Import all, list the files that a server needs, and return the exit code."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    faulthandler.enable()
    sys.dont_write_bytecode = True
    sys.addaudithook(refuse_network)
    try:
        for name in [*server, *(SERVER if server else ())]:
            try_import(name)
        for module in list(sys.modules.values()):
            imported.write(f"{getattr(module, '__file__', None)}\n")
        for name in modules:
            try_import(name)
    except ContainerError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        for file in (imported, sys.stdout, sys.stderr):
            file.flush()
    return 0


def refuse_network(event: str, arguments: tuple[object, ...]) -> None:
    """Fail as a machine without network does, so that no image needs one to be imported."""
    if event == "socket.connect" and not isinstance(arguments[1], str | bytes):
        raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))


def try_import(name: str) -> None:
    """Import a module; ContainerError says what is missing, or shows where it failed."""
    try:
        import_module(name)
    except (Exception, SystemExit) as error:
        library = missing_library(error)
        if library and library.startswith(DRIVER):
            print(f"{name} is not imported here: {format_error(error)}")
            return
        if isinstance(error, ContainerError):
            raise
        frames, src = foreign_frames(error), project_dir() / "src"
        own = [frame for frame in frames if Path(frame.filename).is_relative_to(src)]
        shown = [frame for frame in frames if frame in own[-1:] or frame in frames[-2:]]
        lines = "".join([*traceback.format_list(shown), *traceback.format_exception_only(error)])
        raise ContainerError(
            f"{lines}{name} cannot be imported. What needs data, a variable, a GPU or the network "
            "belongs into a function, such as train() or load()."
        ) from error


def write_bytecode(imported: Iterable[Path]) -> None:
    """Write the bytecode of imported files of the environment, of this package and of src/.

    It knows its source by content, not by time, so that it is the same in each build.
    """
    environment, folders = Path(sys.prefix), (Path(__file__).parent, project_dir() / "src")
    files = {file for file in imported if file.is_relative_to(environment)}
    for file in sorted(files.union(*(folder.rglob("*.py") for folder in folders))):
        if file.suffix == ".py":
            mode = py_compile.PycInvalidationMode.CHECKED_HASH
            py_compile.compile(str(file), invalidation_mode=mode)


if __name__ == "__main__":
    sys.exit(main())
